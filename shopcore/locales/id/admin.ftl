# What the shop's team reads.

command-addproduct = tambah produk
command-addstock = tambah isi: /addstock KODE
command-vouchers = lihat dan buat voucher
command-allorders = semua pesanan: /allorders, atau /allorders dengan nomornya
command-cases = yang perlu diputuskan

button-new-product = ➕ Tambah produk
button-show-product = Lihat di toko
button-create = Buat
product-ask-other-code = Yang lain tetap disimpan. Kodenya mau diganti apa? Huruf, angka, dan <code>. _ - /</code>, misalnya <code>WIN-11</code>.
product-ask-code = <b>Produk baru</b>, langkah 1 dari 6. Kodenya apa? Huruf, angka, dan <code>. _ - /</code>, misalnya <code>WIN-11</code>.
product-ask-name = Langkah 2 dari 6. Namanya apa?
product-ask-price = Langkah 3 dari 6. Harga satunya berapa, dalam { $currency }? 0 berarti gratis.
product-ask-description = Langkah 4 dari 6. Ceritakan dalam beberapa baris, atau ketik <code>-</code> untuk lewati.
product-ask-count = Langkah 5 dari 6. Ada berapa isi yang mau dijual? Ketik angkanya. Lewati kalau belum ada; tanpa isi belum bisa dibeli.
product-count-wrong = Ketik jumlahnya pakai angka, misalnya 3.
product-ask-contents = Langkah 6 dari 6. Isi { $next } dari { $most }: ketik, tempel semuanya (satu per baris), atau kirim file. Ketik <code>-</code> kalau sudah habis.
product-contents-over = Jadinya { $given } isi, padahal tadi { $most }. Yang ini belum dimasukkan.
product-ask-terms = SNK untuk pembeli? Tempel di sini, atau lewati. Dikirim bareng barangnya.
product-code = Kode: <code>{ $code }</code>
product-contents = Isi: { $count }
product-confirm = Buat sekarang?
product-created = { $name } sudah ada di toko.
product-code-unknown = Produk dengan kode itu nggak ada. Pilih dari daftar ya.
product-code-taken = Kode itu sudah dipakai produk lain.
category-name-taken = Nama itu sudah dipakai kategori lain.
price-refused = Harga itu nggak bisa dipakai. Ketik jumlah dari 0 ke atas, tanpa kata-kata.

button-add-contents = ➕ Tambah isi
button-stock-product = { $code } · { $name }
stock-pick = Isi ini untuk produk yang mana?
stock-no-products = Belum ada produk. Tambah dulu ya.
stock-ask =
    <b>{ $name }</b>: stok { $count }.
    Tempel isinya, satu per baris, atau kirim file.
stock-ask-unlimited =
    <b>{ $name }</b> dijual tanpa batas dan isinya cuma satu.
    Tempel satu baris, atau kirim file, untuk menggantinya.
stock-added = { $count } isi ditambahkan.
stock-stopped = Berhenti; { $count } isi yang sudah masuk tetap ada.
contents-none = Nggak ada yang bisa ditambahkan dari situ.
contents-too-many = Lebih dari { $max } sekaligus. Tempel lebih sedikit, atau impor file lewat programnya.
contents-too-large = Kalau digabung dengan yang tadi jadi kebesaran. Buat produknya dulu, lalu tambahkan sisanya.
contents-refused = { $count } baris ditolak, jadi nggak ada yang ditambahkan.
contents-line = Baris { $line }: { $why }
contents-more = … dan { $count } lagi.
content-twice = sama dengan baris sebelumnya
content-known = sudah ada di stok, atau pernah terjual
content-empty = kosong
content-too-long = lebih panjang dari { $max }
content-unusable = ada karakter yang nggak bisa dikirim
content-duplicate = Baris { $line } sudah ada di stok. Nggak ada yang ditambahkan.
one-content-only = Produk ini dijual tanpa batas dan isinya tepat satu. Nggak ada yang berubah.

button-vouchers = 🎟 Voucher
button-new-voucher = ➕ Voucher baru
vouchers = <b>Voucher</b>
vouchers-none = Belum ada voucher.
voucher = <code>{ $code }</code>: diskon { $discount }, sisa { $left } dari { $max }
voucher-line-ask =
    Ketik satu baris: kode, diskon, dan berapa kali, misalnya
    <code>HEMAT | 10% | 100</code> atau <code>TEMAN | 5000 | 1</code>
voucher-line-parts = Satu baris voucher ada tiga bagian, dipisah <code>|</code>: kode, diskon, dan berapa kali.
voucher-line-code = Kodenya belum bisa: { $why }
voucher-line-percent = Persennya belum kebaca, misalnya <code>10%</code> atau <code>12.5%</code>.
voucher-line-amount = Diskonnya belum bisa: { $why }
voucher-line-negative = Diskon nggak boleh di bawah nol.
voucher-line-nothing = Itu nggak memotong apa-apa. Diskon harus di atas nol.
voucher-line-over-all = Diskon paling banyak 100%.
voucher-line-uses = Berapa kalinya belum kebaca. Ketik pakai angka.
voucher-line-no-uses = Voucher paling sedikit bisa dipakai sekali.
voucher-line-too-many-uses = Kebanyakan.
voucher-made = Vouchernya siap.
voucher-code-taken = Kode itu sudah dipakai voucher lain.
voucher-terms-refused = Voucher dengan ketentuan itu nggak bisa dibuat.

