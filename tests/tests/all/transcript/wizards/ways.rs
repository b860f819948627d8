//! The ways through every wizard, and what happened in the shop before.

/// A way through questions, as someone goes it.
pub(super) struct Wizard {
    pub(super) name: &'static str,
    /// The words that `chat` is begun with.
    pub(super) who: &'static [&'static str],
    /// How one gets to the first question. `> LABEL` presses a button.
    pub(super) way: &'static [&'static str],
    /// What is answered, question by question.
    pub(super) answers: &'static [&'static str],
    /// What is read at the end.
    pub(super) done: &'static str,
}

const BOSS: &[&str] = &["--as", "admin"];
const ANN: &[&str] = &["--user", "ann"];

/// What happened in the shop before.
pub(super) const BEFORE: [(&[&str], &[&str]); 5] = [
    (
        BOSS,
        &[
            "/addproduct",
            "GAME",
            "Game",
            "15000",
            "-",
            "3",
            "KEY-1",
            "KEY-2",
            "KEY-3",
            "One month, one device",
            "> Create it",
        ],
    ),
    (BOSS, &["/vouchers", "> New voucher", "SALE | 10% | 5"]),
    (
        ANN,
        &[
            "/shop",
            "> Game",
            "> Add 1",
            "> Order for",
            "> Test payment (sandbox)",
        ],
    ),
    (ANN, &["/shop", "> Game", "> Add 1"]),
    (
        BOSS,
        &[
            "/menu",
            "> Manage the shop",
            "> Categories",
            "> New category",
            "Games",
        ],
    ),
];

/// Stands for the number of the order that was placed before.
pub(super) const ORDER_NUMBER: &str = "ORDER";

/// What the shop is once customers may pay by transfer too.
pub(super) const WITH_TRANSFERS: &str = r#"
name = "Corner"
sandbox = "data/shop.sandbox.jsonl"
[gateways.transfer]
bank = "BCA"
number = "1234567890"
holder = "Siti Rahayu"
"#;

/// Another shop on the same account at the gateway.
pub(super) const OTHER_SHOP: &str = r#"
name = "Other"
store = "sqlite:data/other.db"
sandbox = "data/shop.sandbox.jsonl"
"#;

/// An order that waits for a transfer, a cart, and a deposit by transfer that a person looks at.
pub(super) const TRANSFERS: [&str; 12] = [
    "/cart",
    "> Order for",
    "> transfer",
    "/shop",
    "> All products",
    "> Game",
    "> Add 1",
    "/deposit",
    "20000",
    "> transfer",
    "> send the proof",
    "/file game.png",
];

pub(super) const DEPOSITS: [&str; 2] = ["/deposit", "20000"];

const fn boss(
    name: &'static str,
    way: &'static [&'static str],
    answers: &'static [&'static str],
    done: &'static str,
) -> Wizard {
    Wizard {
        name,
        who: BOSS,
        way,
        answers,
        done,
    }
}

const fn ann(
    name: &'static str,
    way: &'static [&'static str],
    answers: &'static [&'static str],
    done: &'static str,
) -> Wizard {
    Wizard {
        name,
        who: ANN,
        way,
        answers,
        done,
    }
}

