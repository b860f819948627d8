button-stamps = 🐾 Stempelku
command-stamps = stempel kamu: /stamps
stamps = 🐾 <b>{ $owner }</b>, stempelnya { $stamps ->
    [0] belum ada
   *[other] ada { $stamps }
    }. Tiap pesanan dapat satu, kumpulkan { $full } dan dapat { $gift }.
stamps-stranger = Kartu Kakak
button-stamps-name = ✍️ Namai kartuku
stamps-ask = Mau ditulis nama siapa di kartunya?
stamps-name-bad = Nama paling panjang 100 huruf, satu baris saja ya.
stamps-new = 🐾 Nambah satu stempel lagi di kartunya: /stamps
