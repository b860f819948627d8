# Customers, as the team sees them.

banned-until = Kakak belum bisa belanja di sini sampai { $until }. Setelah itu, yuk mampir lagi ya 🙏
language-name = Bahasa Indonesia
command-profile = profil Kakak
command-language = pilih bahasa
button-profile = 👤 Profil
button-language = 🌐 Bahasa
language-ask = Mau pakai bahasa apa, Kak?
language-spoken = Siap, sekarang pakai Bahasa Indonesia ya.
profile =
    <b>Profil Kakak</b> { $name }
    Gabung sejak { $since }
    Pesanan: { $orders }
    Saldo: { $balance }
    Bahasa: { $language }
command-customers = lihat pelanggan: /customers, atau /customers dengan namanya
button-customers = 👥 Pelanggan
button-banned = 🚫 Diblokir
button-a-customer = { $name }
button-a-banned = 🚫 { $name }
customers = <b>Pelanggan</b>: { $count }, terbaru dulu
customers-banned = <b>Pelanggan yang diblokir</b>: { $count }
customers-none = Belum ada siapa-siapa.
customers-ask = Cari siapa? Ketik sebagian nama, atau ID-nya.
customers-found = Ketemu { $count }, ini { $shown } di antaranya.
customers-found-none = Belum ketemu. Coba lebih pendek ya.
customer =
    <b>{ $name }</b> (<code>{ $at }</code>)
    Gabung sejak { $since }
    Pesanan: { $orders }
    Saldo: { $balance }
customer-banned = 🚫 Diblokir permanen
customer-banned-until = 🚫 Diblokir sampai { $until }
customer-blocked = ✉️ Bot-nya diblokir, jadi nggak bisa dikirimi pesan.
customer-orders = <b>Pesanannya</b> ({ $count })
customer-orders-none = Belum pernah pesan.
button-their-orders = 📦 Pesanannya
button-credit-wallet = ➕ Tambah saldo
button-debit-wallet = ➖ Kurangi saldo
button-ban = 🚫 Blokir
button-unban = ✅ Buka blokir
button-ban-day = sehari
button-ban-week = seminggu
button-ban-month = 30 hari
button-ban-ever = permanen
ban-ask-term = <b>{ $name }</b> mau diblokir berapa lama?
ban-ask-reason = Kenapa? Satu baris, untuk catatan.
ban-not-yourself = Masa memblokir diri sendiri, Kak.
credit-ask = Saldo <b>{ $name }</b> mau ditambah berapa? Sekarang { $balance }.
debit-ask = Saldo <b>{ $name }</b> mau dikurangi berapa? Sekarang { $balance }.
adjust-ask-reason = Kenapa? Satu baris, untuk catatan.
adjust-nothing = Itu nol. Ketik lebih dari nol ya.
wallet-holds = Saldonya cuma { $balance }.
credit-confirm = Tambah saldo <b>{ $name }</b> sebesar <b>{ $amount }</b>? Alasan: { $reason }
debit-confirm = Kurangi saldo <b>{ $name }</b> sebesar <b>{ $amount }</b>? Alasan: { $reason }
button-adjust = Ya, lakukan

button-restock = 🔔 Kabari kalau ada lagi
button-restock-stop = 🔕 Tidak usah dikabari
restock-noted = Siap, nanti dikabari begitu ada lagi ya.
restock-stopped = Oke, tidak jadi dikabari ya.
restock-back = 🔔 <b>{ $name }</b> sudah ada lagi! Yuk buruan, yang lain juga nungguin.
button-restock-look = 🛍 Lihat sekarang

button-terms-done = ✅ Sudah dipenuhi
button-terms-of = ✅ Sudah dipenuhi: { $name }
terms-notice = 📜 <b>SNK { $name }</b>
terms-when-done = Kalau sudah dipenuhi, tekan tombolnya lalu kirim buktinya ya, Kak.
terms-ask = Kirim teks atau foto buktinya ya. Cukup sekali saja, dan hanya tim toko yang bisa lihat.
terms-thanks = Makasih, Kak! Buktinya sudah sampai ke tim toko.
terms-sent = Bukti untuk ini sudah Kakak kirim. Makasih ya!
terms-no-proof = Tidak ada bukti di sini. Bukti hanya disimpan 30 hari ya.
terms-fulfilled = ✅ SNK { $name } di pesanan { $number } sudah dipenuhi, kata pembelinya.
button-terms-proof = 🧾 Lihat bukti
terms-proof = Bukti untuk pesanan { $number }:
orders-search-ask = Pesanan yang mana? Ketik nomornya, atau sebagian nama pemesannya.
orders-search-none = Belum ketemu pesanan atau orangnya.
orders-search-whose = Pesanan siapa? Ketemu { $count }.
button-resend = 📤 Kirim ulang barangnya
order-sent-again = Barangnya dikirim ulang.
button-order-history = 🕓 Riwayat
button-order-customer = 👤 Pelanggan
order-history = <b>Riwayat pesanan { $number }</b>
order-history-line = { $at }: { $action } ({ $who })
actor-customer = pelanggan
actor-admin = admin
actor-operator = operator
actor-job = otomatis: { $name }
actor-gateway = { $name }
order-charge = Ditagih lewat { $gateway }: { $amount }, referensi <code>{ $reference }</code>
order-charge-paid = Dibayar lewat { $gateway }: { $amount }, referensi <code>{ $reference }</code>
order-cancel-sure = Batalkan pesanan { $number }? Barang yang ditahan kembali ke rak, dan pelanggan nggak perlu bayar.
button-assign = 👤 Ini punya pesanan
case-assign-ask = Pembayaran ini untuk pesanan mana? Ketik nomornya; uangnya masuk ke saldo pemesannya.
case-assign-none = Nomor pesanan itu nggak ada.
button-calculator = 🧮 Kalkulator
calculator-ask-total = Masa aktifnya berapa hari?
calculator-ask-used = Dari { $total } hari, sudah terpakai berapa hari?
calculator-ask-claims = Sudah klaim garansi berapa kali? 0 kalau belum.
calculator-number = Ketik angka yang pas ya.
calculator-result =
    { $price } × { $left } dari { $total } hari × { $rate }
    Dikembalikan: <b>{ $amount }</b>
button-calculator-use = ↩️ Kembalikan { $amount }
button-calculator-again = 🔁 Hitung lagi
button-calculator-table = ⚙️ Tabel
calculator-ask-table =
    Tabelnya <code>{ $now }</code>: batas hari awal, lalu persen kembali kalau masih awal, kalau lebih lama, setelah 1–2 klaim, setelah 3, dan setelah lebih banyak.
    Ketik yang baru dengan urutan yang sama.
calculator-table-set = ✅ Mulai sekarang refund dihitung dengan <code>{ $now }</code>.
calculator-table-wrong = Perlu enam angka: hari, lalu lima persen dari 0 sampai 100.

button-write = ✉️ Kirim pesan
write-ask = Mau kirim pesan apa ke <b>{ $name }</b>? Pesannya datang dari bot, atas nama toko.
written =
    ✉️ <b>Dari toko:</b>
    { $words }
write-sent = ✅ Terkirim.
write-failed = Pesannya tidak sampai, mungkin bot-nya dihentikan. Coba lagi nanti, atau hubungi lewat jalan lain ya.
