# The contents of products, as the team sees them.

unit-not-available = Isi itu baru saja terjual atau dipindahkan. Lihat lagi daftarnya ya.
