# What admins are told, and what they choose to hear.

