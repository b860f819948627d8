# Texts and settings that an owner changes.

button-maintenance = 🚧 Maintenance
maintenance-open = The shop is open.
maintenance-closed = 🚧 The shop is closed for a moment; the team is let in, and payments and deliveries go on. Customers read:
maintenance-usual = 🚧 We are back in a moment. What you have ordered and paid is safe.
maintenance-ask = What shall customers read while the shop is closed? Type it, or use the usual words.
button-usual-words = The usual words
button-close-shop = 🚧 Close the shop for a moment
button-open-shop = ✅ Open it again
