# Categories, and products that are changed.

