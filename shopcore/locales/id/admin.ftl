# What the shop's team reads.

