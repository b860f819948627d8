# Who may do what.

team-name-taken = Nama peran ini sudah dipakai, Kak. Pilih nama lain ya.
team-role-in-use = Masih ada yang memakai peran ini. Ganti dulu peran mereka, baru dihapus ya.
team-roles-full = Sudah ada { $most } peran, itu batasnya. Hapus satu dulu ya.
team-not-held = Kakak hanya bisa memberi, mengambil atau mengubah izin yang Kakak punya sendiri. Minta tolong owner ya.
team-fixed = Orang ini diatur owner langsung di tempat program berjalan, jadi hanya bisa diubah di sana ya.
