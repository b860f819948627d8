# Orders, their goods, and what customers are told about them.

