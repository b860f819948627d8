//! The reference bot as people run it: files are imported, someone buys through the pipes of a
//! chat, the process is killed, and what was paid for is delivered all the same.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use shopcore::backend::postgres::PostgresStore;
use shopcore::backend::sqlite::SqliteStore;
use shopcore::invariant::Invariant;
use shopcore::order::OrderNumber;
use shopcore::store::Store;
use shopcore::testing::cluster::{Database, database};
use shopcore::text::Name;
use tempfile::TempDir;

use crate::chance::{Chance, seed, setting};
use crate::release::program;
use crate::world::Backend;
use talk::Talk;

mod repairs;
mod tables;
mod talk;
mod wizards;

/// A directory with the files of a shop, and the bot that runs in it.
struct Corner {
    bot: PathBuf,
    directory: TempDir,
    /// Where the shop is kept, if that is not a file in the directory.
    database: Option<Database>,
}

impl Corner {
    fn open(backend: Backend) -> Option<Self> {
        let bot = program("shopbot")?;
        let database = match backend {
            Backend::Postgres => Some(database()?),
            Backend::Memory | Backend::Sqlite => None,
        };
        let corner = Self {
            bot,
            directory: TempDir::new().unwrap(),
            database,
        };
        if backend == Backend::Postgres {
            corner.run(&["key", "new", "shop.key"]);
        }
        Some(corner)
    }

    /// A shop of 1,000 products and 10,000 keys, all of them of product 500.
    fn stocked(backend: Backend) -> Option<Self> {
        let corner = Self::open(backend)?;
        let mut products = "code,name,price,description,category\n".to_owned();
        for number in 0..1_000 {
            let price = 1_000 + number;
            let shelf = number % 7;
            writeln!(
                products,
                "P{number:04},Product {number:04},{price},\"One, of many\",Shelf {shelf}"
            )
            .unwrap();
        }
        corner.write("products.csv", &products);
        let keys: String = (0..10_000)
            .map(|number| format!("{}\n", key(number)))
            .collect();
        corner.write("keys.txt", &keys);
        let imported = corner.run(&["import", "products", "products.csv", "--create-categories"]);
        assert!(imported.contains("1000 imported"), "{imported}");
        let imported = corner.run(&["import", "stock", "--product", "P0500", "keys.txt"]);
        assert!(imported.contains("10000 imported"), "{imported}");
        Some(corner)
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path().join(name), text).unwrap();
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.bot);
        command.current_dir(self.path());
        if let Some(database) = &self.database {
            command.env("SHOPBOT_STORE", database.url());
            command.env("SHOPBOT_KEY_FILE", "shop.key");
        }
        command
    }

    async fn store(&self) -> Arc<dyn Store> {
        let file = self.path().join("data/shop.db");
        match &self.database {
            Some(database) => {
                let address = database.url().parse().unwrap();
                Arc::new(PostgresStore::open(address).await.unwrap())
            }
            None => Arc::new(SqliteStore::open(file).await.unwrap()),
        }
    }

    fn output(&self, words: &[&str]) -> Output {
        self.command().args(words).output().unwrap()
    }

    /// What the bot prints, where it succeeds.
    fn run(&self, words: &[&str]) -> String {
        let output = self.output(words);
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let remarks = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words:?}: {text}{remarks}");
        text + &remarks
    }

    fn talk(&self, words: &[&str]) -> Talk {
        Talk::open(self.command().arg("chat").args(words))
    }

    /// Every invariant holds.
    fn check(&self) {
        let checked = self.run(&["check"]);
        assert_eq!(
            checked
                .lines()
                .filter(|line| line.starts_with("ok"))
                .count(),
            Invariant::ALL.len(),
            "{checked}"
        );
    }
}

fn key(number: u32) -> String {
    format!("KEY-{number:05}-{:06}", number * 7_919 % 100_003)
}

/// The keys that a text shows.
fn keys(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
    let keys = words.filter(|word| word.starts_with("KEY-"));
    keys.map(str::to_owned).collect()
}

/// Looks product 500 up, and puts one into the cart; gives what the cart shows.
/// Puts one into the cart; goods that were owed may come at any moment.
fn fill_cart(talk: &mut Talk) {
    loop {
        talk.say("/search");
        talk.wait_for("Type part of a name");
        talk.say("P0500");
        if talk.try_to_press("Product 0500", "in stock") && talk.try_to_press("Add 1", "Your cart")
        {
            return;
        }
    }
}

