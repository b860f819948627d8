//! What can happen to a shop, as data: small numbers pick among what is there.

use proptest::prelude::{Just, Strategy, prop_oneof};
use proptest::sample::select;
use shopcore::catalog::LatePolicy;
use shopcore::jobs::JobName;
use shopcore::refund::RefundWay;
use shopcore::service::BroadcastState;
use shopcore::testing::fault::Fault;

use crate::world::{Manner, Mood};

/// One thing that happens. Indices are taken modulo what there is, and count from the newest.
#[derive(Debug, Clone)]
pub(super) enum Command {
    Buy(Buy),
    Money(Pay),
    Keep(Keep),
    Work(Work),
    Fail(Fail),
}

/// What customers do with goods.
#[derive(Debug, Clone)]
pub(super) enum Buy {
    Cart {
        customer: u8,
        product: u8,
        quantity: u8,
    },
    CartVoucher {
        customer: u8,
        voucher: Option<u8>,
    },
    Accept {
        customer: u8,
    },
    PlaceCart {
        customer: u8,
    },
    Place {
        customer: u8,
        product: u8,
        quantity: u8,
        voucher: Option<u8>,
    },
    PlaceAgain,
    Deposit {
        customer: u8,
        amount: i64,
    },
    Cancel {
        invoice: u8,
        by: By,
    },
    Goods {
        order: u8,
        by: By,
    },
}

/// What happens to money.
#[derive(Debug, Clone)]
pub(super) enum Pay {
    Ask {
        invoice: u8,
        bank: u8,
    },
    Charge {
        charge: u8,
        amount: Amount,
        way: Way,
    },
    Again {
        payment: u8,
    },
    Stray {
        origin: Origin,
    },
    FromWallet {
        invoice: u8,
    },
    Check {
        invoice: u8,
    },
    Decide {
        case: u8,
        how: Decision,
    },
    GiveBack {
        order: u8,
        part: Option<i64>,
        way: Option<RefundWay>,
    },
    Adjust {
        customer: u8,
        minor: i64,
    },
}

/// What the shop's people, its jobs and time do.
#[derive(Debug, Clone)]
pub(super) enum Keep {
    Stock { product: u8, count: u8 },
    Reprice { product: u8, price: i64 },
    Hide { product: u8 },
    Uses { voucher: u8, max: u32 },
    Wait { seconds: i64 },
    Job { job: JobName },
}

/// What the team does at its counter, and customers beside buying.
#[derive(Debug, Clone)]
pub(super) enum Work {
    Withdraw {
        product: u8,
        count: u8,
    },
    Restore {
        product: u8,
    },
    Reveal {
        product: u8,
    },
    Limit {
        product: u8,
        most: Option<u32>,
    },
    Late {
        product: u8,
        late: LatePolicy,
    },
    Terms {
        product: u8,
    },
    Categorize {
        product: u8,
    },
    Sort,
    Rename,
    Turn {
        voucher: u8,
    },
    Resend {
        order: u8,
    },
    Ban {
        customer: u8,
        hours: Option<u8>,
    },
    Welcome {
        customer: u8,
    },
    /// They choose a language.
    Speak {
        customer: u8,
    },
    /// They can't be written to any more.
    Lose {
        customer: u8,
    },
    Write {
        customer: u8,
    },
    SendTerms {
        order: u8,
    },
    Prove {
        order: u8,
    },
    Broadcast {
        to: Option<BroadcastState>,
    },
    /// A customer of another shop comes.
    BringIn,
    /// A voucher of another shop comes.
    Furnish,
    /// An order comes that was paid elsewhere.
    HandOver {
        customer: u8,
        product: u8,
    },
}

impl Work {
    /// The name of each.
    pub(super) const NAMES: [&'static str; 22] = [
        "Withdraw",
        "Restore",
        "Reveal",
        "Limit",
        "Late",
        "Terms",
        "Categorize",
        "Sort",
        "Rename",
        "Turn",
        "Resend",
        "Ban",
        "Welcome",
        "Speak",
        "Lose",
        "Write",
        "SendTerms",
        "Prove",
        "Broadcast",
        "BringIn",
        "Furnish",
        "HandOver",
    ];

    /// Its name.
    pub(super) fn name(&self) -> String {
        let told = format!("{self:?}");
        told.split(' ').next().unwrap_or_default().to_owned()
    }
}

