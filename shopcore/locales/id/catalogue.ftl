# Categories, and products that are changed.

picture-refused = Gambarnya belum bisa dipakai, Kak. Kirim PNG atau JPEG, paling besar 2 MiB ya.
limit-reached = Salah satu produk ini maksimal { $most } per orang, dan Kakak sudah beli { $bought }. Kurangi isi keranjangnya ya.