#[test]
fn a_chat_begins_with_how_to_act_and_tells_of_a_locked_database() {
    let Some(corner) = Corner::open(Backend::Sqlite) else {
        return;
    };
    let mut talk = corner.talk(&[]);
    let first = talk.wait_for("Wallet");
    assert!(
        first.starts_with("The number or letter of a button"),
        "{first}"
    );
    assert!(first.contains("try the voucher WELCOME10"), "{first}");
    let other = rusqlite::Connection::open(corner.path().join("data/shop.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    talk.say("/deposit 50000");
    talk.wait_for("The shop can't be reached right now. Nothing was changed");
    drop(other);
    talk.say("/deposit 50000");
    talk.wait_for("To pay: Rp 50.000");
    drop(talk);
    let mut again = corner.talk(&[]);
    let first = again.wait_for("Wallet");
    assert!(!first.contains("This is a demo shop"), "{first}");
}

#[test]
fn a_key_that_was_paid_for_is_delivered_after_a_kill() {
    buy_and_be_killed(Backend::Sqlite);
}

#[test]
fn a_key_that_was_paid_for_is_delivered_after_a_kill_from_postgresql() {
    buy_and_be_killed(Backend::Postgres);
}

#[test]
fn a_shop_on_postgresql_is_checked_from_a_machine_that_did_not_make_it() {
    let Some(corner) = Corner::open(Backend::Postgres) else {
        return;
    };
    let products = "code,name,price,description,category\nA,Key,1000,One,Keys\n";
    corner.write("products.csv", products);
    corner.run(&["import", "products", "products.csv", "--create-categories"]);
    let machine = TempDir::new().unwrap();
    fs::copy(
        corner.path().join("shop.key"),
        machine.path().join("shop.key"),
    )
    .unwrap();
    let mut check = corner.command();
    let checked = check.arg("check").current_dir(&machine).output().unwrap();
    let told = String::from_utf8_lossy(&checked.stderr);
    assert!(checked.status.success(), "{told}");
}

fn buy_and_be_killed(backend: Backend) {
    let Some(corner) = Corner::stocked(backend) else {
        return;
    };
    let again = corner.output(&["import", "stock", "--product", "P0500", "keys.txt"]);
    assert!(!again.status.success(), "10,000 duplicates were imported");

    let mut admin = corner.talk(&["--as", "admin"]);
    admin.press("Manage the shop");
    admin.press("Vouchers");
    admin.press("New voucher");
    admin.wait_for("Type one line");
    admin.say("SPRING | 10% | 3");
    admin.wait_for("The voucher is ready");
    drop(admin);

    let mut ana = corner.talk(&["--user", "ana"]);
    fill_cart(&mut ana);
    ana.press("Use a voucher");
    ana.wait_for("the code of your voucher");
    ana.say("SPRING");
    ana.wait_for("Total: Rp 1.350");
    ana.press("Order for Rp 1.350");
    ana.wait_for("To pay: Rp 1.350");
    ana.wait_for("Test payment (sandbox)");
    let charges: serde_json::Value =
        serde_json::from_str(&corner.run(&["--json", "sandbox", "list"])).unwrap();
    let reference = charges[0]["reference"].as_str().unwrap();
    corner.run(&["sandbox", "pay", reference]);
    ana.kill();

    let mut ana = corner.talk(&["--user", "ana"]);
    let text = ana.wait_for("KEY-");
    let delivered = keys(&text);
    assert_eq!(delivered, BTreeSet::from([key(0)]));
    ana.say("/start");
    ana.press("My orders");
    ana.wait_for("delivered");
    drop(ana);
    corner.check();
    let order = corner.run(&["--json", "audit", "--kind", "order"]);
    let entries: Vec<serde_json::Value> = serde_json::from_str(&order).unwrap();
    let number = entries[0]["what"].as_str().unwrap();
    let life = corner.run(&["audit", "--order", number, "--actor", "customer"]);
    assert!(life.contains(&format!("order {number} placed")), "{life}");
    assert!(!life.contains("KEY-"), "{life}");
    let report = corner.run(&["--json", "report"]);
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["sum"]["business"]["paid"], 1, "{report}");
    assert_eq!(report["sum"]["business"]["revenue"]["minor"], 1_350);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_that_is_killed_at_any_moment_loses_no_order() {
    chat_and_be_killed(Backend::Sqlite, setting("SHOPCORE_CHAT_KILLS", 15)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_that_is_killed_at_any_moment_loses_no_order_in_postgresql() {
    chat_and_be_killed(Backend::Postgres, setting("SHOPCORE_CHAT_KILLS", 5)).await;
}

async fn chat_and_be_killed(backend: Backend, kills: u64) {
    let Some(corner) = Corner::stocked(backend) else {
        return;
    };
    let seed = seed();
    eprintln!("replay with SHOPCORE_SEED={seed} SHOPCORE_CHAT_KILLS={kills}");
    let mut chance = Chance::new(seed);
    let mut told: BTreeSet<OrderNumber> = BTreeSet::new();
    for _ in 0..kills {
        let mut ana = corner.talk(&["--user", "ana"]);
        fill_cart(&mut ana);
        while !ana.try_to_press("Order for", "Test payment (sandbox)") {
            ana.say("/cart");
        }
        let asked = ana.wait_for("Test payment (sandbox)");
        told.extend(numbers(&asked));
        ana.press("Test payment (sandbox)");
        thread::sleep(Duration::from_millis(chance.below(120)));
        let rest = ana.kill();
        told.extend(numbers(&rest));
        corner.check();
    }
    assert_eq!(told.len(), usize::try_from(kills).unwrap());
    // What is still to be sent comes with the next visit.
    let mut ana = corner.talk(&["--user", "ana"]);
    ana.say("/orders");
    ana.wait_for("Your orders");
    drop(ana);
    corner.check();
    let store = corner.store().await;
    let shop = store
        .find_shop(&Name::parse("Shop").unwrap())
        .await
        .unwrap()
        .unwrap();
    for number in told {
        let order = store.find_order_number(shop.id, &number).await.unwrap();
        assert!(order.is_some(), "order {number} was shown and is gone");
    }
}

/// The order numbers that a text shows.
fn numbers(text: &str) -> BTreeSet<OrderNumber> {
    let numbers = text.lines().filter_map(|line| line.strip_prefix("Order "));
    numbers
        .filter_map(|number| number.trim().parse().ok())
        .collect()
}