/// What goes wrong, or right again.
#[derive(Debug, Clone)]
pub(super) enum Fail {
    Bank {
        bank: u8,
        mood: Mood,
    },
    Post {
        manner: Manner,
    },
    /// A commit of the next command fails, this many after its first.
    Store {
        fault: Fault,
        after: u8,
    },
    Restart {
        banks: Banks,
    },
}

/// How much of a charge is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Amount {
    Exact,
    Half,
    One,
    Over,
    Foreign,
    Absurd,
}

/// How the shop learns of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// The bank tells it, signed.
    Told,
    /// Something says that the bank should be asked.
    Asked,
    /// Not at all; it has to find out by itself.
    Silent,
}

/// Where a payment comes from that belongs to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    KnownBank,
    UnknownBank,
}

/// Who acts on an invoice or an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    Owner,
    Stranger,
    Operator,
}

/// How a case is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    Credit,
    CreditTo(u8),
    Refund,
    Deliver,
    Close,
}

/// Which banks the shop works with after a restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Banks {
    All,
    First,
}

/// Anything, weighted by how much there is to find.
pub(super) fn command() -> impl Strategy<Value = Command> {
    prop_oneof![
        7 => buy().prop_map(Command::Buy),
        8 => pay().prop_map(Command::Money),
        4 => keep().prop_map(Command::Keep),
        4 => work().prop_map(Command::Work),
        2 => fail().prop_map(Command::Fail),
    ]
}

fn buy() -> impl Strategy<Value = Buy> {
    let voucher = || proptest::option::of(0..3_u8);
    let place = (0..3_u8, 0..5_u8, 1..4_u8, voucher());
    let place = place.prop_map(|(customer, product, quantity, voucher)| Buy::Place {
        customer,
        product,
        quantity,
        voucher,
    });
    let cart = (0..3_u8, 0..5_u8, 0..4_u8);
    let cart = cart.prop_map(|(customer, product, quantity)| Buy::Cart {
        customer,
        product,
        quantity,
    });
    let cart_voucher = (0..3_u8, voucher());
    prop_oneof![
        8 => place,
        1 => Just(Buy::PlaceAgain),
        2 => cart,
        1 => cart_voucher.prop_map(|(customer, voucher)| Buy::CartVoucher { customer, voucher }),
        1 => (0..3_u8).prop_map(|customer| Buy::Accept { customer }),
        2 => (0..3_u8).prop_map(|customer| Buy::PlaceCart { customer }),
        1 => (0..3_u8, select(vec![1, 100, 5_000]))
            .prop_map(|(customer, amount)| Buy::Deposit { customer, amount }),
        3 => (0..4_u8, by()).prop_map(|(invoice, by)| Buy::Cancel { invoice, by }),
        1 => (0..4_u8, by()).prop_map(|(order, by)| Buy::Goods { order, by }),
    ]
}

fn by() -> impl Strategy<Value = By> {
    select(vec![By::Owner, By::Owner, By::Stranger, By::Operator])
}

fn pay() -> impl Strategy<Value = Pay> {
    use Amount::{Absurd, Exact, Foreign, Half, One, Over};
    let amount = select(vec![
        Exact, Exact, Exact, Half, Half, One, Over, Foreign, Absurd,
    ]);
    let way = select(vec![Way::Told, Way::Asked, Way::Silent]);
    let recent = || 0..4_u8;
    let how = prop_oneof![
        Just(Decision::Credit),
        (0..3_u8).prop_map(Decision::CreditTo),
        Just(Decision::Refund),
        Just(Decision::Deliver),
        Just(Decision::Close),
    ];
    let part = select(vec![None, None, Some(1), Some(400)]);
    let way_back = select(vec![
        None,
        Some(RefundWay::Gateway),
        Some(RefundWay::Wallet),
        Some(RefundWay::ByHand),
    ]);
    prop_oneof![
        6 => (recent(), 0..3_u8).prop_map(|(invoice, bank)| Pay::Ask { invoice, bank }),
        6 => (recent(), amount, way)
            .prop_map(|(charge, amount, way)| Pay::Charge { charge, amount, way }),
        1 => recent().prop_map(|payment| Pay::Again { payment }),
        1 => select(vec![Origin::KnownBank, Origin::UnknownBank])
            .prop_map(|origin| Pay::Stray { origin }),
        2 => recent().prop_map(|invoice| Pay::FromWallet { invoice }),
        1 => recent().prop_map(|invoice| Pay::Check { invoice }),
        2 => (recent(), how).prop_map(|(case, how)| Pay::Decide { case, how }),
        2 => (recent(), part, way_back)
            .prop_map(|(order, part, way)| Pay::GiveBack { order, part, way }),
        1 => (0..3_u8, select(vec![-300, 700]))
            .prop_map(|(customer, minor)| Pay::Adjust { customer, minor }),
    ]
}

