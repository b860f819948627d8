# Shelves, search and products.

