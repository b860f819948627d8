# Orders, their goods, and what customers are told about them.

command-orders = pesanan Kakak: /orders, atau /orders dengan nomornya
button-orders = 📦 Pesananku
button-an-order = { $number } · { $state } · { $total }
button-goods = 🔑 Lihat barangnya lagi

orders = <b>Pesanan Kakak</b> ({ $count })
orders-none = Belum pernah pesan. Yuk lihat-lihat tokonya.
order = <b>Pesanan { $number }</b>: { $state }
order-placed = Dipesan { $at }
order-line = { $name } × { $quantity }
order-discount = Diskon: −{ $discount }
order-total = Total: { $total }
order-unknown = Pesanan itu nggak ketemu di pesanan Kakak.
order-without-goods = Pesanan ini nggak ada barangnya.

state-awaiting-payment = menunggu pembayaran
state-paid = lunas
state-delivered = terkirim
state-cancelled = dibatalkan
state-expired = kedaluwarsa
state-refunded = dikembalikan

goods =
    <b>Pesanan { $number }: ini barangnya!</b>
    Bisa dilihat lagi kapan saja di pesanan.
goods-in-file = Isinya panjang, jadi dikirim sebagai file.
goods-file = { $name }
goods-terms = <b>SNK { $name }</b>

subject-order = pesanan { $number } senilai { $total }
subject-deposit = isi saldo { $amount }
notice-expired = Waktu bayar { $what } sudah habis, jadi ditutup. Tenang, nggak ada yang hilang: mulai lagi kapan saja. Kalau barusan bayar, uangnya juga nggak hilang kok.
notice-expired-admin = Nggak dibayar tepat waktu: { $what }.
notice-partial = { $received } sudah masuk, makasih. Sisanya { $rest } ya.
notice-received = { $received } sudah masuk, makasih.
notice-under-review = Pembayaran { $amount } sudah masuk. Tim toko cek dulu, nanti dikabari ya.
notice-proof-declined = Bukti bayar untuk { $what } belum bisa dipastikan: { $reason }
    Kalau memang sudah bayar, cek lagi lalu kirim ulang ya.
notice-refunded = { $amount } dari pesanan { $number } sudah dikembalikan ke Kakak.
notice-webhooks-missing = Pembayaran lewat { $gateway } masuk, tapi webhook-nya nggak: baru ketahuan kalau toko bertanya. Nggak ada yang hilang, cuma pelanggan jadi lebih lama menunggu. Cek alamat webhook di { $gateway }, bisa diakses atau nggak.
notice-case = Ada pembayaran atau pengiriman yang perlu diputuskan.
credited-deposit = { $amount } sudah masuk ke saldo.
credited-excess = Kakak bayar lebih { $amount }; kelebihannya masuk ke saldo.
credited-late = Pembayaran { $amount } masuk setelah tagihannya ditutup; jadi masuk ke saldo.
credited-surplus = Ini sudah lunas tadi. Pembayaran { $amount } masuk ke saldo.
credited-leftover = { $amount } yang sudah dibayarkan masuk ke saldo.
credited-admin = Toko mengisi saldo Kakak { $amount }.
credited-refund = Toko mengembalikan { $amount } dari pesanan Kakak ke saldo.
