# The cart, vouchers, and paying.

