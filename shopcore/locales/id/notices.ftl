# What admins are told, and what they choose to hear.

button-notices = 🔔 Notifikasi
command-notices = apa saja yang dikabarkan ke kamu: /notices
notices = <b>Yang dikabarkan ke kamu</b>
    Tekan barisnya untuk menyalakan atau mematikan.
notices-loud = Kabar langsung dikirim, siang malam.
notices-quiet = Antara { $from } dan { $to } tenang dulu; yang terjadi dirangkum dalam satu pesan sesudahnya.
button-news-on = ✅ { $what }
button-news-off = ⬜ { $what }
button-quiet-hours = 🌙 Jam tenang
button-quiet-hours-off = ☀️ Matikan
button-urgent-breaks-in = 🚨 Kabar penting tetap masuk
button-urgent-waits = 😴 Kabar penting ikut menunggu
quiet-hours-ask = Jam berapa mau tenang? Contoh: <code>22-7</code> atau <code>22:30-06:15</code>, menurut jam toko.
quiet-hours-bad = Itu belum terbaca sebagai dua jam dalam sehari.

news-new-order = Pesanan baru
news-paid = Pesanan lunas
news-expired = Lewat batas bayar
news-deposit = Isi saldo
news-odd-payment = Pembayaran kurang, telat, atau janggal
news-case = Kasus tinjauan
news-terms = Syarat terpenuhi
news-letter = Pesan dari pelanggan
news-spam = Spam
news-low-stock = Stok menipis
news-alert = Masalah di toko

note-order = 🛒 <b>Ada pesanan</b>
note-deposit = 💰 <b>Isi saldo { $amount }</b>
note-customer = 👤 { $name } ({ $at })
note-voucher = 🎟 { $code }
note-method = 💳 { $names }
note-method-own = 💳 dari saldo, atau tanpa bayar
note-received = Sudah masuk { $received } dari { $amount }
note-until = ⏳ batas bayar { $until } ({ $minutes ->
   *[other] { $minutes } menit
    } lagi)
deposit-waiting = ⏳ menunggu pembayaran
deposit-paid = ✅ saldo masuk
deposit-expired = ❌ lewat batas bayar
deposit-cancelled = ❌ dibatalkan
deposit-failed = ❌ gagal ditagih
button-open-order = 📦 Buka pesanan
button-open-customer = 👤 Buka pelanggan

odd-order = pesanan { $number }
odd-deposit = isi saldo
odd-short = ⚠️ Masuk { $amount } untuk { $what }, padahal tagihannya { $due }. Sisanya sudah diminta ke pelanggan.
odd-excess = ⚠️ Masuk { $amount } untuk { $what }, lebih dari { $due } yang diminta. Sudah lunas, kelebihannya masuk saldo pelanggan.
odd-surplus = ⚠️ Masuk lagi { $amount } untuk { $what }. Uangnya masuk saldo pelanggan.
odd-late-delivered = ⚠️ Masuk { $amount } yang telat untuk { $what }. Barangnya masih ada dan sedang dikirim.
odd-late-credited = ⚠️ Masuk { $amount } yang telat untuk { $what }. Uangnya masuk saldo pelanggan.
odd-paid = ⚠️ Masuk { $amount } untuk { $what }.

summary = 🌅 <b>Selama jam tenang</b>
summary-count = { $what }: { $count }
summary-more = … dan { $count } lagi

alarm-gateway = 🚨 { $shop }: gateway { $gateway } gagal tiga kali berturut-turut. Pelanggan mungkin belum bisa bayar lewat situ; uang yang sudah dibayar tetap aman. Sebabnya ada di log: biasanya sedang gangguan, atau kuncinya berubah.
alarm-gateway-over = ✅ { $shop }: gateway { $gateway } sudah menjawab lagi.
alarm-fails = 🚨 { $shop }: tugas “{ $job }” gagal. Nanti dicoba lagi sendiri; sebabnya ada di log.
alarm-late = 🚨 { $shop }: tugas “{ $job }” sudah lama tidak dikerjakan. Programnya masih jalan? Coba cek lognya.
alarm-job-over = ✅ { $shop }: tugas “{ $job }” sudah lancar lagi.
alarm-violated = 🚨 { $shop }: pemeriksaan semua catatan menemukan aturan nomor { $number } dilanggar. Pemeriksaan ini tidak mengubah apa pun; <code>shopbot check</code> menunjukkan catatan yang mana dan apa aturannya; <code>shopbot check --repair</code> membetulkan yang aman.
alarm-violated-over = ✅ { $shop }: aturan nomor { $number } sudah beres lagi.
