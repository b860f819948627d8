# The wallet.

command-wallet = saldo Kakak
command-deposit = isi saldo: /deposit jumlah
button-wallet = 👛 Saldo
button-deposit = Isi saldo
button-history = Riwayat

wallet =
    <b>Saldo Kakak</b>
    Isinya { $balance }.
wallet-open-deposits = Ada { $count } isi saldo yang menunggu dibayar.
button-open-deposit = ⏳ Bayar isi saldo { $amount }
wallet-short = Saldonya cuma { $balance }.
wallet-full = Saldonya nggak muat sebanyak itu lagi.
history = <b>Riwayat saldo</b>
history-none = Belum ada apa-apa di saldo. Mulai dengan isi saldo ya.
history-marks = ✅ beres · ⏳ menunggu dibayar · ❌ nggak jadi · ↩️ dikembalikan
mark-done = ✅
mark-waits = ⏳
mark-failed = ❌
mark-returned = ↩️
statement = { $mark } { $at }: <b>{ $amount }</b> ({ $what })
statement-of-order = { $mark } { $at }: <b>{ $amount }</b> ({ $what }) · { $number }
statement-deposit-waits = isi saldo, menunggu dibayar
statement-deposit-expired = isi saldo, lewat batas bayar
statement-deposit-cancelled = isi saldo, dibatalkan
statement-deposit-failed = isi saldo, gagal ditagih
statement-payment = pembayaran
statement-deposit = isi saldo
statement-excess = bayar lebih
statement-surplus = pembayaran dobel
statement-late = telat bayar
statement-wallet-payment = bayar pesanan
statement-leftover = pembayaran sebagian kembali
statement-review = keputusan toko
statement-refund = pesanan dikembalikan
statement-adjustment = disesuaikan toko
deposit-ask = Mau isi saldo berapa? Dari { $least } sampai { $most }.
deposit-range = Isi saldo antara { $least } dan { $most } ya.
deposit-too-large = Kebesaran untuk sekali isi.
deposit-too-small = Kekecilan untuk isi saldo.
deposit-from-wallet = Isi saldo nggak bisa dibayar pakai saldo.