fn keep() -> impl Strategy<Value = Keep> {
    let seconds = select(vec![1, 60, 899, 900, 4_000]);
    prop_oneof![
        3 => (0..5_u8, 1..4_u8).prop_map(|(product, count)| Keep::Stock { product, count }),
        1 => (0..5_u8, select(vec![0, 300, 1_000]))
            .prop_map(|(product, price)| Keep::Reprice { product, price }),
        1 => (0..5_u8).prop_map(|product| Keep::Hide { product }),
        1 => (0..3_u8, 1..5_u32).prop_map(|(voucher, max)| Keep::Uses { voucher, max }),
        3 => seconds.prop_map(|seconds| Keep::Wait { seconds }),
        5 => select(JobName::ALL.to_vec()).prop_map(|job| Keep::Job { job }),
    ]
}

fn work() -> impl Strategy<Value = Work> {
    use BroadcastState::{Cancelled, Paused, Running};
    let product = || 0..5_u8;
    let customer = || 0..3_u8;
    let order = || 0..4_u8;
    let most = select(vec![None, None, Some(1), Some(3)]);
    let late = select(vec![
        LatePolicy::Deliver,
        LatePolicy::Credit,
        LatePolicy::Review,
    ]);
    let hours = select(vec![None, Some(1)]);
    let to = select(vec![None, Some(Running), Some(Paused), Some(Cancelled)]);
    let shelf = prop_oneof![
        (product(), 1..3_u8).prop_map(|(product, count)| Work::Withdraw { product, count }),
        product().prop_map(|product| Work::Restore { product }),
        product().prop_map(|product| Work::Reveal { product }),
        (product(), most).prop_map(|(product, most)| Work::Limit { product, most }),
        (product(), late).prop_map(|(product, late)| Work::Late { product, late }),
        product().prop_map(|product| Work::Terms { product }),
        product().prop_map(|product| Work::Categorize { product }),
        prop_oneof![Just(Work::Sort), Just(Work::Rename)],
        (0..3_u8).prop_map(|voucher| Work::Turn { voucher }),
        Just(Work::Furnish),
    ];
    let people = prop_oneof![
        1 => order().prop_map(|order| Work::Resend { order }),
        1 => (customer(), hours).prop_map(|(customer, hours)| Work::Ban { customer, hours }),
        3 => customer().prop_map(|customer| Work::Welcome { customer }),
        1 => customer().prop_map(|customer| Work::Speak { customer }),
        1 => customer().prop_map(|customer| Work::Lose { customer }),
        1 => customer().prop_map(|customer| Work::Write { customer }),
        1 => order().prop_map(|order| Work::SendTerms { order }),
        1 => order().prop_map(|order| Work::Prove { order }),
        1 => to.prop_map(|to| Work::Broadcast { to }),
        1 => Just(Work::BringIn),
        1 => (customer(), product()).prop_map(|(customer, product)| Work::HandOver { customer, product }),
    ];
    prop_oneof![shelf, people]
}

fn fail() -> impl Strategy<Value = Fail> {
    use Manner::{Brings, Busy, Refuses};
    let moods = vec![Mood::Well, Mood::Well, Mood::Down, Mood::Mute, Mood::Stern];
    let manners = vec![Brings, Brings, Manner::Down, Busy, Refuses];
    let banks = vec![Banks::All, Banks::All, Banks::First];
    prop_oneof![
        2 => (0..3_u8, select(moods)).prop_map(|(bank, mood)| Fail::Bank { bank, mood }),
        2 => select(manners).prop_map(|manner| Fail::Post { manner }),
        3 => (select(Fault::ALL.to_vec()), 0..2_u8)
            .prop_map(|(fault, after)| Fail::Store { fault, after }),
        1 => select(banks).prop_map(|banks| Fail::Restart { banks }),
    ]
}
