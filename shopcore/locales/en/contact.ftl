# What customers write to the shop, and those who do too much at once.

command-contact = write to the shop: /contact, or /contact with your words
command-letters = what customers wrote to you
button-contact = 💬 Contact the shop
button-contact-answer = 💬 Answer
contact-ask = What would you like to tell us? Type it, or send a photo. It goes to the shop's team; /cancel leaves.
contact-sent = ✅ Passed on to the team. Anything else? Type it or send a photo, or press Done.
contact-done = Thank you! The team has what you sent, and the answer comes here.
contact-left = All right, nothing was sent.
button-letters = 📨 Letters
button-letter = { $name } · { $at }
letters = <b>What customers wrote</b>: { $count }, newest first. Letters are kept for 30 days.
letters-none = Nobody has written to you yet.
letter = 💬 <b>{ $name }</b> (<code>{ $at }</code>) writes:
letter-gone = This letter is no longer kept.
button-letter-reply = ↩️ Reply
letters-too-many = { $minutes ->
    [one] You have written a lot just now, and the team has all of it. You can go on in a minute.
   *[other] You have written a lot just now, and the team has all of it. You can go on in { $minutes } minutes.
}

spam-warning = That was a lot at once, and I didn't follow. Please take it slowly: one thing after another.
spam-banned = 🚫 That was too much at once, so I take a break from you until { $until }. Then you are welcome again.
spam-told = ⚡ <b>{ $name }</b> (<code>{ $at }</code>) floods the bot, in spite of a warning. Whoever goes on is kept out for a while by itself; their page shows it, and lifts it.
