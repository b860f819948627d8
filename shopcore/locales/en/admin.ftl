# What the shop's team reads.

command-addproduct = add a product
command-addstock = add contents: /addstock CODE
command-vouchers = see and make vouchers
command-allorders = everyone's orders: /allorders, or /allorders with a number
command-cases = what needs a decision

button-new-product = ➕ Add a product
button-show-product = See it in the shop
button-create = Create it
product-ask-other-code = Everything else is kept. Which code shall it have instead? Letters, digits and <code>. _ - /</code>, such as <code>WIN-11</code>.
product-ask-code = <b>New product</b>, step 1 of 6. What is its code? Letters, digits and <code>. _ - /</code>, such as <code>WIN-11</code>.
product-ask-name = Step 2 of 6. What is it called?
product-ask-price = Step 3 of 6. What does one cost, in { $currency }? 0 makes it a gift.
product-ask-description = Step 4 of 6. Describe it in a few lines, or type <code>-</code> to skip.
product-ask-count = Step 5 of 6. How many contents are there to sell? Type a number. Skip this if there are none yet; it can't be bought without.
product-count-wrong = Type how many in digits, such as 3.
product-ask-contents = Step 6 of 6. Content { $next } of { $most }: type it, paste all of them, one a line, or send a file. Type <code>-</code> when there are no more.
product-contents-over = That makes { $given } contents, and you said { $most }. Nothing of it was taken.
product-ask-terms = Terms of use for the buyer? Paste them, or skip. They are sent with the goods.
product-code = Code: <code>{ $code }</code>
product-contents = Contents: { $count }
product-confirm = Shall I create it?
product-created = { $name } is in the shop.
product-code-unknown = There is no product of that code. Choose one from the list.
product-code-taken = Another product has this code.
category-name-taken = Another category has this name.
price-refused = That is no price the shop can take. Type an amount from 0 up, without words.

button-add-contents = ➕ Add contents
button-stock-product = { $code } · { $name }
stock-pick = Which product do the contents belong to?
stock-no-products = There are no products yet. Add one first.
stock-ask =
    <b>{ $name }</b>: { $count } in stock.
    Paste contents, one a line, or send a file.
stock-ask-unlimited =
    <b>{ $name }</b> is sold without limit and has one content.
    Paste one line, or send a file, to replace it.
stock-added = { $count ->
    [one] One content was added.
   *[other] { $count } contents were added.
}
stock-stopped = { $count ->
    [one] Stopped; the content that was added stays.
   *[other] Stopped; the { $count } contents that were added stay.
}
contents-none = There was nothing to add in that.
contents-too-many = That is more than { $max } at once. Paste fewer, or import a file with the program.
contents-too-large = Together with what you sent before, that is too large. Create the product, then add the rest to it.
contents-refused = { $count ->
    [one] One line was refused, so nothing was added.
   *[other] { $count } lines were refused, so nothing was added.
}
contents-line = Line { $line }: { $why }
contents-more = … and { $count } more.
content-twice = the same as a line before it
content-known = already in stock, or sold before
content-empty = empty
content-too-long = longer than { $max }
content-unusable = contains characters that can't be handed over
content-duplicate = Line { $line } is in stock already. Nothing was added.
one-content-only = This product is sold without limit and takes exactly one content. Nothing was changed.

button-vouchers = 🎟 Vouchers
button-new-voucher = ➕ New voucher
vouchers = <b>Vouchers</b>
vouchers-none = There are no vouchers yet.
voucher = <code>{ $code }</code>: { $discount } off, { $left } of { $max } uses left
voucher-line-ask =
    Type one line: code, discount and number of uses, such as
    <code>SPRING | 10% | 100</code> or <code>FRIEND | 5000 | 1</code>
