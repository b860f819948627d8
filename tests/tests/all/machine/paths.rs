//! Short lives that lead to every row of the settlement table and along every edge, so that what
//! must be reached does not depend on chance.

use shopcore::catalog::LatePolicy;
use shopcore::jobs::JobName;
use shopcore::refund::RefundWay;
use shopcore::service::BroadcastState;

use super::command::{
    Amount, Banks, Buy, By, Command, Decision, Fail, Keep, Origin, Pay, Way, Work,
};
use crate::world::{Manner, Mood};

/// The goods of a stand, by number.
const DELIVER: u8 = 0;
const CREDIT: u8 = 1;
const REVIEW: u8 = 2;
const FREE: u8 = 3;
const ENDLESS: u8 = 4;

/// The banks: one that knows a charge again, one that finds it, one that can do neither.
const ALPHA: u8 = 0;
const BETA: u8 = 1;
const GAMMA: u8 = 2;

/// Every path with its name.
pub(super) fn all() -> Vec<(&'static str, Vec<Command>)> {
    let mut all = paid();
    all.extend(late());
    all.extend(ended());
    all.extend(charged());
    all.extend(reviewed());
    all.push(("at the counter", at_the_counter()));
    all
}

/// All of them one after the other, in a shop that never runs out.
pub(super) fn whole_life() -> Vec<Command> {
    let restocked = [DELIVER, CREDIT, REVIEW].map(stock).to_vec();
    let paths = all().into_iter().map(|(_, path)| path);
    paths
        .flat_map(|path| [restocked.clone(), path].concat())
        .collect()
}

/// Everything that the team and customers do beside buying, once.
fn at_the_counter() -> Vec<Command> {
    let product = CREDIT;
    let work = [
        Work::Terms { product },
        Work::Limit {
            product,
            most: Some(9),
        },
        Work::Late {
            product,
            late: LatePolicy::Credit,
        },
        Work::Categorize { product },
        Work::Categorize { product },
        Work::Sort,
        Work::Sort,
        Work::Rename,
        Work::Reveal { product },
        Work::Withdraw { product, count: 1 },
        Work::Restore { product },
        Work::Furnish,
        Work::BringIn,
        Work::HandOver {
            customer: 1,
            product,
        },
        Work::Turn { voucher: 0 },
        Work::Turn { voucher: 0 },
        Work::Speak { customer: 1 },
        Work::Lose { customer: 1 },
        Work::Write { customer: 0 },
        Work::Broadcast { to: None },
        Work::Broadcast {
            to: Some(BroadcastState::Running),
        },
        Work::Ban {
            customer: 2,
            hours: None,
        },
        Work::Welcome { customer: 2 },
    ];
    let sold = [
        stock(CREDIT),
        place(0, CREDIT, None),
        ask(ALPHA),
        pay(Amount::Exact),
        job(JobName::Outbox),
    ];
    let after = [
        Work::Resend { order: 0 },
        Work::SendTerms { order: 0 },
        Work::Prove { order: 0 },
    ];
    let (work, after) = (work.into_iter(), after.into_iter());
    let before = work.map(Command::Work).chain(sold);
    before.chain(after.map(Command::Work)).collect()
}

