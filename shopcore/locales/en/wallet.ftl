# The wallet.

command-wallet = your wallet
command-deposit = put money into your wallet: /deposit amount
button-wallet = 👛 Wallet
button-deposit = Deposit
button-history = History

wallet =
    <b>Your wallet</b>
    It holds { $balance }.
wallet-open-deposits = { $count ->
    [one] A deposit waits for its payment.
   *[other] { $count } deposits wait for their payment.
}
button-open-deposit = ⏳ Pay the deposit of { $amount }
wallet-short = Your wallet holds only { $balance }.
wallet-full = The wallet can't hold that much more.
history = <b>What happened in your wallet</b>
history-none = Nothing has moved in your wallet yet. A deposit is the way to start.
history-marks = ✅ done · ⏳ awaits payment · ❌ came to nothing · ↩️ given back
mark-done = ✅
mark-waits = ⏳
mark-failed = ❌
mark-returned = ↩️
statement = { $mark } { $at }: <b>{ $amount }</b> ({ $what })
statement-of-order = { $mark } { $at }: <b>{ $amount }</b> ({ $what }) · { $number }
statement-deposit-waits = deposit, awaits payment
statement-deposit-expired = deposit, not paid in time
statement-deposit-cancelled = deposit, cancelled
statement-deposit-failed = deposit, could not be charged
statement-payment = payment
statement-deposit = deposit
statement-excess = paid more than asked
statement-surplus = extra payment
statement-late = late payment
statement-wallet-payment = order paid
statement-leftover = part payment returned
statement-review = decided by the shop
statement-refund = an order paid back
statement-adjustment = adjusted by the shop
deposit-ask = How much would you like to deposit? From { $least } up to { $most }.
deposit-range = A deposit is between { $least } and { $most }.
deposit-too-large = That is more than can be deposited at once.
deposit-too-small = That is less than can be deposited.
deposit-from-wallet = A deposit can't be paid from the wallet.
