//! The program is killed at random moments, under load, again and again. Whatever it had told a
//! pipe before is there when its file is opened, and every invariant holds.
//!
//! `SHOPCORE_SEED` replays the moments as far as a machine can, `SHOPCORE_KILLS` sets how many.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use shopcore::backend::sqlite::SqliteStore;
use shopcore::id::{OrderId, ProductId, ShopId};
use shopcore::invariant::{Rules, check};
use shopcore::invoice::{EventId, GatewayName};
use shopcore::order::OrderState;
use shopcore::store::{InvoiceReader, OrderReader, ShopReader, Store};
use shopcore::text::Name;
use shopcore::time::{Clock, SystemClock};
use tempfile::TempDir;

use crate::chance::{Chance, seed, setting};
use crate::release::program;

/// Kills of one shop; then a new one is made, so that looking at all of its rows stays quick.
const KILLS_PER_SHOP: u64 = 25;

/// The longest that the program runs, counted from its first acknowledgement.
const LONGEST: u64 = 400;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_when_the_program_is_killed() {
    let Some(load) = program("load") else { return };
    let (seed, kills) = (seed(), setting("SHOPCORE_KILLS", 200));
    eprintln!("replay with SHOPCORE_SEED={seed} SHOPCORE_KILLS={kills}");
    let mut chance = Chance::new(seed);
    let (mut done, mut acknowledged) = (0, 0);
    while done < kills {
        let directory = TempDir::new().unwrap();
        let file = directory.path().join("shop.db");
        let mut imported = BTreeMap::new();
        for _ in 0..KILLS_PER_SHOP.min(kills - done) {
            let acks = killed_run(&load, &file, &mut chance);
            acknowledged += acks.len();
            verify(&file, &acks, &mut imported).await;
            done += 1;
        }
        verify_all(&file, &imported).await;
    }
    eprintln!("{acknowledged} acknowledgements survived {done} kills");
    assert!(
        acknowledged > 10 * usize::try_from(kills).unwrap(),
        "there was hardly any load"
    );
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_when_the_disk_is_full() {
    let Some(load) = program("load") else { return };
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("shop.db");
    // Files of this process can't grow beyond 2 MiB, which its writes are told as an error.
    let limited = "trap '' XFSZ; ulimit -f 4096; exec \"$@\"";
    let mut command = Command::new("sh");
    command.args(["-c", limited, "sh"]).arg(&load);
    let (acks, errors) = whole_run(laden(&mut command, &file).args(["--seconds", "4"]));
    assert!(errors > 0, "the disk was never full");
    let mut imported = BTreeMap::new();
    verify(&file, &acks, &mut imported).await;
    verify_all(&file, &imported).await;

    // With room again the shop goes on.
    let mut command = Command::new(&load);
    let (more, errors) = whole_run(laden(&mut command, &file).args(["--seconds", "1"]));
    assert_eq!((more.is_empty(), errors), (false, 0));
    verify(&file, &more, &mut imported).await;
    verify_all(&file, &imported).await;
}

/// Runs the program to its end; gives what it acknowledged, and how many errors it tells of.
fn whole_run(command: &mut Command) -> (Vec<Ack>, u64) {
    let command = command.args(["--scenario", "paid-checkout", "--stock", "300", "--json"]);
    let out = command.stderr(Stdio::null()).output().unwrap().stdout;
    let (begun, _) = channel();
    let mut lines = whole_lines(out.as_slice(), &begun);
    let report: serde_json::Value = serde_json::from_str(&lines.pop().unwrap()).unwrap();
    let acks = lines.iter().map(|line| Ack::read(line)).collect();
    (acks, report["errors"].as_u64().unwrap())
}

/// What the program is always told to do.
fn laden<'a>(command: &'a mut Command, file: &Path) -> &'a mut Command {
    let store = format!("sqlite:{}", file.display());
    let size = ["--clients", "8", "--products", "3", "--vouchers", "2"];
    command.args(["--store", &store, "--acks"]).args(size)
}

