# The cart, vouchers, and paying.

command-cart = see your cart
button-cart = 🛒 Cart

cart = <b>Your cart</b> ({ $count ->
    [one] one product
   *[other] { $count } products
})
cart-empty = There is nothing in your cart yet. Have a look around the shop.
cart-line = { $number }. { $name } × { $quantity }, { $price } each
cart-line-gone = { $number }. A product that is gone × { $quantity }
cart-price-changed = ⚠️ The price was { $was } and is { $now } now.
cart-fewer = ⚠️ Only { $left } left.
cart-sold-out = ⚠️ Sold out.
cart-gone = ⚠️ No longer for sale.
cart-changed = Something changed since you put it in. Please look through it and accept the changes, or take things out.
cart-subtotal = Subtotal: { $subtotal }
cart-discount = Voucher { $code }: −{ $discount }
cart-voucher-refused = ⚠️ Voucher { $code } is not applied.
cart-total = <b>Total: { $total }</b>
cart-added = { $name } is in your cart.
cart-full = A cart holds at most { $max } different products.
cart-too-many = At most { $max } of one product fit into a cart.
button-less = − no. { $number }
button-more = + no. { $number }
button-remove = ✕ no. { $number }
button-order = ✅ Order for { $total }
button-accept = Accept the changes
button-clear = Empty the cart
button-clear-yes = Yes, empty it
clear-sure = Do you really want to take everything out of your cart?
button-voucher = 🎟 Use a voucher
button-drop-voucher = Remove the voucher
order-not-placed = Not ordered yet: please look through your cart again.
out-of-stock = Someone was faster: { $left ->
    [0] it is sold out now.
    [one] only one is left.
   *[other] only { $left } are left.
}

voucher-ask = What is the code of your voucher?
voucher-unknown = There is no voucher of that code. Check the spelling and try again.
voucher-off = This voucher is switched off.
voucher-not-yet = This voucher is valid from { $from }.
voucher-ended = This voucher ended at { $at }.
voucher-out-of-scope = It doesn't apply to anything in your cart.
voucher-below-minimum = It needs a purchase of at least { $least }.
voucher-exhausted = It is used up.
voucher-used = You have used it as often as allowed.

invoice-order = <b>Order { $number }</b>
invoice-more-lines = … and { $count ->
    [one] one more product
   *[other] { $count } more products
}
invoice-deposit = <b>Deposit to your wallet</b>
invoice-amount = To pay: <b>{ $amount }</b>
invoice-fee = of which fee: { $fee }
invoice-covers = for { $amount }
invoice-received = Received so far: { $received }
invoice-reference = Reference: <code>{ $reference }</code>
invoice-time-left = { $minutes ->
    [one] Less than a minute left to pay.
   *[other] Less than { $minutes } minutes left to pay.
}
invoice-hours-left = Less than { $hours } hours left to pay.
invoice-time-over = The time to pay is over. If you have paid already, please check the payment.
invoice-scan = Scan the code to pay.
invoice-page = Open the page to pay.
invoice-transfer = Transfer exactly <b>{ $amount }</b> to this account:
invoice-bank = Bank: { $bank }
invoice-account = Number: <code>{ $number }</code>
button-proof-send = 📎 I have paid: send the proof
invoice-brings-proof = When you have paid, send us the proof. We look, and your goods come.
proof-ask = Send the proof of your transfer: the receipt as a file or picture, or its details in a message.
proof-thanks = Thank you. Somebody looks at it now, and you hear from us. There is nothing more to pay.
proof-waiting = Your proof is being looked at. Nothing else is to be done.
proof-too-long = That is too long. Send the receipt, or its details in a few lines.
proof-not-wanted = This is not paid in a way that needs a proof.
invoice-holder = Name: { $holder }
invoice-brings-goods = Your goods come by themselves once the payment arrives.
invoice-brings-money = The money is in your wallet as soon as the payment arrives.
invoice-pending = The payment is being set up. Please check again in a few seconds.
invoice-choose = How would you like to pay?
invoice-no-gateway = No way of payment takes this amount. If your wallet holds enough, you can pay from it.
invoice-is-paid = ✅ Paid, thank you. Your goods are on their way to you.
deposit-is-paid = ✅ Paid, thank you. The money is in your wallet.
invoice-is-expired = The time to pay is over, and what was kept for you went back on the shelf.
deposit-is-expired = The time to pay is over, so this deposit was closed.
invoice-is-cancelled = This was cancelled. Nothing is to be paid.
invoice-is-failed = The payment could not be set up, so this was cancelled. Nothing is to be paid; please try again later.
invoice-closed = This invoice is closed. Please don't pay it.
payment-not-yet = No payment has arrived yet.
button-simulate = 🧪 Test payment (sandbox)
button-check = 🔄 Check the payment
button-pay = Pay
button-pay-page = Open the payment page
button-pay-rest = Pay the rest
button-proof-again = See the invoice
button-gateway = Pay with { $gateway }
button-from-wallet = 👛 Pay from the wallet
button-cancel-order = ✕ Cancel the order
button-cancel-deposit = ✕ Cancel the deposit
button-cancel-yes = Yes, cancel it
button-back = No, go back
cancel-sure = Do you really want to cancel this? If you have paid already, please check the payment first.
gateway-gone = This way of payment is not offered any more.
gateway-amount = This way of payment doesn't take this amount.
gateway-refused = The payment service refused. Please choose another way to pay, or try again later.
gateway-unavailable = The payment service can't be reached right now. Please try again in a moment; your order is kept.
