# What admins are told, and what they choose to hear.

button-notices = 🔔 Notices
command-notices = what you are told of: /notices
notices = <b>What you are told of</b>
    Press a line to switch it.
notices-loud = You are told at once, day and night.
notices-quiet = Between { $from } and { $to } it is quiet; what happens then comes in one message afterwards.
button-news-on = ✅ { $what }
button-news-off = ⬜ { $what }
button-quiet-hours = 🌙 Quiet hours
button-quiet-hours-off = ☀️ None any more
button-urgent-breaks-in = 🚨 Urgent news wake me
button-urgent-waits = 😴 Urgent news wait too
quiet-hours-ask = When shall it be quiet? For example <code>22-7</code> or <code>22:30-06:15</code>, by the shop's clock.
quiet-hours-bad = I can't read that as two times of the day.

news-new-order = New orders
news-paid = Paid orders
news-expired = Not paid in time
news-deposit = Deposits
news-odd-payment = Short, late and odd payments
news-case = Review cases
news-terms = Terms fulfilled
news-letter = Letters from customers
news-spam = Spam
news-low-stock = Low stock
news-alert = Trouble with the shop

note-order = 🛒 <b>An order</b>
note-deposit = 💰 <b>A deposit of { $amount }</b>
note-customer = 👤 { $name } ({ $at })
note-voucher = 🎟 { $code }
note-method = 💳 { $names }
note-method-own = 💳 from the wallet, or nothing to pay
note-received = { $received } of { $amount } arrived
note-until = ⏳ to be paid until { $until } ({ $minutes ->
    [one] one minute
   *[other] { $minutes } minutes
    } from now)
deposit-waiting = ⏳ awaiting payment
deposit-paid = ✅ credited
deposit-expired = ❌ not paid in time
deposit-cancelled = ❌ cancelled
deposit-failed = ❌ could not be charged
button-open-order = 📦 Open the order
button-open-customer = 👤 Open the customer

odd-order = order { $number }
odd-deposit = a deposit
odd-short = ⚠️ { $amount } came for { $what }, where { $due } is asked. The customer is asked for the rest.
odd-excess = ⚠️ { $amount } came for { $what }, more than the { $due } asked. It is settled, and the excess is in the customer's wallet.
odd-surplus = ⚠️ { $amount } came once more for { $what }. It is in the customer's wallet.
odd-late-delivered = ⚠️ { $amount } came late for { $what }. The goods were still there, and are on their way.
odd-late-credited = ⚠️ { $amount } came late for { $what }. It is in the customer's wallet.
odd-paid = ⚠️ { $amount } came for { $what }.

summary = 🌅 <b>While it was quiet</b>
summary-count = { $what }: { $count }
summary-more = … and { $count } more

alarm-gateway = 🚨 { $shop }: the gateway { $gateway } failed three times in a row. Customers may not be able to pay through it; payments that were made are not lost. The log tells why: often it is down, or its keys changed.
alarm-gateway-over = ✅ { $shop }: the gateway { $gateway } answers again.
alarm-fails = 🚨 { $shop }: the job “{ $job }” fails. It is tried again by itself; the log tells why.
alarm-late = 🚨 { $shop }: the job “{ $job }” has not been done for long. Is the shop's program running, and does its log tell of trouble?
alarm-job-over = ✅ { $shop }: the job “{ $job }” goes well again.
alarm-violated = 🚨 { $shop }: the check of all records found that invariant { $number } does not hold. Nothing is mended or lost by the check itself; <code>shopbot check</code> tells which records, and what the invariant says; <code>shopbot check --repair</code> sets right what needs no judgement.
alarm-violated-over = ✅ { $shop }: invariant { $number } holds again.
