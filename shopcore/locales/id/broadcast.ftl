# What is written to all customers.

command-broadcast = kirim pesan ke semua pelanggan
button-broadcast = 📣 Broadcast
button-broadcasts = 📣 Semua broadcast
button-new-broadcast = ✏️ Tulis ke semua
button-a-broadcast = { $words } · { $state }
button-broadcast-begin = ✅ Kirim
button-broadcast-pause = ⏸ Jeda
button-broadcast-resume = ▶️ Lanjut
button-broadcast-cancel = ✕ Batalkan

broadcasts = <b>Broadcast</b>, yang terbaru di atas
broadcasts-none = Belum pernah kirim broadcast. Ada kabar, diskon, atau info libur? Tulis sekali, semua pelanggan dapat.
broadcast-ask = Mau kirim apa ke semua pelanggan? Kirim teks atau gambar ya. &lt;b&gt;tebal&lt;/b&gt;, &lt;i&gt;miring&lt;/i&gt; dan &lt;code&gt;kode&lt;/code&gt; bisa dipakai. Dilihat dulu kok, belum langsung dikirim.
broadcast-empty = Belum ada yang bisa dikirim.
broadcast-too-long = Kepanjangan, Kak: maksimal { $max } karakter.
broadcast-no-picture = Cuma bisa gambar (PNG atau JPEG), maksimal 2 MB ya.
broadcast-confirm = Begini nanti yang dilihat pelanggan. Dikirim ke { $count } pelanggan; yang diblokir atau sudah menghentikan bot dilewati. Kirim?
broadcast =
    📣 <b>Broadcast</b>: { $state }
    Untuk { $targets }: { $sent } terkirim, { $left } sisa, { $blocked } tidak terjangkau, { $failed } gagal
broadcast-draft = belum dikirim
broadcast-running = sedang dikirim
broadcast-paused = dijeda
broadcast-cancelled = dibatalkan
broadcast-done = selesai
broadcast-unknown = Broadcast itu sudah tidak ada. Tulis lagi ya.
broadcast-moved = Broadcast itu sudah berubah: yuk cek statusnya.
