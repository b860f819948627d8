# Angka dan grafik.

button-statistics = 📊 Statistik
command-statistics = gimana jualannya: /statistics
period-today = hari ini
period-days = { $days ->
   *[other] { $days } hari
}
statistics = 📊 <b>Statistik { $period }</b>
statistics-none = Belum ada apa-apa di sini.
statistics-orders = 🛒 { $placed ->
   *[other] { $placed } pesanan masuk
    }: { $paid } lunas, { $expired } lewat batas, { $cancelled } batal
statistics-money = 💰 Omzet { $revenue }, dikembalikan { $refunds }, bersih <b>{ $net }</b>
statistics-more = 🎟 Diskon { $discounts } · 👛 isi saldo { $deposits } · 👤 pelanggan baru { $customers }
statistics-funnel = 👀 Dilihat: daftar { $shelves }, produk { $products }, keranjang { $carts }
statistics-products = 🏆 <b>Paling laku</b>
statistics-product = { $name }: { $units } × senilai { $revenue }
button-statistics-file = 📄 Jadi tabel (CSV)
button-chart-revenue = 📈 Omzet
button-chart-orders = 🛒 Pesanan
button-chart-funnel = 👀 Corong
button-chart-products = 🏆 Produk
chart-revenue = Omzet dalam { $currency }, { $period }
chart-orders = Pesanan, { $period }
chart-products = Produk terlaris dalam { $currency }, { $period }
chart-funnel = Dari lihat sampai bayar, { $period }
chart-nothing = Belum ada yang bisa digambar: tunggu ada yang beli, atau lihat-lihat.
chart-row-revenue = omzet
chart-row-expired = lewat batas
chart-row-cancelled = batal
funnel-shelves = lihat daftar
funnel-products = lihat produk
funnel-carts = lihat keranjang
funnel-placed = pesan
funnel-paid = lunas
