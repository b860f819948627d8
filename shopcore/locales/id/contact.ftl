# Pesan pelanggan ke toko, dan yang terlalu cepat.

command-contact = hubungi toko: /contact, atau /contact dengan pesannya
command-letters = pesan dari pelanggan
button-contact = 💬 Hubungi toko
button-contact-answer = 💬 Balas
contact-ask = Mau bilang apa, Kak? Ketik pesannya, atau kirim foto. Langsung sampai ke tim toko; /cancel untuk keluar.
contact-sent = ✅ Sudah diteruskan ke tim. Ada lagi, Kak? Ketik atau kirim foto, atau tekan Selesai.
contact-done = Makasih, Kak! Pesannya sudah sampai ke tim, nanti dibalas di sini ya.
contact-left = Oke, nggak ada yang dikirim.
button-letters = 📨 Pesan masuk
button-letter = { $name } · { $at }
letters = <b>Pesan dari pelanggan</b>: { $count }, terbaru dulu. Disimpan 30 hari.
letters-none = Belum ada pesan dari pelanggan.
letter = 💬 <b>{ $name }</b> (<code>{ $at }</code>) menulis:
letter-gone = Pesan ini sudah tidak disimpan.
button-letter-reply = ↩️ Balas
letters-too-many = Pesannya sudah banyak dan semua sudah sampai ke tim. Lanjut lagi { $minutes } menit lagi ya, Kak.

spam-warning = Pelan-pelan ya, Kak, satu-satu saja. Yang barusan terlalu cepat, jadi belum diproses.
spam-banned = 🚫 Terlalu banyak sekaligus, jadi istirahat dulu sampai { $until } ya. Setelah itu, yuk mampir lagi 🙏
spam-told = ⚡ <b>{ $name }</b> (<code>{ $at }</code>) membanjiri bot walau sudah diperingatkan. Kalau diteruskan, otomatis diblokir sebentar; halamannya menunjukkan dan bisa membukanya.
