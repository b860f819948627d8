# The contents of products, as the team sees them.

unit-not-available = That content was sold or moved a moment ago. Look at the list again.
