# Orders, their goods, and what customers are told about them.

command-orders = your orders: /orders, or /orders with a number
button-orders = 📦 My orders
button-an-order = { $number } · { $state } · { $total }
button-goods = 🔑 Show the goods again

orders = <b>Your orders</b> ({ $count })
orders-none = You haven't ordered anything yet. Have a look around the shop.
order = <b>Order { $number }</b>: { $state }
order-placed = Placed { $at }
order-line = { $name } × { $quantity }
order-discount = Discount: −{ $discount }
order-total = Total: { $total }
order-unknown = I can't find that order among yours.
order-without-goods = This order has no goods to show.

state-awaiting-payment = awaiting payment
state-paid = paid
state-delivered = delivered
state-cancelled = cancelled
state-expired = expired
state-refunded = refunded

goods =
    <b>Order { $number }: here you are!</b>
    You find this again under your orders.
goods-in-file = It's a long list, so it comes as a file.
goods-file = { $name }
goods-terms = <b>Terms of { $name }</b>

subject-order = order { $number } for { $total }
subject-deposit = the deposit of { $amount }
notice-expired = The time to pay { $what } is over, so it was closed. Nothing is lost: start again whenever you like. If you paid just now, the money will not be lost either.
notice-expired-admin = Not paid in time: { $what }.
notice-partial = { $received } arrived, thank you. { $rest } is still to be paid.
notice-received = { $received } arrived, thank you.
notice-under-review = Your payment of { $amount } arrived. The shop's team will look at it and come back to you.
notice-proof-declined = Your proof of payment for { $what } could not be confirmed: { $reason }
    If you did pay, please check it and send it once more.
notice-refunded = { $amount } of your order { $number } was paid back to you.
notice-webhooks-missing = Payments through { $gateway } arrive, but its webhooks don't: each is found only when the shop asks. Nothing is lost, but customers wait longer. Check that the webhook's address is set at { $gateway } and can be reached.
notice-case = A payment or delivery needs your decision.
credited-deposit = { $amount } is in your wallet.
credited-excess = You paid { $amount } more than asked; it is in your wallet.
credited-late = Your payment of { $amount } came after its invoice was closed; it is in your wallet.
credited-surplus = This was paid already. Your payment of { $amount } is in your wallet.
credited-leftover = The { $amount } you had paid towards it is in your wallet.
credited-admin = The shop put { $amount } into your wallet.
credited-refund = The shop paid { $amount } of your order back into your wallet.
