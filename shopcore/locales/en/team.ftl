# Who may do what.

team-name-taken = Another role has this name. Please choose a different one.
team-role-in-use = Someone still has this role. Give them another role first, then delete it.
team-roles-full = There are { $most } roles already, which is the most. Delete one first.
team-not-held = You can only give, take or change what you hold yourself. Please ask the owner.
team-fixed = The owner set this person up where the program runs; that can be changed only there.
