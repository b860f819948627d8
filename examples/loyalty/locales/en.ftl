button-stamps = 🐾 My stamps
command-stamps = your stamps: /stamps
stamps = 🐾 <b>{ $owner }</b>, you have { $stamps ->
    [0] no stamps yet
    [one] one stamp
   *[other] { $stamps } stamps
    }. Each order is a stamp, and { $full } are worth { $gift }.
stamps-stranger = Your card
button-stamps-name = ✍️ Name my card
stamps-ask = What name shall stand on your card?
stamps-name-bad = A name has up to 100 letters, in one line.
stamps-new = 🐾 That is one more stamp on your card: /stamps
