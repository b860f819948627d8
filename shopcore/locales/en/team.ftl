# Who may do what.