fn paid() -> Vec<(&'static str, Vec<Command>)> {
    let delivered = [
        asked(DELIVER),
        vec![pay(Amount::Exact), again(), job(JobName::Outbox)],
    ];
    let in_parts = vec![pay(Amount::Half), pay(Amount::Exact), job(JobName::Outbox)];
    let twice = vec![pay(Amount::Exact), pay(Amount::Exact)];
    let with_voucher = vec![place(0, CREDIT, Some(0)), ask(ALPHA), pay(Amount::Exact)];
    let from_wallet = vec![
        Command::Money(Pay::Adjust {
            customer: 0,
            minor: 2_000,
        }),
        place(0, DELIVER, None),
        Command::Money(Pay::FromWallet { invoice: 0 }),
    ];
    let deposit = Command::Buy(Buy::Deposit {
        customer: 0,
        amount: 5_000,
    });
    vec![
        ("paid, told twice, delivered", delivered.concat()),
        ("paid in parts", [asked(CREDIT), in_parts].concat()),
        (
            "paid too much",
            [asked(CREDIT), vec![pay(Amount::Over)]].concat(),
        ),
        ("paid twice", [asked(CREDIT), twice].concat()),
        ("paid with a voucher", with_voucher),
        ("paid from the wallet", from_wallet),
        ("a deposit", vec![deposit, ask(ALPHA), pay(Amount::Exact)]),
        (
            "free",
            vec![
                place(0, FREE, None),
                place(0, CREDIT, Some(2)),
                job(JobName::Outbox),
            ],
        ),
        (
            "an endless product whose content is replaced",
            vec![
                stock(ENDLESS),
                place(0, ENDLESS, None),
                ask(ALPHA),
                pay(Amount::Exact),
            ],
        ),
    ]
}

fn late() -> Vec<(&'static str, Vec<Command>)> {
    let with_voucher = vec![
        place(0, DELIVER, Some(0)),
        ask(ALPHA),
        expire(),
        pay(Amount::Exact),
    ];
    let sold_out = vec![expire(), place(1, DELIVER, None), pay(Amount::Exact)];
    let cancelled = vec![cancel(), pay(Amount::Exact)];
    let expired = vec![expire(), pay(Amount::Exact)];
    vec![
        ("late, delivered with its voucher", with_voucher),
        ("late, sold out", [asked(DELIVER), sold_out].concat()),
        (
            "late after a cancel, delivered",
            [asked(DELIVER), cancelled].concat(),
        ),
        ("late, credited", [asked(CREDIT), expired.clone()].concat()),
        ("late, to review", [asked(REVIEW), expired].concat()),
    ]
}

fn ended() -> Vec<(&'static str, Vec<Command>)> {
    let short_then_cancelled = vec![pay(Amount::Half), cancel()];
    let refused = vec![
        restart(Banks::First),
        place(0, CREDIT, None),
        bank(ALPHA, Mood::Stern),
        ask(ALPHA),
    ];
    let rest_refused = vec![
        restart(Banks::First),
        place(0, CREDIT, None),
        ask(ALPHA),
        bank(ALPHA, Mood::Stern),
        pay(Amount::Half),
    ];
    vec![
        (
            "expired before it was asked for",
            vec![place(0, CREDIT, None), expire()],
        ),
        (
            "cancelled before it was asked for",
            vec![place(0, CREDIT, Some(0)), cancel()],
        ),
        (
            "part paid, then cancelled",
            [asked(CREDIT), short_then_cancelled].concat(),
        ),
        ("refused by the only bank", refused),
        ("the rest refused by the only bank", rest_refused),
    ]
}

fn charged() -> Vec<(&'static str, Vec<Command>)> {
    let moved = vec![
        place(0, CREDIT, None),
        bank(ALPHA, Mood::Down),
        ask(ALPHA),
        ask(BETA),
    ];
    let lost = vec![
        place(0, CREDIT, None),
        bank(ALPHA, Mood::Mute),
        ask(ALPHA),
        pay(Amount::Exact),
    ];
    let abandoned = vec![
        place(0, CREDIT, None),
        bank(GAMMA, Mood::Mute),
        ask(GAMMA),
        pay(Amount::Exact),
    ];
    let mended = vec![
        place(0, CREDIT, None),
        bank(BETA, Mood::Mute),
        ask(BETA),
        bank(BETA, Mood::Well),
        Command::Keep(Keep::Wait { seconds: 60 }),
        job(JobName::Reconcile),
        Command::Money(Pay::Charge {
            charge: 0,
            amount: Amount::Exact,
            way: Way::Silent,
        }),
        Command::Keep(Keep::Wait { seconds: 60 }),
        job(JobName::Reconcile),
    ];
    vec![
        ("a charge that moved to another bank", moved),
        ("a charge whose reply was lost, paid", lost),
        ("a charge that was given up, paid", abandoned),
        (
            "a charge that was completed by the job, paid in silence",
            mended,
        ),
    ]
}

