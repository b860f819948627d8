# Customers, as the team sees them.

banned-until = You can't use this shop until { $until }. Then you are welcome again.
language-name = English
command-profile = who you are here
command-language = choose a language
button-profile = 👤 Profile
button-language = 🌐 Language
language-ask = Which language shall I speak?
language-spoken = I speak English now.
profile =
    <b>Your profile</b> { $name }
    Here since { $since }
    Orders: { $orders }
    Wallet: { $balance }
    Language: { $language }
command-customers = see customers: /customers, or /customers with a name
button-customers = 👥 Customers
button-banned = 🚫 Banned
button-a-customer = { $name }
button-a-banned = 🚫 { $name }
customers = <b>Customers</b>: { $count }, newest first
customers-banned = <b>Banned customers</b>: { $count }
customers-none = There is nobody here yet.
customers-ask = Whom are you looking for? Type part of a name, or an id.
customers-found = Found { $count }, here are { $shown }.
customers-found-none = Nobody fits that. Try fewer letters.
customer =
    <b>{ $name }</b> (<code>{ $at }</code>)
    Here since { $since }
    Orders: { $orders }
    Wallet: { $balance }
customer-banned = 🚫 Banned for good
customer-banned-until = 🚫 Banned until { $until }
customer-blocked = ✉️ They blocked the bot, so they can't be written to.
customer-orders = <b>Their orders</b> ({ $count })
customer-orders-none = They haven't ordered anything yet.
button-their-orders = 📦 Their orders
button-credit-wallet = ➕ Credit the wallet
button-debit-wallet = ➖ Debit the wallet
button-ban = 🚫 Ban
button-unban = ✅ Unban
button-ban-day = for a day
button-ban-week = for a week
button-ban-month = for 30 days
button-ban-ever = for good
ban-ask-term = How long shall <b>{ $name }</b> be kept out?
ban-ask-reason = Why? One line, for the record.
ban-not-yourself = You can't ban yourself.
credit-ask = How much shall be put into the wallet of <b>{ $name }</b>? It holds { $balance }.
debit-ask = How much shall be taken out of the wallet of <b>{ $name }</b>? It holds { $balance }.
adjust-ask-reason = Why? One line, for the record.
adjust-nothing = That is nothing. Type more than zero.
wallet-holds = The wallet holds only { $balance }.
credit-confirm = Put <b>{ $amount }</b> into the wallet of <b>{ $name }</b>? Reason: { $reason }
debit-confirm = Take <b>{ $amount }</b> out of the wallet of <b>{ $name }</b>? Reason: { $reason }
button-adjust = Yes, do it

button-restock = 🔔 Tell me when it's back
button-restock-stop = 🔕 Don't tell me any more
restock-noted = You will be told once it is back.
restock-stopped = All right, you won't be told.
restock-back = 🔔 <b>{ $name }</b> is back! Be quick, others waited for it too.
button-restock-look = 🛍 Have a look

button-terms-done = ✅ Fulfilled
button-terms-of = ✅ Fulfilled: { $name }
terms-notice = 📜 <b>Terms of { $name }</b>
terms-when-done = Once you have done what they ask, press the button and send a proof.
terms-ask = Send a text or a photo that shows it. You can send one proof only; the shop's team alone sees it.
terms-thanks = Thank you! The shop's team has your proof now.
terms-sent = You have sent your proof for this already. Thank you!
terms-no-proof = There is no proof here. They are kept for 30 days.
terms-fulfilled = ✅ The terms of { $name } in order { $number } were fulfilled, the buyer says.
button-terms-proof = 🧾 See the proof
terms-proof = Proof for order { $number }:
orders-search-ask = Which order? Type its number, or part of the name of who placed it.
orders-search-none = No order and nobody fits that.
orders-search-whose = Whose orders? { $count } fit.
button-resend = 📤 Send the goods again
order-sent-again = The goods are on their way again.
button-order-history = 🕓 History
button-order-customer = 👤 Customer
order-history = <b>What happened with order { $number }</b>
order-history-line = { $at }: { $action } ({ $who })
actor-customer = customer
actor-admin = admin
actor-operator = operator
actor-job = by itself: { $name }
actor-gateway = { $name }
order-charge = Asked by { $gateway }: { $amount }, reference <code>{ $reference }</code>
order-charge-paid = Paid by { $gateway }: { $amount }, reference <code>{ $reference }</code>
order-cancel-sure = Cancel order { $number }? What is held for it goes back on the shelf, and the customer need not pay.
button-assign = 👤 It belongs to an order
case-assign-ask = Which order was this payment for? Type its number; the money goes to the wallet of who placed it.
case-assign-none = There is no order of that number.
button-calculator = 🧮 Calculator
calculator-ask-total = For how many days was it sold?
calculator-ask-used = How many of the { $total } days were used?
calculator-ask-claims = How many claims were made under warranty? 0 for none.
calculator-number = Type a number in digits that fits.
calculator-result =
    { $price } × { $left } of { $total } days × { $rate }
    Goes back: <b>{ $amount }</b>
button-calculator-use = ↩️ Pay { $amount } back
button-calculator-again = 🔁 Again
button-calculator-table = ⚙️ Table
calculator-ask-table =
    The table is <code>{ $now }</code>: days that count as early, then how much goes back after early use, after longer use, after 1–2 claims, after 3, and after more.
    Type another in the same order.
calculator-table-set = ✅ Refunds are reckoned by <code>{ $now }</code> from now on.
calculator-table-wrong = I need six numbers: days, then five percentages from 0 to 100.

button-write = ✉️ Write
write-ask = What do you want to write to <b>{ $name }</b>? It comes from the bot, in the shop's name.
written =
    ✉️ <b>From the shop:</b>
    { $words }
write-sent = ✅ Sent.
write-failed = That didn't arrive: they may have stopped the bot. Try again later, or reach them another way.
