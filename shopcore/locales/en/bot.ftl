# What every bot says, whatever its plug-ins.

greeting =
    <b>{ $shop }</b>
    What would you like to do?

help = <b>What you can type</b>
command-menu = the main menu
command-help = this list
command-again = see the open question again
command-cancel = leave what you are doing

button-manage = ⚙️ Manage the shop
manage = <b>{ $shop }</b>: what shall be done?
button-menu = ☰ Menu
button-cancel = ✕ Cancel
button-previous = ‹ Previous
button-next = Next ›
button-skip = Skip
button-done = Done

cancelled = Cancelled; nothing was changed.
not-understood = I'm not sure what to do with that. The menu shows what I can do.
unknown-command = I don't know that command. /help lists those I know.
stale-button = This button is out of date. Please start again from the menu.
forbidden = Only the shop's team can do that.
unavailable = The shop can't be reached right now. Nothing was changed; please try again in a moment.
busy = Many people are shopping right now and this didn't go through. Nothing was changed; please try again.
outcome-unknown = I couldn't find out whether that went through. Please look at your orders before you try again.
defect = Something went wrong on our side. Please try again later, or write to the shop.
too-fast = That was a bit fast for me. Give me a few seconds, then go on.
banned = You can't use this shop at the moment.

text-empty = That was empty.
text-too-long = That has { $actual } characters; at most { $max } fit.
text-control = That contains invisible control characters. Please type it again.
text-alphabet = Only letters, digits and <code>. _ - /</code> are allowed.
text-punctuation = That needs at least one letter or digit.
not-an-amount = I couldn't read that as an amount.
amount-too-large = That amount is too large.
amount-negative = An amount can't be below zero.
amount-ambiguous = That can be read as two amounts. Type it without separators between thousands.
amount-too-precise = { $decimals ->
    [0] { $currency } has no decimals.
   *[other] { $currency } has at most { $decimals } decimals.
}

moment =
    { $day } { $month ->
        [1] Jan
        [2] Feb
        [3] Mar
        [4] Apr
        [5] May
        [6] Jun
        [7] Jul
        [8] Aug
        [9] Sep
        [10] Oct
        [11] Nov
       *[12] Dec
    } { $year }, { $time } UTC{ $zone }
