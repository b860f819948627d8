//! Every question that the bot asks, and what it takes.

use super::inputs::{
    ANYTHING, CODE, CONTENT, DASH, DASH_OR_ZERO, Input, LETTER, LINE, LINES, NONE, ONE_CONTENT,
    PRODUCT, SHORT, SOUGHT, UNDASHED, ZERO,
};

/// Who is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    Boss,
    Ann,
}

/// A question, how one gets to it, and what it makes of the inputs of the matrix.
pub(super) struct Question {
    /// File, state, variant and field, as the sources name them.
    pub(super) name: &'static str,
    pub(super) who: Who,
    /// How one gets there. `> LABEL` presses a button, `! CODE` is somebody who
    /// takes the code for another product.
    pub(super) way: &'static [&'static str],
    /// What is a good answer.
    pub(super) good: &'static str,
    /// The inputs that it takes; all others are refused.
    pub(super) takes: &'static [Input],
}

const fn boss(
    name: &'static str,
    way: &'static [&'static str],
    good: &'static str,
    takes: &'static [Input],
) -> Question {
    let who = Who::Boss;
    Question {
        name,
        who,
        way,
        good,
        takes,
    }
}

const fn ann(
    name: &'static str,
    way: &'static [&'static str],
    good: &'static str,
    takes: &'static [Input],
) -> Question {
    let who = Who::Ann;
    Question {
        name,
        who,
        way,
        good,
        takes,
    }
}

/// A good answer that is a picture.
pub(super) const PICTURE: &str = "a picture";
/// A good answer that is the number of the order that was placed.
pub(super) const ORDER: &str = "an order's number";

const NEW: &str = "/addproduct";
const PAID: &str = "> delivered";

