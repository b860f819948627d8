# Shelves, search and products.

command-shop = lihat yang dijual
command-search = cari produk: /search kata
button-shop = 🛍 Belanja
button-search = 🔍 Cari
button-search-again = 🔍 Cari lagi
button-everything = Semua produk
button-shelves = Kategori
button-shelf = ‹ Kembali ke rak

shelves =
    <b>Kategori</b>
    Pilih satu, atau lihat semuanya.
everything = Semua produk
shelf =
    <b>{ $title }</b>
    { $count } produk, halaman { $page } dari { $pages }
shelf-empty =
    <b>{ $title }</b>
    Masih kosong nih. Mampir lagi nanti ya.
button-product = { $name } · { $price }
button-product-sold-out = { $name } · { $price } · habis

card =
    <b>{ $name }</b>
    { $price }
card-in-stock = { $count ->
    [1] Tinggal satu
   *[other] Stok { $count }
}
card-unlimited = Ready
card-sold-out = Lagi habis
card-terms = <b>SNK</b>
button-add = 🛒 Tambah { $quantity }

search-ask = Cari apa, Kak? Ketik sebagian nama atau kodenya.
search-too-long = Kepanjangan; { $max } karakter sudah cukup. Cari apa, Kak?
found =
    <b>Hasil untuk “{ $query }”</b>
    { $count } produk
found-nothing = “{ $query }” belum ketemu. Coba kata yang lebih pendek atau yang lain ya.

product-gone = Produk ini sudah nggak dijual.
category-gone = Kategori ini sudah nggak ada.
