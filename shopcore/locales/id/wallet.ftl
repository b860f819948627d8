# The wallet.

