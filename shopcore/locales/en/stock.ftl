# The contents of products, as the team sees them.

