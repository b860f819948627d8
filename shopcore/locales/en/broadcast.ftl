# What is written to all customers.

