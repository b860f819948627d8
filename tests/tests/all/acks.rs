//! What the load generator acknowledged, and whether a store still has it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::process::Child;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

use shopcore::backend::postgres::PostgresStore;
use shopcore::backend::sqlite::SqliteStore;
use shopcore::id::{OrderId, ProductId, ShopId};
use shopcore::invariant::{Rules, check};
use shopcore::invoice::{EventId, GatewayName};
use shopcore::order::OrderState;
use shopcore::store::Store;
use shopcore::text::Name;
use shopcore::time::{Clock, SystemClock};

/// Reads lines until the pipe ends; one that was cut off was not told.
pub(crate) fn collect(child: &mut Child) -> (JoinHandle<Vec<String>>, Receiver<()>) {
    let (sender, begun): (Sender<()>, _) = channel();
    let out = child.stdout.take().unwrap();
    let lines = thread::spawn(move || whole_lines(out, &sender));
    (lines, begun)
}

pub(crate) fn whole_lines(out: impl Read, begun: &Sender<()>) -> Vec<String> {
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

/// How many contents of each product were imported.
pub(crate) type Imported = BTreeMap<ProductId, usize>;

/// What the program said it had done.
#[derive(Debug)]
pub(crate) enum Ack {
    Placed(OrderId),
    Cancelled(OrderId),
    Paid(EventId, OrderId),
    Imported(ProductId, usize),
    /// How many orders; which ones it does not say.
    Expired,
}

impl Ack {
    pub(crate) fn read(line: &str) -> Self {
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
pub(crate) async fn verify(address: &str, acks: &[Ack], imported: &mut Imported) {
    let Some((store, shop)) = open(address).await else {
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

async fn state(store: &Arc<dyn Store>, shop: ShopId, order: OrderId) -> OrderState {
    let found = store.find_order(shop, order).await.unwrap();
    let Some(order) = found else {
        panic!("order {order} was acknowledged and is gone");
    };
    order.state
}

/// Looks at every row.
pub(crate) async fn verify_all(address: &str, imported: &Imported) {
    let Some((store, shop)) = open(address).await else {
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

/// The stand in the store at an address, where there is one.
async fn open(address: &str) -> Option<(Arc<dyn Store>, ShopId)> {
    let store: Arc<dyn Store> = match address.strip_prefix("sqlite:") {
        Some(path) => Arc::new(SqliteStore::open(path).await.unwrap()),
        None => Arc::new(PostgresStore::open(address.parse().unwrap()).await.unwrap()),
    };
    let found = store.find_shop(&Name::parse("Stand").unwrap()).await;
    let shop = found.unwrap()?.id;
    Some((store, shop))
}
