//! Every wizard through the pipes: walked to its end with a restart at each step, and left at each
//! step, after which nothing has changed.

use std::fs;

use shopcore::store::Snapshot;
use shopcore::text::Name;

use super::Corner;
use super::talk::Talk;
use crate::world::Backend;

/// A way through questions, as someone goes it.
struct Wizard {
    name: &'static str,
    /// The words that `chat` is begun with.
    who: &'static [&'static str],
    /// How one gets to the first question. `> LABEL` presses a button.
    way: &'static [&'static str],
    /// What is answered, question by question.
    answers: &'static [&'static str],
    /// What is read at the end.
    done: &'static str,
}

const BOSS: &[&str] = &["--as", "admin"];
const ANN: &[&str] = &["--user", "ann"];

/// What happened in the shop before.
const BEFORE: [(&[&str], &[&str]); 4] = [
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
];

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

const WIZARDS: [Wizard; 34] = [
    boss(
        "a new product",
        &["/addproduct"],
        &[
            "NEW",
            "Newcomer",
            "20.000",
            "A line",
            "=2",
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
        &["=2"],
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
        &["=1", "> Withdraw"],
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
        "Toys, in place 1",
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
        "2099",
    ),
    boss(
        "a voucher's minimum",
        &["/vouchers", "> SALE", "> Minimum"],
        &["1000"],
        "1.000",
    ),
    boss(
        "looking for an order",
        &["/allorders", "> Search"],
        &["ann"],
        "Whose orders?",
    ),
    boss(
        "paying back, how much",
        &["/allorders", "> Rp 15.000", "> Pay back"],
        &["5000"],
        "wallet",
    ),
    boss(
        "paying back, why",
        &[
            "/allorders",
            "> Rp 15.000",
            "> Pay back",
            "5000",
            "> wallet",
        ],
        &["Sorry"],
        "Paid back: Rp 5.000",
    ),
    boss(
        "the calculator",
        &["/allorders", "> Rp 15.000", "> Calculator"],
        &["30", "10", "0"],
        "Rp",
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
            "> Rp 15.000",
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
            "> Rp 15.000",
            "> Customer",
            "> Ban",
            "> for a week",
        ],
        &["Tricks"],
        "Banned until",
    ),
    boss(
        "writing to a customer",
        &["/allorders", "> Rp 15.000", "> Customer", "> Write"],
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
        "22",
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
    ann("a search", &["/search"], &["gam"], "Game"),
    ann("a deposit", &["/deposit"], &["20000"], "20.000"),
    ann(
        "a voucher in the cart",
        &["/cart", "> Use a voucher"],
        &["SALE"],
        "SALE",
    ),
    ann("a letter", &["/contact"], &["Hello there"], "team"),
];

/// Where the shop has lived a little; every wizard begins in a copy of it.
fn lived_in() -> Option<Corner> {
    let corner = Corner::open(Backend::Sqlite)?;
    corner.write("shopbot.toml", "name = \"Corner\"\n");
    for (who, steps) in BEFORE {
        let mut talk = corner.talk(who);
        talk.wait_for("[1]");
        steps.iter().for_each(|step| go(&mut talk, step));
    }
    Some(corner)
}

fn copy_of(corner: &Corner) -> Corner {
    let copy = Corner::open(Backend::Sqlite).unwrap();
    fs::create_dir(copy.path().join("data")).unwrap();
    for folder in ["", "data"] {
        for file in fs::read_dir(corner.path().join(folder)).unwrap() {
            let file = file.unwrap();
            if file.file_type().unwrap().is_file() {
                let to = copy.path().join(folder).join(file.file_name());
                fs::copy(file.path(), to).unwrap();
            }
        }
    }
    copy
}

fn go(talk: &mut Talk, step: &str) {
    match step.strip_prefix("> ") {
        Some(label) => talk.press(label),
        None => talk.say(step),
    }
}

/// Every row that tells what the shop is, without what only waits to be told.
async fn rows(corner: &Corner) -> Snapshot {
    let store = corner.store().await;
    let name = Name::parse("Corner").unwrap();
    let shop = store.find_shop(&name).await.unwrap().unwrap();
    let mut rows = store.snapshot(shop.id).await.unwrap();
    rows.outbox.clear();
    rows
}

impl Wizard {
    /// Opens the chat, in which a menu or the open question stands.
    fn open(&self, corner: &Corner) -> Talk {
        let mut talk = corner.talk(self.who);
        talk.wait_for("[1]");
        talk
    }

    fn begin(&self, corner: &Corner) -> Talk {
        let mut talk = self.open(corner);
        self.way.iter().for_each(|step| go(&mut talk, step));
        talk
    }

    /// Answers everything, each in a process of its own.
    fn walk(&self, corner: &Corner) {
        drop(self.begin(corner));
        let (last, first) = self.answers.split_last().unwrap();
        for answer in first {
            go(&mut self.open(corner), answer);
        }
        let mut talk = self.open(corner);
        go(&mut talk, last);
        talk.wait_for(self.done);
    }

    /// Leaves at each question.
    async fn leave(&self, corner: &Corner) {
        let before = rows(corner).await;
        for count in 0..self.answers.len() {
            let mut talk = self.begin(corner);
            self.answers[..count]
                .iter()
                .for_each(|answer| go(&mut talk, answer));
            talk.say("/cancel");
            talk.wait_for("What would you like to do?");
            drop(talk);
            let after = rows(corner).await;
            assert_eq!(after, before, "{} left after {count} answers", self.name);
        }
    }
}

#[tokio::test]
async fn every_wizard_goes_on_after_a_restart_and_leaves_nothing_when_left() {
    let Some(lived) = lived_in() else {
        return;
    };
    let mut failed = Vec::new();
    for wizard in &WIZARDS {
        let corner = copy_of(&lived);
        let gone = tokio::spawn(async move {
            wizard.leave(&corner).await;
            wizard.walk(&corner);
            corner.check();
        });
        if gone.await.is_err() {
            failed.push(wizard.name);
        }
    }
    assert_eq!(failed, Vec::<&str>::new());
}
