# Customers, as the team sees them.

banned-until = Kakak belum bisa belanja di sini sampai { $until }. Setelah itu, yuk mampir lagi ya 🙏
wallet-holds-less = Saldo dompetnya cuma { $balance }. Tidak ada yang diubah ya.
