# Who may do what.

team-name-taken = Nama peran ini sudah dipakai, Kak. Pilih nama lain ya.
team-role-in-use = Masih ada yang memakai peran ini. Ganti dulu peran mereka, baru dihapus ya.
team-roles-full = Sudah ada { $most } peran, itu batasnya. Hapus satu dulu ya.
team-not-held = Kakak hanya bisa memberi, mengambil atau mengubah izin yang Kakak punya sendiri. Minta tolong owner ya.
team-fixed = Orang ini diatur owner langsung di tempat program berjalan, jadi hanya bisa diubah di sana ya.

command-team = tim dan perannya
button-team = 👥 Tim
button-team-add = ➕ Tambah orang
button-roles = 🎭 Peran
button-a-member = { $who } · { $role }
button-has = ✅ { $what }
button-has-not = ▫️ { $what }
team = <b>Tim Kakak</b> ({ $count })
    Tekan namanya untuk mengubah izinnya ya.
team-none = <b>Tim Kakak</b>
    Sejauh ini Kakak masih sendiri. Yuk tambah orang yang sudah menyapa bot, lalu pilih perannya.
team-ask-whom = Mau tambah siapa? Dia harus sudah menyapa bot ya. Ketik nama, sebagian nama, atau nomor akunnya.
team-nobody-found = Belum ada yang cocok. Minta dia tekan /start di bot ini dulu, lalu cari lagi ya.
team-choose-whom = Yang mana, Kak? Kalau belum muncul, cari lagi dengan nama yang lebih lengkap ya.
team-choose-role = <b>{ $who }</b> boleh apa saja? Pilih perannya ya.
team-member = <b>{ $who }</b>
    Peran: { $role }
button-dismiss = 🚪 Keluarkan dari tim
team-dismiss-confirm = Keluarkan <b>{ $who }</b> dari tim? Sejak saat itu dia jadi pelanggan biasa.
button-dismiss-confirm = ✅ Ya, keluarkan
role-admin = Admin
role-support = Support
role-gone = peran yang sudah dihapus
role = <b>{ $name }</b>
role-permits = • { $what }
roles = <b>Peran</b>
    Admin dan Support selalu ada; Kakak bisa bikin peran sendiri juga.
button-role-add = ➕ Peran baru
role-ask-name = Nama perannya apa, Kak? Misalnya: Shift malam
role-edit = <b>{ $name }</b>
    Tekan apa saja yang boleh. Langsung berlaku untuk semua yang punya peran ini.
button-role-delete = 🗑 Hapus
role-delete-confirm = Hapus peran <b>{ $name }</b>?
button-role-delete-confirm = ✅ Ya, hapus
permission-catalog = Produk
permission-stock = Isi stok
permission-vouchers = Voucher
permission-orders = Pesanan
permission-reviews = Kasus yang perlu dicek
permission-money = Uang: refund dan saldo
permission-customers = Pelanggan dan blokir
permission-broadcast = Broadcast
permission-reports = Laporan
permission-settings = Pengaturan dan teks
permission-audit = Catatan audit
permission-team = Tim dan peran