voucher-line-parts = A voucher's line has three parts with <code>|</code> between them: code, discount and number of uses.
voucher-line-code = The code can't be that: { $why }
voucher-line-percent = I couldn't read that as a percentage, such as <code>10%</code> or <code>12.5%</code>.
voucher-line-amount = The discount can't be that: { $why }
voucher-line-negative = A discount can't be below zero.
voucher-line-nothing = That takes nothing off. A discount is above zero.
voucher-line-over-all = A discount is at most 100%.
voucher-line-uses = I couldn't read the number of uses. Type it in digits.
voucher-line-no-uses = A voucher has at least one use.
voucher-line-too-many-uses = That is too many uses.
voucher-made = The voucher is ready.
voucher-code-taken = Another voucher has this code.
voucher-terms-refused = A voucher of these terms can't be.

button-all-orders = 📋 All orders
button-filter = Filter
all-orders = <b>Orders</b> ({ $which }): { $count }
all-orders-none = There are no orders ({ $which }).
all-orders-any = all
all-orders-filter = Which orders?
button-orders-table = 📄 Export
orders-table =
    { $count ->
        [one] One order
       *[other] { $count } orders
    }{ $count ->
        [10000] {" "}of { $total }, the newest
       *[other] {""}
    }, for a spreadsheet.
order-buyer = Bought by { $name } ({ $at })
button-refund-order = ↩️ Pay back
refund-ask-amount = How much of order { $number } is to be paid back? At most { $left }.
refund-amount = More than nothing, and at most { $left }.
refund-how = Pay { $amount } of order { $number } back: how?
button-refund-back = The way it was paid
button-refund-wallet = Into the wallet
button-refund-by-hand = I pay it out myself
refund-ask-reason = Why? One line, for the record. The money goes back as soon as you answer.
refund-ask-reason-by-hand = Why? One line, for the record. A review case then reminds you to pay it out.
button-refund-whole = All of it: { $left }
refund-line = Paid back: { $amount } { $how } ({ $state })
refund-by-gateway = by the gateway
refund-by-wallet = into the wallet
refund-by-hand = by hand
refund-requested = on its way
refund-done = done
refund-failed = refused
refund-not-paid = Only an order that is paid can be paid back.
refund-not-refundable = The gateway can't send this back. Pay it into the wallet, or yourself.

button-cases = ⚖️ Review cases
button-case = Look at it
button-a-case = { $at } · { $why }
button-credit = Credit the customer's wallet
button-refund = Have the gateway send it back
button-deliver = Deliver after all
button-close = Close, settled elsewhere
cases = <b>What needs a decision</b> ({ $count })
cases-none = Nothing needs a decision. 🎉
case = <b>{ $why }</b>: { $state }
case-opened = Since { $at }
case-payment = Payment: { $amount } by { $gateway }, reference <code>{ $reference }</code>
case-order = Order: { $number }
case-customer = Customer: { $at }
case-late-payment = Paid too late
case-unknown-reference = Payment of an unknown reference
case-unknown-gateway = Payment by an unknown gateway
case-wrong-currency = Payment in another currency
case-unsettled = Payment that could not be settled
case-delivery-refused = Goods that could not be delivered
case-proof = A customer shows that they paid
case-accepted = accepted
button-proof = 📎 See the proof
button-accept-proof = ✅ The money is there
button-decline-proof = ✕ It is not there
button-paid-out = ✅ I have paid it out
case-proof-charge = Look for <b>{ $amount }</b> by { $gateway }, reference <code>{ $reference }</code>
case-payout = A refund to pay out by hand
case-payout-amount = To pay out: <b>{ $amount }</b>
case-not-in-statement = The gateway's statement does not show this payment
case-other-in-statement = The gateway's statement shows another amount
case-open = open
case-credited = credited to the wallet
case-delivered = delivered
case-closed = closed
case-ask-reason = Why is it closed? One line, for the record.
case-ask-reason-proof = Why is it not believed? One line; the customer reads it.
case-ask-reason-payout = How was it paid out? One line, for the record, such as the bank's reference.
case-decided = Someone has decided this already.
case-no-payment = There is no payment to credit in this case.
case-no-customer = It isn't known whose money this is. Find out, and close the case with a reason.
case-foreign-currency = The payment is in a currency that wallets here don't hold. Pay it back, and close the case with a reason.
case-not-refundable = The gateway can't send this payment back. Pay it back yourself, and close the case with a reason.
case-not-deliverable = There is no order that this could deliver. Credit the money, or close the case.
