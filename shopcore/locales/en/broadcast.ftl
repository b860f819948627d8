# What is written to all customers.

command-broadcast = write to all customers
button-broadcast = 📣 Broadcast
button-broadcasts = 📣 All broadcasts
button-new-broadcast = ✏️ Write to everyone
button-a-broadcast = { $words } · { $state }
button-broadcast-begin = ✅ Send it
button-broadcast-pause = ⏸ Pause
button-broadcast-resume = ▶️ Go on
button-broadcast-cancel = ✕ Give it up

broadcasts = <b>Broadcasts</b>, the latest first
broadcasts-none = You haven't written to everyone yet. News, a discount, a holiday? Write it once, and every customer gets it.
broadcast-ask = What shall every customer read? Send a text, or a picture. &lt;b&gt;bold&lt;/b&gt;, &lt;i&gt;italic&lt;/i&gt; and &lt;code&gt;code&lt;/code&gt; work. You see it first; nothing is sent yet.
broadcast-empty = There is nothing to send yet.
broadcast-too-long = That is too long: at most { $max } characters fit.
broadcast-no-picture = Only pictures (PNG or JPEG) of at most 2 MB can be sent.
broadcast-confirm = This is how customers will see it. It goes to { $count ->
        [one] one customer
       *[other] { $count } customers
    }; whoever is banned or has stopped the bot is left out. Send it?
broadcast =
    📣 <b>Broadcast</b>: { $state }
    For { $targets }: { $sent } sent, { $left } left, { $blocked } unreachable, { $failed } failed
broadcast-draft = not sent yet
broadcast-running = being sent
broadcast-paused = paused
broadcast-cancelled = given up
broadcast-done = done
broadcast-unknown = That broadcast is gone. Write it anew.
broadcast-moved = That broadcast stands elsewhere by now: look at how it goes.
