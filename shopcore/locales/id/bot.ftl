# What every bot says, whatever its plug-ins.

greeting =
    <b>{ $shop }</b>
    Halo Kak, mau ngapain hari ini?

help = <b>Yang bisa diketik</b>
command-menu = menu utama
command-help = daftar ini
command-again = lihat lagi pertanyaan yang belum dijawab
command-cancel = keluar dari yang sedang dikerjakan

button-manage = ⚙️ Kelola toko
manage = <b>{ $shop }</b>: mau kelola apa?
button-menu = ☰ Menu
button-cancel = ✕ Batal
button-previous = ‹ Sebelumnya
button-next = Berikutnya ›
button-skip = Lewati
button-done = Selesai

cancelled = Oke, dibatalkan; nggak ada yang berubah.
not-understood = Maaf, belum paham. Lihat menu ya, di situ ada semua yang bisa dilakukan.
unknown-command = Perintah itu belum dikenal. Ketik /help buat lihat daftarnya.
stale-button = Tombol ini sudah kedaluwarsa. Yuk mulai lagi dari menu.
forbidden = Yang ini cuma untuk tim toko.
unavailable = Tokonya lagi nggak bisa dihubungi. Nggak ada yang berubah; coba lagi sebentar lagi ya.
busy = Lagi ramai banget, jadi belum masuk. Nggak ada yang berubah; coba lagi ya.
outcome-unknown = Belum ketahuan yang tadi berhasil atau nggak. Cek pesanan Kakak dulu sebelum coba lagi ya.
defect = Ada yang salah di sisi kami. Coba lagi nanti, atau hubungi tokonya ya.
too-fast = Pelan-pelan ya Kak. Tunggu beberapa detik, lalu lanjut lagi.
banned = Untuk saat ini Kakak belum bisa pakai toko ini.

text-empty = Yang tadi kosong.
text-too-long = Itu { $actual } karakter; paling banyak { $max }.
text-control = Ada karakter tersembunyi di situ. Ketik ulang ya.
text-alphabet = Cuma huruf, angka, dan <code>. _ - /</code> yang boleh.
text-punctuation = Perlu paling sedikit satu huruf atau angka.
not-an-amount = Jumlahnya belum kebaca.
amount-too-large = Jumlahnya kebesaran.
amount-negative = Jumlahnya nggak boleh di bawah nol.
amount-ambiguous = Jumlah itu bisa dibaca dua macam. Ketik tanpa pemisah ribuan ya.
amount-too-precise = { $decimals ->
    [0] { $currency } nggak pakai desimal.
   *[other] { $currency } paling banyak { $decimals } desimal.
}

moment =
    { $day } { $month ->
        [1] Jan
        [2] Feb
        [3] Mar
        [4] Apr
        [5] Mei
        [6] Jun
        [7] Jul
        [8] Agu
        [9] Sep
        [10] Okt
        [11] Nov
       *[12] Des
    } { $year }, { $time } UTC{ $zone }