/// Runs the program until a random moment and kills it; gives what it had acknowledged.
fn killed_run(load: &Path, file: &Path, chance: &mut Chance) -> Vec<Ack> {
    let (scenario, stock) = match chance.below(8) {
        0 => ("import", "2000"),
        1 => ("voucher", "300"),
        2 => ("expiry", "60"),
        _ => ("paid-checkout", "300"),
    };
    let mut command = Command::new(load);
    laden(&mut command, file)
        .args(["--scenario", scenario, "--stock", stock, "--seconds", "60"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let (lines, begun) = collect(&mut child);
    // Some are killed while they start, most while they work.
    if chance.below(5) > 0 {
        let _ = begun.recv_timeout(Duration::from_secs(10));
    }
    thread::sleep(Duration::from_millis(chance.below(LONGEST)));
    child.kill().unwrap();
    child.wait().unwrap();
    let lines = lines.join().unwrap();
    lines.iter().map(|line| Ack::read(line)).collect()
}

/// Reads lines until the pipe ends; one that was cut off was not told.
fn collect(child: &mut Child) -> (JoinHandle<Vec<String>>, Receiver<()>) {
    let (sender, begun): (Sender<()>, _) = channel();
    let out = child.stdout.take().unwrap();
    let lines = thread::spawn(move || whole_lines(out, &sender));
    (lines, begun)
}

fn whole_lines(out: impl Read, begun: &Sender<()>) -> Vec<String> {
    let mut reader = BufReader::new(out);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if !line.ends_with('\n') {
            return lines;
        }
        lines.push(line.trim_end().to_owned());
        // No one waits for it any more once the first was seen.
        let _ = begun.send(());
    }
}

/// What the program said it had done.
#[derive(Debug)]
enum Ack {
    Placed(OrderId),
    Cancelled(OrderId),
    Paid(EventId, OrderId),
    Imported(ProductId, usize),
    /// How many orders; which ones it does not say.
    Expired,
}

impl Ack {
    fn read(line: &str) -> Self {
        let words: Vec<_> = line.split(' ').collect();
        match words[..] {
            ["placed", order] => Self::Placed(order.parse().unwrap()),
            ["cancelled", order] => Self::Cancelled(order.parse().unwrap()),
            ["paid", event, order] => {
                Self::Paid(EventId::parse(event).unwrap(), order.parse().unwrap())
            }
            ["imported", product, count] => {
                Self::Imported(product.parse().unwrap(), count.parse().unwrap())
            }
            ["expired", _] => Self::Expired,
            _ => panic!("not an acknowledgement: {line:?}"),
        }
    }
}

/// Looks for everything that was acknowledged since the last look.
async fn verify(file: &Path, acks: &[Ack], imported: &mut BTreeMap<ProductId, usize>) {
    let Some((store, shop)) = open(file).await else {
        assert!(
            acks.is_empty(),
            "a shop that acknowledged something is gone"
        );
        return;
    };
    let till = GatewayName::parse("till").unwrap();
    for ack in acks {
        match ack {
            Ack::Placed(order) => {
                state(&store, shop, *order).await;
            }
            Ack::Cancelled(order) => {
                assert_eq!(state(&store, shop, *order).await, OrderState::Cancelled);
            }
            Ack::Paid(event, order) => {
                let payment = store.find_payment(shop, &till, event).await.unwrap();
                assert!(
                    payment.is_some(),
                    "payment {event} was acknowledged and is gone"
                );
                let state = state(&store, shop, *order).await;
                assert!(
                    matches!(state, OrderState::Paid | OrderState::Delivered),
                    "{state:?}"
                );
            }
            Ack::Imported(product, count) => *imported.entry(*product).or_default() += count,
            Ack::Expired => {}
        }
    }
}

async fn state(store: &SqliteStore, shop: ShopId, order: OrderId) -> OrderState {
    let found = store.find_order(shop, order).await.unwrap();
    let Some(order) = found else {
        panic!("order {order} was acknowledged and is gone");
    };
    order.state
}

/// Looks at every row.
async fn verify_all(file: &Path, imported: &BTreeMap<ProductId, usize>) {
    let Some((store, shop)) = open(file).await else {
        return;
    };
    let rows = store.snapshot(shop).await.unwrap();
    for (product, count) in imported {
        let units = rows.units.iter().filter(|unit| unit.product == *product);
        assert!(units.count() >= *count, "units that were imported are gone");
    }
    let rules = Rules {
        now: SystemClock.now(),
        // Overdue orders are part of the load: they wait for the run that ends them.
        expiry_period: chrono::Duration::days(365),
    };
    let report = check(&rows, &rules);
    assert!(report.holds(), "{report}");
}

async fn open(file: &Path) -> Option<(Arc<SqliteStore>, ShopId)> {
    let store = Arc::new(SqliteStore::open(file).await.unwrap());
    let shop = store
        .find_shop(&Name::parse("Stand").unwrap())
        .await
        .unwrap()?;
    Some((store, shop.id))
}