pub(super) const WIZARDS: [Wizard; 53] = [
    boss(
        "a new product",
        &["/addproduct"],
        &[
            "NEW",
            "Newcomer",
            "20.000",
            "A line",
            "2",
            "KEY-8",
            "KEY-9",
            "> Skip",
            "> Create it",
        ],
        "Newcomer is in the shop",
    ),
    boss(
        "contents",
        &["/addstock", "> GAME"],
        &["KEY-9"],
        "One content was added",
    ),
    boss(
        "a file as a content",
        &["/addstock", "> GAME"],
        &["/file game.png"],
        "One content was added",
    ),
    boss(
        "a picture",
        &["/products", "> left", "> Picture"],
        &["/file game.png"],
        "saved as",
    ),
    boss(
        "a broadcast of a picture",
        &["/broadcast", "> Write to everyone"],
        &["/file game.png"],
        "Send it?",
    ),
    boss(
        "a name",
        &["/products", "> left", "> Name"],
        &["Gamer"],
        "Gamer",
    ),
    boss(
        "a price",
        &["/products", "> left", "> Price"],
        &["17.500"],
        "Rp 17.500",
    ),
    boss(
        "a code",
        &["/products", "> left", "> Code"],
        &["PLAY"],
        "Code: PLAY",
    ),
    boss(
        "a description",
        &["/products", "> left", "> Description"],
        &["Fun for all"],
        "Fun for all",
    ),
    boss(
        "terms",
        &["/products", "> left", "> Terms"],
        &["Be kind"],
        "Be kind",
    ),
    boss(
        "a limit",
        &["/products", "> left", "> Limit"],
        &["2"],
        "At most 2 for each customer",
    ),
    boss(
        "a low-stock alert",
        &["/products", "> left", "> Low stock"],
        &["7"],
        "Alert when 7 are left",
    ),
    boss(
        "withdrawing",
        &["/products", "> left", "> Contents", "> Withdraw several"],
        &["1", "> Withdraw"],
        "withdrawn",
    ),
    boss(
        "looking for a product",
        &["/products", "> Search"],
        &["gam"],
        "Game",
    ),
    boss(
        "a category",
        &[
            "/menu",
            "> Manage the shop",
            "> Categories",
            "> New category",
        ],
        &["Toys"],
        "Toys, in place 2",
    ),
    boss(
        "a category's name",
        &[
            "/menu",
            "> Manage the shop",
            "> Categories",
            "> Games",
            "> Name",
        ],
        &["Plays"],
        "Plays, in place 1",
    ),
    boss(
        "a category's sign",
        &[
            "/menu",
            "> Manage the shop",
            "> Categories",
            "> Games",
            "> Emoji",
        ],
        &["🎲"],
        "🎲",
    ),
    boss(
        "looking into the audit",
        &["/audit", "> Search"],
        &["placed"],
        "placed",
    ),
    boss(
        "the calculator's table",
        &[
            "/allorders",
            "> delivered",
            "> Calculator",
            "30",
            "10",
            "0",
            "> Table",
        ],
        &["10 50 60 70 80 90"],
        "reckoned by 10 50% 60% 70% 80% 90%",
    ),
    boss(
        "a voucher's uses by each",
        &["/vouchers", "> SALE", "> For each"],
        &["2"],
        "At most 2 uses by each customer",
    ),
    boss(
        "a voucher's beginning",
        &["/vouchers", "> SALE", "> From"],
        &["2099-01-30"],
        "From 30 Jan 2099",
    ),
    boss(
        "a voucher's most",
        &["/vouchers", "> SALE", "> At most"],
        &["2000"],
        "Takes off at most Rp 2.000",
    ),
    boss(
        "a voucher's product",
        &["/vouchers", "> SALE", "> For what", "> One product"],
        &["GAME"],
        "For: Game",
    ),
    boss(
        "terms taken away",
        &["/products", "> left", "> Terms"],
        &["> Remove it"],
        "Game",
    ),
    boss(
        "a voucher",
        &["/vouchers", "> New voucher"],
        &["OFF5 | 5000 | 1"],
        "The voucher is ready",
    ),
    boss(
        "a voucher's uses",
        &["/vouchers", "> SALE", "> Uses"],
        &["9"],
        "9 of 9 uses left",
    ),
    boss(
        "a voucher's end",
        &["/vouchers", "> SALE", "> Until"],
        &["2099-01-31"],
        "Until 31 Jan 2099",
    ),
    boss(
        "a voucher's minimum",
        &["/vouchers", "> SALE", "> Minimum"],
        &["1000"],
        "purchases of at least Rp 1.000",
    ),
    boss(
        "looking for an order",
        &["/allorders", "> Search"],
        &["ann"],
        "Whose orders?",
    ),
    boss(
        "paying back, how much",
        &["/allorders", "> delivered", "> Pay back"],
        &["5000"],
        "wallet",
    ),
    boss(
        "paying back, why",
        &[
            "/allorders",
            "> delivered",
            "> Pay back",
            "5000",
            "> wallet",
        ],
        &["Sorry"],
        "Paid back: Rp 5.000",
    ),
    boss(
        "the calculator",
        &["/allorders", "> delivered", "> Calculator"],
        &["30", "10", "0"],
        "Goes back: Rp",
    ),
    boss(
        "looking for a customer",
        &["/customers", "> Search"],
        &["an"],
        "ann",
    ),
    boss(
        "crediting",
        &[
            "/allorders",
            "> delivered",
            "> Customer",
            "> Credit the wallet",
        ],
        &["2500", "A present", "> Yes, do it"],
        "Rp 2.500",
    ),
    boss(
        "banning",
        &[
            "/allorders",
            "> delivered",
            "> Customer",
            "> Ban",
            "> for a week",
        ],
        &["Tricks"],
        "Banned until",
    ),
    boss(
        "writing to a customer",
        &["/allorders", "> delivered", "> Customer", "> Write"],
        &["How do you like it?"],
        "Sent",
    ),
    boss(
        "a member of the team",
        &["/team", "> Add someone"],
        &["ann"],
        "Who of them?",
    ),
    boss(
        "a role",
        &["/team", "> Roles", "> New role"],
        &["Night shift"],
        "Night shift",
    ),
    boss(
        "quiet hours",
        &["/notices", "> Quiet hours"],
        &["22-7"],
        "Between 22:00 and",
    ),
    boss(
        "closing the shop",
        &[
            "/menu",
            "> Manage the shop",
            "> Maintenance",
            "> Close the shop",
        ],
        &["Back at noon"],
        "Back at noon",
    ),
    boss(
        "other words",
        &["/texts", "> Search", "greeting", "> like…", "> English"],
        &["Welcome to { $shop }", "> Use"],
        "Welcome to",
    ),
    boss(
        "a broadcast",
        &["/broadcast", "> Write to everyone"],
        &["Hello all"],
        "Send it?",
    ),
    boss(
        "a proof that is not believed",
        &["/cases", "> shows that they paid", "> It is not there"],
        &["It is not on the account"],
        "A customer shows that they paid: closed",
    ),
    boss(
        "whose payment it is",
        &["/cases", "> unknown reference", "> It belongs to an order"],
        &[ORDER_NUMBER],
        "credited to the wallet",
    ),
    boss(
        "closing a case",
        &[
            "/cases",
            "> unknown reference",
            "> Close, settled elsewhere",
        ],
        &["It was for another shop"],
        "Payment of an unknown reference: closed",
    ),
    boss(
        "a picture of a view",
        &["/texts", "> Pictures", "> Welcome"],
        &["/file game.png"],
        "Take it away",
    ),
    ann("a search", &["/search"], &["gam"], "Game"),
    ann("a deposit", &["/deposit"], &["20000"], "20.000"),
    ann(
        "a voucher in the cart",
        &["/cart", "> Use a voucher"],
        &["SALE"],
        "SALE",
    ),
    ann(
        "a proof of payment",
        &["/orders", "> awaiting payment", "> Pay", "> send the proof"],
        &["Sent at noon from BCA 123"],
        "Somebody looks at it now",
    ),
    ann(
        "a proof of terms",
        &["/orders", "> delivered", "> Fulfilled: Game"],
        &["/file game.png"],
        "has your proof now",
    ),
    ann("a letter", &["/contact"], &["Hello there"], "Passed on"),
    ann(
        "a letter with a photo",
        &["/contact"],
        &["/file game.png"],
        "Passed on",
    ),
];
