# Customers, as the team sees them.

banned-until = You can't use this shop until { $until }. Then you are welcome again.
wallet-holds-less = The wallet holds only { $balance }. Nothing was changed.
