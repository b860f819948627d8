# The cart, vouchers, and paying.

command-cart = lihat keranjang
button-cart = 🛒 Keranjang

cart = <b>Keranjang Kakak</b> ({ $count } produk)
cart-empty = Keranjangnya masih kosong. Yuk lihat-lihat dulu.
cart-line = { $number }. { $name } × { $quantity }, @ { $price }
cart-line-gone = { $number }. Produk yang sudah nggak ada × { $quantity }
cart-price-changed = ⚠️ Harganya tadi { $was }, sekarang { $now }.
cart-fewer = ⚠️ Sisa { $left } saja.
cart-sold-out = ⚠️ Habis.
cart-gone = ⚠️ Sudah nggak dijual.
cart-changed = Ada yang berubah sejak dimasukkan. Cek dulu, lalu setujui perubahannya atau keluarkan barangnya ya.
cart-subtotal = Subtotal: { $subtotal }
cart-discount = Voucher { $code }: −{ $discount }
cart-voucher-refused = ⚠️ Voucher { $code } nggak terpakai.
cart-total = <b>Total: { $total }</b>
cart-added = { $name } masuk keranjang.
cart-full = Keranjang muat paling banyak { $max } produk berbeda.
cart-too-many = Satu produk paling banyak { $max } di keranjang.
button-less = − no. { $number }
button-more = + no. { $number }
button-remove = ✕ no. { $number }
button-order = ✅ Pesan, { $total }
button-accept = Setujui perubahan
button-clear = Kosongkan keranjang
button-clear-yes = Ya, kosongkan
clear-sure = Yakin mau mengosongkan keranjang?
button-voucher = 🎟 Pakai voucher
button-drop-voucher = Lepas voucher
order-not-placed = Belum dipesan: cek lagi keranjangnya ya.
out-of-stock = Keduluan yang lain: { $left ->
    [0] sekarang habis.
   *[other] sisa { $left }.
}

voucher-ask = Kode vouchernya apa, Kak?
voucher-unknown = Voucher itu nggak ada. Cek ejaannya lalu coba lagi ya.
voucher-off = Voucher ini sedang dimatikan.
voucher-not-yet = Voucher ini berlaku mulai { $from }.
voucher-ended = Voucher ini berakhir { $at }.
voucher-out-of-scope = Vouchernya nggak berlaku untuk isi keranjang ini.
voucher-below-minimum = Minimal belanja { $least }.
voucher-exhausted = Vouchernya sudah habis.
voucher-used = Kakak sudah pakai sebanyak yang boleh.

invoice-order = <b>Pesanan { $number }</b>
invoice-more-lines = … dan { $count } produk lagi
invoice-deposit = <b>Isi saldo</b>
invoice-amount = Yang dibayar: <b>{ $amount }</b>
invoice-fee = termasuk biaya layanan: { $fee }
invoice-covers = untuk { $amount }
invoice-received = Sudah masuk: { $received }
invoice-reference = Referensi: <code>{ $reference }</code>
invoice-time-left = { $minutes ->
    [1] Waktu bayar kurang dari semenit lagi.
   *[other] Waktu bayar kurang dari { $minutes } menit lagi.
}
invoice-hours-left = Waktu bayar kurang dari { $hours } jam lagi.
invoice-time-over = Waktu bayarnya habis. Kalau sudah bayar, cek pembayarannya ya.
invoice-scan = Scan kodenya untuk bayar.
invoice-page = Buka halamannya untuk bayar.
invoice-transfer = Transfer tepat <b>{ $amount }</b> ke rekening ini:
invoice-bank = Bank: { $bank }
invoice-account = Nomor: <code>{ $number }</code>
button-proof-send = 📎 Sudah bayar: kirim bukti
invoice-brings-proof = Kalau sudah bayar, kirim buktinya ya. Kami cek, lalu barangnya dikirim.
proof-ask = Kirim bukti transfernya: foto atau file, boleh juga rinciannya lewat pesan.
proof-thanks = Makasih Kak. Buktinya sedang dicek, nanti dikabari. Nggak perlu bayar lagi ya.
proof-waiting = Buktinya sedang dicek. Tunggu kabar ya, nggak perlu apa-apa lagi.
proof-too-long = Kepanjangan. Kirim struknya, atau rinciannya beberapa baris saja.
proof-not-wanted = Cara bayar ini nggak perlu bukti.
invoice-holder = Nama: { $holder }
invoice-brings-goods = Barangnya langsung dikirim begitu pembayaran masuk.
invoice-brings-money = Saldo langsung bertambah begitu pembayaran masuk.
invoice-pending = Pembayarannya sedang disiapkan. Cek lagi beberapa detik lagi ya.
invoice-choose = Mau bayar pakai apa, Kak?
invoice-no-gateway = Belum ada cara bayar untuk jumlah ini. Kalau saldonya cukup, bayar pakai saldo ya.
invoice-is-paid = ✅ Lunas, makasih! Barangnya sedang dikirim.
deposit-is-paid = ✅ Lunas, makasih! Saldonya sudah masuk.
invoice-is-expired = Waktu bayarnya habis, jadi barangnya kembali ke rak.
deposit-is-expired = Waktu bayarnya habis, jadi isi saldo ini ditutup.
invoice-is-cancelled = Sudah dibatalkan. Nggak ada yang perlu dibayar.
invoice-is-failed = Pembayarannya gagal disiapkan, jadi dibatalkan. Nggak ada yang perlu dibayar; coba lagi nanti ya.
invoice-closed = Tagihan ini sudah ditutup. Jangan dibayar ya.
payment-not-yet = Pembayarannya belum masuk.
button-simulate = 🧪 Tes bayar (sandbox)
button-check = 🔄 Cek pembayaran
button-pay = Bayar
button-pay-page = Buka halaman bayar
button-pay-rest = Bayar sisanya
button-proof-again = Lihat tagihan
button-gateway = Bayar pakai { $gateway }
button-from-wallet = 👛 Bayar pakai saldo
button-cancel-order = ✕ Batalkan pesanan
button-cancel-deposit = ✕ Batalkan isi saldo
button-cancel-yes = Ya, batalkan
button-back = Nggak jadi
cancel-sure = Yakin mau dibatalkan? Kalau sudah bayar, cek pembayarannya dulu ya.
gateway-gone = Cara bayar ini sudah nggak ada.
gateway-amount = Cara bayar ini nggak menerima jumlah segitu.
gateway-refused = Layanan pembayarannya menolak. Pilih cara lain, atau coba lagi nanti ya.
gateway-unavailable = Layanan pembayarannya lagi nggak bisa dihubungi. Coba lagi sebentar; pesanannya tetap disimpan.
