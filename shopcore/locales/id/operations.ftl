# Audit, checks, backups and alerts.

button-audit = 🕵️ Jejak
command-audit = siapa melakukan apa: /audit, bisa juga /audit lalu nomor pesanan, kode, atau kata
audit-title = 🕵️ <b>Siapa melakukan apa</b>, yang terbaru di atas
audit-none = Nggak ada yang cocok.
audit-line = <b>{ $at }</b> { $who } { $name }
    { $what } { $which }: <b>{ $action }</b>
audit-ask = Cari apa? Nomor pesanan, kode produk atau voucher, atau kata dari kejadiannya, misalnya <code>refunded</code>.
audit-who = Siapa pelakunya?
audit-what = Tentang apa?
audit-when = Sejak kapan?
audit-anyone = siapa saja
audit-anything = apa saja
audit-ever = sejak awal
audit-days = { $days ->
   *[other] { $days } hari terakhir
}
audit-jobs = otomatis
audit-gateways = gateway
button-audit-who = 👤 Siapa
button-audit-what = 📦 Apa
button-audit-when = 🕓 Kapan
button-audit-older = ⬇️ Lebih lama
button-search-audit = 🔍 Cari
button-audit-all = ↩️ Semuanya
kind-shop = toko
kind-category = kategori
kind-product = produk
kind-voucher = voucher
kind-order = pesanan
kind-invoice = tagihan
kind-payment = pembayaran
kind-customer = pelanggan
kind-case = kasus tinjauan
kind-refund = refund
