# The contents of products, as the team sees them.

unit-not-available = That content was sold or moved a moment ago. Look at the list again.
shelf-of = <b>{ $name }</b>: { $count } in stock, page { $page } of { $pages }. A number shows what can be done with one.
shelf-of-none = <b>{ $name }</b> has nothing in stock. Add contents so that it can be bought.
shelf-unit = One content of <b>{ $name }</b>:
shelf-revealed = Here it is. That you saw it is recorded. It is still for sale.
button-reveal = 👁 Show it
button-withdraw = 🗑 Withdraw
button-withdraw-some = 🗑 Withdraw several
button-undo = ↩️ Undo
shelf-ask-numbers = Which of this page? Type their numbers, such as <code>1 3 5-7</code>. There are { $most }.
shelf-numbers-wrong = I need numbers from 1 to { $most }.
shelf-confirm = { $count ->
    [one] Withdraw one content? It can't be bought any more then.
   *[other] Withdraw { $count } contents? They can't be bought any more then.
}
shelf-withdrawn =
    { $count ->
        [one] One content was withdrawn.
       *[other] { $count } contents were withdrawn.
    } You can undo that for a minute.
shelf-restored = It is back in stock.
shelf-undo-late = More than a minute has passed, so it stays withdrawn.
low-left = 🔔 <b>{ $name }</b> runs low: { $left } left.
low-out = 🔔 <b>{ $name }</b> is sold out.
