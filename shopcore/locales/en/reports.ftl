# Figures and charts.

button-statistics = 📊 Statistics
command-statistics = how business is going: /statistics
period-today = today
period-days = { $days ->
    [one] { $days } day
   *[other] { $days } days
}
statistics = 📊 <b>Statistics: { $period }</b>
statistics-none = Nothing happened here yet.
statistics-orders = 🛒 { $placed ->
    [one] { $placed } order placed
   *[other] { $placed } orders placed
    }: { $paid } paid, { $expired } expired, { $cancelled } cancelled
statistics-money = 💰 Revenue { $revenue }, given back { $refunds }, net <b>{ $net }</b>
statistics-more = 🎟 Discounts { $discounts } · 👛 deposits { $deposits } · 👤 new customers { $customers }
statistics-funnel = 👀 Looked at: lists { $shelves }, products { $products }, carts { $carts }
statistics-products = 🏆 <b>Sold best</b>
statistics-product = { $name }: { $units } × for { $revenue }
button-statistics-file = 📄 As a table (CSV)
button-chart-revenue = 📈 Revenue
button-chart-orders = 🛒 Orders
button-chart-funnel = 👀 Funnel
button-chart-products = 🏆 Products
chart-revenue = Revenue in { $currency }, { $period }
chart-orders = Orders, { $period }
chart-products = Best products in { $currency }, { $period }
chart-funnel = From a look to a payment, { $period }
chart-nothing = There is nothing to draw yet: it takes a sale, or a look.
chart-row-revenue = revenue
chart-row-expired = expired
chart-row-cancelled = cancelled
funnel-shelves = lists seen
funnel-products = products seen
funnel-carts = carts seen
funnel-placed = orders placed
funnel-paid = paid