fn reviewed() -> Vec<(&'static str, Vec<Command>)> {
    let late = || [asked(REVIEW), vec![expire(), pay(Amount::Exact)]].concat();
    let stray = |origin| Command::Money(Pay::Stray { origin });
    let strays = vec![
        stray(Origin::KnownBank),
        decide(Decision::CreditTo(1)),
        stray(Origin::KnownBank),
        decide(Decision::Refund),
        job(JobName::Outbox),
        stray(Origin::UnknownBank),
        decide(Decision::Close),
    ];
    let odd = vec![
        pay(Amount::Foreign),
        pay(Amount::Absurd),
        decide(Decision::Close),
    ];
    let manner = |manner| Command::Fail(Fail::Post { manner });
    let refused = vec![
        place(0, FREE, None),
        manner(Manner::Refuses),
        job(JobName::Outbox),
        decide(Decision::Deliver),
        job(JobName::Outbox),
        decide(Decision::Close),
    ];
    let back = |way, part| {
        Command::Money(Pay::GiveBack {
            order: 0,
            part,
            way,
        })
    };
    let given_back = vec![
        pay(Amount::Exact),
        back(Some(RefundWay::Wallet), Some(1)),
        back(Some(RefundWay::ByHand), Some(1)),
        decide(Decision::Close),
        back(None, Some(1)),
        bank(ALPHA, Mood::Stern),
        job(JobName::Outbox),
        back(None, None),
        bank(ALPHA, Mood::Well),
        job(JobName::Outbox),
    ];
    let undelivered = vec![pay(Amount::Exact), back(None, None), job(JobName::Outbox)];
    vec![
        (
            "given back in parts, by every way",
            [asked(CREDIT), given_back].concat(),
        ),
        (
            "given back before it was delivered",
            [asked(CREDIT), undelivered].concat(),
        ),
        (
            "under review, delivered",
            [late(), vec![decide(Decision::Deliver)]].concat(),
        ),
        (
            "under review, credited",
            [late(), vec![decide(Decision::Credit)]].concat(),
        ),
        (
            "under review, closed",
            [late(), vec![decide(Decision::Close)]].concat(),
        ),
        ("payments that belong to nothing", strays),
        ("payments that can't be", [asked(CREDIT), odd].concat()),
        ("goods that the messenger refuses", refused),
    ]
}

/// An order of one, with a charge at the first bank.
fn asked(product: u8) -> Vec<Command> {
    vec![place(0, product, None), ask(ALPHA)]
}

fn place(customer: u8, product: u8, voucher: Option<u8>) -> Command {
    let quantity = 1;
    Command::Buy(Buy::Place {
        customer,
        product,
        quantity,
        voucher,
    })
}

fn ask(bank: u8) -> Command {
    Command::Money(Pay::Ask { invoice: 0, bank })
}

fn pay(amount: Amount) -> Command {
    let (charge, way) = (0, Way::Told);
    Command::Money(Pay::Charge {
        charge,
        amount,
        way,
    })
}

fn again() -> Command {
    Command::Money(Pay::Again { payment: 0 })
}

fn cancel() -> Command {
    Command::Buy(Buy::Cancel {
        invoice: 0,
        by: By::Owner,
    })
}

fn decide(how: Decision) -> Command {
    Command::Money(Pay::Decide { case: 0, how })
}

fn stock(product: u8) -> Command {
    Command::Keep(Keep::Stock { product, count: 1 })
}

fn job(job: JobName) -> Command {
    Command::Keep(Keep::Job { job })
}

/// Long enough for every order to expire, and for the job to end it.
fn expire() -> Command {
    Command::Keep(Keep::Wait { seconds: 4_000 })
}

fn bank(bank: u8, mood: Mood) -> Command {
    Command::Fail(Fail::Bank { bank, mood })
}

fn restart(banks: Banks) -> Command {
    Command::Fail(Fail::Restart { banks })
}