pub(super) const QUESTIONS: &[Question] = &[
    boss("products::Step::Code", &[NEW], "NEW", CODE),
    boss("products::Step::Name", &[NEW, "NEW"], "Newcomer", LINE),
    boss(
        "products::Step::Price",
        &[NEW, "NEW", "Newcomer"],
        "20.000",
        ZERO,
    ),
    boss(
        "products::Step::Description",
        &[NEW, "NEW", "Newcomer", "9"],
        "A line",
        LINES,
    ),
    boss(
        "products::Step::Count",
        &[NEW, "NEW", "Newcomer", "9", "-"],
        "2",
        DASH_OR_ZERO,
    ),
    boss(
        "products::Step::Contents",
        &[NEW, "NEW", "Newcomer", "9", "-", "1"],
        "KEY-8",
        ONE_CONTENT,
    ),
    boss(
        "products::Step::Terms",
        &[NEW, "NEW", "Newcomer", "9", "-", "0"],
        "Be kind",
        LINES,
    ),
    boss(
        "products::Step::Confirm",
        &[NEW, "NEW", "Newcomer", "9", "-", "0", "> Skip"],
        "> Create it",
        NONE,
    ),
    boss(
        "products::Step::OtherCode",
        &[
            NEW,
            "NEW",
            "Newcomer",
            "9",
            "-",
            "0",
            "> Skip",
            "! NEW",
            "> Create it",
        ],
        "NEWER",
        CODE,
    ),
    boss("stock::Pasting", &["/addstock GAME"], "KEY-9", CONTENT),
    boss(
        "goods::Asking::Words",
        &["/products", "> Search"],
        "gam",
        ANYTHING,
    ),
    boss(
        "goods::Asking::Value::Name",
        &["/products", "> GAME", "> Name"],
        "Gamer",
        UNDASHED,
    ),
    boss(
        "goods::Asking::Value::Code",
        &["/products", "> GAME", "> Code"],
        "PLAY",
        CODE,
    ),
    boss(
        "goods::Asking::Value::Price",
        &["/products", "> GAME", "> Price"],
        "17.500",
        ZERO,
    ),
    boss(
        "goods::Asking::Value::Description",
        &["/products", "> GAME", "> Description"],
        "Fun",
        LINES,
    ),
    boss(
        "goods::Asking::Value::Terms",
        &["/products", "> GAME", "> Terms"],
        "Be nice",
        LINES,
    ),
    boss(
        "goods::Asking::Value::PerCustomer",
        &["/products", "> GAME", "> Limit"],
        "2",
        DASH,
    ),
    boss(
        "goods::Asking::Value::LowAt",
        &["/products", "> GAME", "> Low stock"],
        "7",
        ZERO,
    ),
    boss(
        "goods::Asking::Value::Picture",
        &["/products", "> GAME", "> Picture"],
        PICTURE,
        DASH,
    ),
    boss(
        "shelf::Asking::Numbers",
        &["/products", "> GAME", "> Contents", "> Withdraw several"],
        "1",
        NONE,
    ),
    boss(
        "shelf::Asking::Confirm",
        &[
            "/products",
            "> GAME",
            "> Contents",
            "> Withdraw several",
            "1",
        ],
        "> Withdraw",
        NONE,
    ),
    boss(
        "categories::Asking::NewName",
        &[
            "/menu",
            "> Manage the shop",
            "> Categories",
            "> New category",
        ],
        "Toys",
        LINE,
    ),
    boss(
        "categories::Asking::Name",
        &[
            "/menu",
            "> Manage the shop",
            "> Categories",
            "> Games",
            "> Name",
        ],
        "Plays",
        LINE,
    ),
    boss(
        "categories::Asking::Sign",
        &[
            "/menu",
            "> Manage the shop",
            "> Categories",
            "> Games",
            "> Emoji",
        ],
        "🎲",
        SHORT,
    ),
    boss(
        "vouchers::AskingLine",
        &["/vouchers", "> New voucher"],
        "OFF5 | 5000 | 1",
        NONE,
    ),
    boss(
        "voucher::Asking::Uses",
        &["/vouchers", "> SALE", "> Uses"],
        "9",
        NONE,
    ),
    boss(
        "voucher::Asking::PerCustomer",
        &["/vouchers", "> SALE", "> For each"],
        "2",
        DASH,
    ),
    boss(
        "voucher::Asking::Starts",
        &["/vouchers", "> SALE", "> From"],
        "2099-01-31",
        DASH,
    ),
    boss(
        "voucher::Asking::Ends",
        &["/vouchers", "> SALE", "> Until"],
        "2099-01-31",
        DASH,
    ),
    boss(
        "voucher::Asking::Minimum",
        &["/vouchers", "> SALE", "> Minimum"],
        "1000",
        DASH_OR_ZERO,
    ),
    boss(
        "voucher::Asking::Cap",
        &["/vouchers", "> SALE", "> At most"],
        "1000",
        DASH,
    ),
    boss(
        "voucher::Asking::Product",
        &["/vouchers", "> SALE", "> For what", "> One product"],
        "GAME",
        NONE,
    ),
    boss(
        "orders::Searching",
        &["/allorders", "> Search"],
        "ann",
        NONE,
    ),
    boss(
        "refunds::Step::Amount",
        &["/allorders", PAID, "> Pay back"],
        "5000",
        NONE,
    ),
    boss(
        "refunds::Step::Reason",
        &["/allorders", PAID, "> Pay back", "5000", "> wallet"],
        "Sorry",
        LINE,
    ),
    boss(
        "calculator::Step::Total",
        &["/allorders", PAID, "> Calculator"],
        "30",
        NONE,
    ),
    boss(
        "calculator::Step::Used",
        &["/allorders", PAID, "> Calculator", "30"],
        "10",
        ZERO,
    ),
    boss(
        "calculator::Step::Claims",
        &["/allorders", PAID, "> Calculator", "30", "10"],
        "0",
        ZERO,
    ),
    boss(
        "calculator::Step::Table",
        &[
            "/allorders",
            PAID,
            "> Calculator",
            "30",
            "10",
            "0",
            "> Table",
        ],
        "30 50 70 100 0 50",
        NONE,
    ),
    boss(
        "customers::Asking::Words",
        &["/customers", "> Search"],
        "an",
        SOUGHT,
    ),
    boss(
        "customers::Asking::Reason",
        &["/customers", "> ann", "> Ban", "> for a week"],
        "Tricks",
        LINE,
    ),
    boss(
        "adjusting::Step::Amount",
        &["/customers", "> ann", "> Credit the wallet"],
        "2500",
        NONE,
    ),
    boss(
        "adjusting::Step::Reason",
        &["/customers", "> ann", "> Credit the wallet", "2500"],
        "A present",
        LINE,
    ),
    boss(
        "adjusting::Step::Confirm",
        &[
            "/customers",
            "> ann",
            "> Credit the wallet",
            "2500",
            "A present",
        ],
        "> Yes, do it",
        NONE,
    ),
    boss(
        "writing::Words",
        &["/customers", "> ann", "> Write"],
        "Hello",
        LINES,
    ),
    boss("team::Step::Whom", &["/team", "> Add someone"], "ann", NONE),
    boss(
        "team::Step::RoleName",
        &["/team", "> Roles", "> New role"],
        "Night shift",
        LINE,
    ),
    boss(
        "notices::AskingHours",
        &["/notices", "> Quiet hours"],
        "22-7",
        NONE,
    ),
    boss(
        "maintenance::Closing",
        &[
            "/menu",
            "> Manage the shop",
            "> Maintenance",
            "> Close the shop",
        ],
        "Back at noon",
        LINES,
    ),
    boss(
        "replies::Asking::Search",
        &["/texts", "> Search"],
        "greeting",
        ANYTHING,
    ),
    boss(
        "replies::Asking::Words",
        &["/texts", "> Search", "greeting", "> greeting:", "> English"],
        "Welcome to { $shop }",
        NONE,
    ),
    boss(
        "replies::Asking::Sure",
        &[
            "/texts",
            "> Search",
            "greeting",
            "> greeting:",
            "> English",
            "Welcome to { $shop }",
        ],
        "> Use it",
        ANYTHING,
    ),
    boss(
        "replies::Asking::Picture",
        &["/texts", "> Pictures", "> Help"],
        PICTURE,
        NONE,
    ),
    boss(
        "broadcast::Asking",
        &["/broadcast", "> Write to everyone"],
        "Hello all",
        LETTER,
    ),
    boss("audit::Asking", &["/audit", "> Search"], "paid", ANYTHING),
    boss(
        "reviews::Closing",
        &["/cases", "> ", "> Close"],
        "Not ours",
        LINE,
    ),
    boss(
        "assigning::Press",
        &["/cases", "> ", "> belongs to an order"],
        ORDER,
        NONE,
    ),
    ann("products::Searching", &["/search"], "gam", PRODUCT),
    ann("wallet::AskingAmount", &["/deposit"], "20000", NONE),
    ann(
        "cart::AskingVoucher",
        &["/cart", "> Use a voucher"],
        "SALE",
        NONE,
    ),
    ann("contact::Saying", &["/contact"], "Hello there", LINES),
    ann("terms::Proving", &["> Fulfilled"], "Posted it", CONTENT),
    ann(
        "proofs::Proving",
        &[
            "/cart",
            "> Order for",
            "> Pay with bank",
            "> send the proof",
        ],
        "from account 9",
        CONTENT,
    ),
];
