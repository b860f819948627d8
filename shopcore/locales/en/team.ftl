# Who may do what.

team-name-taken = Another role has this name. Please choose a different one.
team-role-in-use = Someone still has this role. Give them another role first, then delete it.
team-roles-full = There are { $most } roles already, which is the most. Delete one first.
team-not-held = You can only give, take or change what you hold yourself. Please ask the owner.
team-fixed = The owner set this person up where the program runs; that can be changed only there.

command-team = your team and its roles
button-team = 👥 Team
button-team-add = ➕ Add someone
button-roles = 🎭 Roles
button-a-member = { $who } · { $role }
button-has = ✅ { $what }
button-has-not = ▫️ { $what }
team = <b>Your team</b> ({ $count })
    Press someone to change what they may do.
team-none = <b>Your team</b>
    You work alone so far. Add someone who has said hello to the bot, and choose what they may do.
team-ask-whom = Whom do you want to add? They must have said hello to the bot. Type their name, a part of it, or the number of their account.
team-nobody-found = Nobody like that has come yet. Ask them to press /start in this bot, then look again.
team-choose-whom = Who of them? If the right one is missing, look again with more of the name.
team-choose-role = What may <b>{ $who }</b> do? Choose a role.
team-member = <b>{ $who }</b>
    Role: { $role }
button-dismiss = 🚪 Take out of the team
team-dismiss-confirm = Take <b>{ $who }</b> out of the team? From that moment they are a customer like any other.
button-dismiss-confirm = ✅ Yes, take out
role-admin = Admin
role-support = Support
role-gone = a deleted role
role = <b>{ $name }</b>
role-permits = • { $what }
roles = <b>Roles</b>
    Admin and Support are always there; you can make your own beside them.
button-role-add = ➕ New role
role-ask-name = What is the role called? For example: Night shift
role-edit = <b>{ $name }</b>
    Press what this role permits. It counts at once for everyone who has it.
button-role-delete = 🗑 Delete
role-delete-confirm = Delete the role <b>{ $name }</b>?
button-role-delete-confirm = ✅ Yes, delete
permission-catalog = Products
permission-stock = Contents of stock
permission-vouchers = Vouchers
permission-orders = Orders
permission-reviews = Review cases
permission-money = Money: refunds and wallets
permission-customers = Customers and bans
permission-broadcast = Broadcasts
permission-reports = Reports
permission-settings = Settings and texts
permission-audit = Audit
permission-team = Team and roles