button-all-orders = 📋 Semua pesanan
button-filter = Saring
all-orders = <b>Pesanan</b> ({ $which }): { $count }
all-orders-none = Belum ada pesanan ({ $which }).
all-orders-any = semua
all-orders-filter = Pesanan yang mana?
button-orders-table = 📄 Ekspor
orders-table =
    { $count } pesanan{ $count ->
        [10000] {" "}terbaru dari { $total }
       *[other] {""}
    }, bisa dibuka di Excel.
order-buyer = Dibeli { $name } ({ $at })
button-refund-order = ↩️ Kembalikan uang
refund-ask-amount = Berapa dari pesanan { $number } yang dikembalikan? Paling banyak { $left }.
refund-amount = Lebih dari nol, dan paling banyak { $left }.
refund-how = Kembalikan { $amount } dari pesanan { $number }: lewat mana?
button-refund-back = Lewat cara bayarnya
button-refund-wallet = Ke saldo
button-refund-by-hand = Saya bayar sendiri
refund-ask-reason = Kenapa? Satu baris, untuk catatan. Uangnya langsung dikembalikan setelah dijawab.
refund-ask-reason-by-hand = Kenapa? Satu baris, untuk catatan. Nanti ada pengingat untuk membayarnya.
button-refund-whole = Semuanya: { $left }
refund-line = Dikembalikan: { $amount } { $how } ({ $state })
refund-by-gateway = lewat gateway
refund-by-wallet = ke saldo
refund-by-hand = dibayar sendiri
refund-requested = diproses
refund-done = selesai
refund-failed = ditolak
refund-not-paid = Cuma pesanan yang lunas yang bisa dikembalikan.
refund-not-refundable = Gateway-nya nggak bisa mengirim balik. Masukkan ke saldo, atau bayar sendiri.

button-cases = ⚖️ Perlu diputuskan
button-case = Lihat
button-a-case = { $at } · { $why }
button-credit = Masukkan ke saldo pelanggan
button-refund = Minta gateway mengirim balik
button-deliver = Kirim saja barangnya
button-close = Tutup, sudah beres di luar
cases = <b>Yang perlu diputuskan</b> ({ $count })
cases-none = Nggak ada yang perlu diputuskan. 🎉
case = <b>{ $why }</b>: { $state }
case-opened = Sejak { $at }
case-payment = Pembayaran: { $amount } lewat { $gateway }, referensi <code>{ $reference }</code>
case-order = Pesanan: { $number }
case-customer = Pelanggan: { $at }
case-late-payment = Telat bayar
case-unknown-reference = Pembayaran dengan referensi nggak dikenal
case-unknown-gateway = Pembayaran dari gateway nggak dikenal
case-wrong-currency = Pembayaran dalam mata uang lain
case-unsettled = Pembayaran yang nggak bisa dibukukan
case-delivery-refused = Barang yang nggak bisa dikirim
case-proof = Pelanggan mengirim bukti bayar
case-accepted = diterima
button-proof = 📎 Lihat buktinya
button-accept-proof = ✅ Uangnya masuk
button-decline-proof = ✕ Uangnya nggak ada
button-paid-out = ✅ Sudah saya bayar
case-proof-charge = Cari <b>{ $amount }</b> lewat { $gateway }, referensi <code>{ $reference }</code>
case-payout = Pengembalian yang harus dibayar sendiri
case-payout-amount = Yang dibayar: <b>{ $amount }</b>
case-not-in-statement = Pembayaran ini nggak ada di laporan gateway
case-other-in-statement = Jumlah di laporan gateway berbeda
case-open = terbuka
case-credited = masuk ke saldo
case-delivered = terkirim
case-closed = ditutup
case-ask-reason = Kenapa ditutup? Satu baris, untuk catatan.
case-ask-reason-proof = Kenapa nggak dipercaya? Satu baris; pelanggan akan membacanya.
case-ask-reason-payout = Dibayar lewat apa? Satu baris, untuk catatan, misalnya nomor referensi bank.
case-decided = Sudah diputuskan orang lain.
case-no-payment = Nggak ada pembayaran yang bisa dimasukkan ke saldo.
case-no-customer = Belum ketahuan ini uang siapa. Cari tahu dulu, lalu tutup dengan alasannya.
case-foreign-currency = Pembayarannya dalam mata uang yang nggak ada di saldo. Kembalikan uangnya, lalu tutup dengan alasannya.
case-not-refundable = Gateway-nya nggak bisa mengirim balik. Kembalikan sendiri, lalu tutup dengan alasannya.
case-not-deliverable = Nggak ada pesanan yang bisa dikirim. Masukkan ke saldo, atau tutup.
