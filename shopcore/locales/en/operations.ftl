# Audit, checks, backups and alerts.

button-audit = 🕵️ Audit
command-audit = who did what: /audit, or /audit and an order's number, a code or a word
audit-title = 🕵️ <b>Who did what</b>, the latest first
audit-none = Nothing fits.
audit-line = <b>{ $at }</b> { $who } { $name }
    { $what } { $which }: <b>{ $action }</b>
audit-ask = What are you looking for? An order's number, the code of a product or a voucher, or a word of what was done, such as <code>refunded</code>.
audit-who = Whose deeds?
audit-what = About what?
audit-when = Since when?
audit-anyone = anyone
audit-anything = anything
audit-ever = all the time
audit-days = { $days ->
    [one] the last day
   *[other] the last { $days } days
}
audit-jobs = job
audit-gateways = gateway
button-audit-who = 👤 Who
button-audit-what = 📦 What
button-audit-when = 🕓 When
button-audit-older = ⬇️ Older
button-search-audit = 🔍 Search
button-audit-all = ↩️ Everything
kind-shop = shop
kind-category = category
kind-product = product
kind-voucher = voucher
kind-order = order
kind-invoice = invoice
kind-payment = payment
kind-customer = customer
kind-case = review case
kind-refund = refund
