# Texts and settings that an owner changes.

button-maintenance = 🚧 Tutup sementara
maintenance-open = Toko sedang buka.
maintenance-closed = 🚧 Toko tutup sementara; tim tetap bisa masuk, pembayaran dan pengiriman tetap jalan. Pelanggan membaca:
maintenance-usual = 🚧 Sebentar ya Kak, tokonya lagi dirapikan. Pesanan dan pembayaran Kakak aman kok.
maintenance-ask = Selama tutup, pelanggan mau dikasih tahu apa? Ketik, atau pakai kata-kata biasa.
button-usual-words = Kata-kata biasa
button-close-shop = 🚧 Tutup sementara
button-open-shop = ✅ Buka lagi
