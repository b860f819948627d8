# Texts and settings that an owner changes.

