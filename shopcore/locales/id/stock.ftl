# The contents of products, as the team sees them.

unit-not-available = Isi itu baru saja terjual atau dipindahkan. Lihat lagi daftarnya ya.
shelf-of = <b>{ $name }</b>: stok { $count }, halaman { $page } dari { $pages }. Tekan nomornya untuk pilih satu.
shelf-of-none = <b>{ $name }</b> stoknya kosong. Tambah isi dulu biar bisa dibeli.
shelf-unit = Satu isi <b>{ $name }</b>:
shelf-revealed = Ini isinya. Tercatat kalau Kakak sudah melihatnya. Isinya tetap dijual.
button-reveal = 👁 Lihat
button-withdraw = 🗑 Tarik
button-withdraw-some = 🗑 Tarik beberapa
button-undo = ↩️ Batalkan
shelf-ask-numbers = Nomor berapa saja di halaman ini? Ketik misalnya <code>1 3 5-7</code>. Semuanya ada { $most }.
shelf-numbers-wrong = Nomornya dari 1 sampai { $most } ya.
shelf-confirm = Tarik { $count } isi? Setelah itu nggak bisa dibeli lagi.
shelf-withdrawn = { $count } isi sudah ditarik. Bisa dibatalkan dalam satu menit.
shelf-restored = Sudah kembali ke stok.
shelf-undo-late = Sudah lewat satu menit, jadi tetap ditarik.
low-left = 🔔 Stok <b>{ $name }</b> menipis: sisa { $left }.
low-out = 🔔 <b>{ $name }</b> habis.
