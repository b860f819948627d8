# Categories, and products that are changed.

picture-refused = That is no picture I can take: send a PNG or JPEG of at most 2 MiB.
limit-reached = You can buy at most { $most } of one of these, and have bought { $bought }. Put fewer into the cart.
