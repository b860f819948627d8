//! Every wizard through the pipes: walked to its end with a restart at each step, and left at each
//! step, after which nothing has changed.

use std::fs;

use shopcore::store::Snapshot;
use shopcore::text::Name;

use super::Corner;
use super::talk::Talk;
use crate::world::Backend;
use ways::{
    BEFORE, DEPOSITS, ORDER_NUMBER, OTHER_SHOP, TRANSFERS, WITH_TRANSFERS, WIZARDS, Wizard,
};

mod ways;

const PICTURE: &[u8] = include_bytes!("../../../../docs/statistics.png");

/// Where the shop has lived a little; every wizard begins in a copy of it.
fn lived_in() -> Option<Corner> {
    let corner = Corner::open(Backend::Sqlite)?;
    corner.write("shopbot.toml", "name = \"Corner\"\n");
    fs::write(corner.path().join("game.png"), PICTURE).unwrap();
    for (who, steps) in BEFORE {
        let mut talk = corner.talk(who);
        talk.wait_for("\n[");
        steps.iter().for_each(|step| go(&corner, &mut talk, step));
    }
    corner.write("shopbot.toml", WITH_TRANSFERS);
    let mut talk = corner.talk(&["--user", "ann"]);
    talk.wait_for("\n[");
    TRANSFERS
        .iter()
        .for_each(|step| go(&corner, &mut talk, step));
    talk.wait_for("Somebody looks at it now");
    drop(talk);
    pay_of_nowhere(&corner);
    Some(corner)
}

/// Another shop on the same gateway's account: what is paid to it is in the gateway's books, and
/// nobody here knows whose it is.
fn pay_of_nowhere(corner: &Corner) {
    corner.write("other.toml", OTHER_SHOP);
    let mut talk = Talk::open(corner.command().args(["--config", "other.toml", "chat"]));
    talk.wait_for("\n[");
    DEPOSITS.iter().for_each(|step| go(corner, &mut talk, step));
    talk.wait_for("Test payment");
    drop(talk);
    let listed = corner.run(&["--json", "sandbox", "list"]);
    let charges: Vec<serde_json::Value> = serde_json::from_str(&listed).unwrap();
    let reference = charges.iter().find_map(|charge| {
        let open = charge["state"] == "open";
        charge["reference"].as_str().filter(|_| open)
    });
    corner.run(&["sandbox", "pay", reference.unwrap()]);
    corner.run(&["jobs", "run", "statements"]);
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

fn go(corner: &Corner, talk: &mut Talk, step: &str) {
    match step.strip_prefix("> ") {
        Some(label) => talk.press(label),
        None if step == ORDER_NUMBER => talk.say(&order_number(corner)),
        None => talk.say(step),
    }
}

/// The number of the order that was placed before.
fn order_number(corner: &Corner) -> String {
    let orders = corner.run(&["export", "orders"]);
    let first = orders
        .lines()
        .nth(1)
        .and_then(|line| line.split(',').next());
    first.unwrap().to_owned()
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
        talk.wait_for("\n[");
        talk
    }

    fn begin(&self, corner: &Corner) -> Talk {
        let mut talk = self.open(corner);
        self.way.iter().for_each(|step| go(corner, &mut talk, step));
        talk
    }

    /// Answers everything, each in a process of its own.
    fn walk(&self, corner: &Corner) {
        drop(self.begin(corner));
        let (last, first) = self.answers.split_last().unwrap();
        for answer in first {
            go(corner, &mut self.open(corner), answer);
        }
        let mut talk = self.open(corner);
        go(corner, &mut talk, last);
        talk.wait_for(self.done);
    }

    /// Leaves at each question.
    async fn leave(&self, corner: &Corner) {
        let before = rows(corner).await;
        for count in 0..self.answers.len() {
            let mut talk = self.begin(corner);
            self.answers[..count]
                .iter()
                .for_each(|answer| go(corner, &mut talk, answer));
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
