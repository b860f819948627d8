//! The functions of the limit on PostgreSQL beside the shop's own purchase and settlement.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use shopcore::store::Store;
use shopcore::testing::cluster::{Database, database};
use shopcore_benches::stand::{Size, Stand};
use shopcore_benches::target::Target;

use crate::{Filled, PURCHASES, changes};

#[tokio::test]
async fn the_purchase_of_the_limit_writes_the_rows_of_a_checkout() {
    let Some([ours, none, all]) = databases() else {
        return;
    };
    let stand = stand(&ours).await;
    let before = filled(&ours);
    for turn in 0..turns() {
        stand.place(turn).await.unwrap();
    }
    let written = changes(&before, &filled(&ours));
    run(&none, "purchase", 0);
    run(&all, "purchase", PURCHASES);
    assert_eq!(changes(&filled(&none), &filled(&all)), written);
    assert_eq!(written["orders.id"], i64::from(PURCHASES));
    assert_eq!(written["units.line_id"], i64::from(PURCHASES));
}

#[tokio::test]
async fn the_settlement_of_the_limit_writes_the_rows_of_a_settlement() {
    let Some([ours, none, all]) = databases() else {
        return;
    };
    let stand = stand(&ours).await;
    stand.bill_many(turns(), 1).await.unwrap();
    let before = filled(&ours);
    while let Some(bill) = stand.take_bill() {
        let event = stand.payment(&bill).unwrap();
        stand.shop.settlement().settle(&event).await.unwrap();
    }
    let written = changes(&before, &filled(&ours));
    run(&none, "settlement", 0);
    run(&all, "settlement", PURCHASES);
    assert_eq!(changes(&filled(&none), &filled(&all)), written);
    assert_eq!(written["payments.id"], i64::from(PURCHASES));
    assert_eq!(written["units.state sold"], i64::from(PURCHASES));
}

fn turns() -> usize {
    usize::try_from(PURCHASES).unwrap()
}

fn databases() -> Option<[Database; 3]> {
    Some([database()?, database()?, database()?])
}

async fn stand(database: &Database) -> Arc<Stand> {
    let size = Size {
        products: 1,
        stock: PURCHASES,
        vouchers: 1,
        uses: PURCHASES,
        customers: 1,
    };
    let target: Target = database.url().parse().unwrap();
    let store: Arc<dyn Store> = target.open().await.unwrap();
    Arc::new(Stand::open(store, size).await.unwrap())
}

/// Lets pgbench call the limit's function so often, in an empty database.
fn run(database: &Database, what: &str, calls: u32) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let script = root.join("benches/limits/postgres/run");
    let mut command = Command::new(script);
    let stock = PURCHASES.to_string();
    command
        .arg(database.url())
        .arg(what)
        .args(["1", "1", "1", "1", &stock]);
    let ran = command.arg(calls.to_string()).output().unwrap();
    let told = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{told}");
}

fn filled(database: &Database) -> Filled {
    let columns = database.run(
        "SELECT table_name, column_name FROM information_schema.columns
         WHERE table_schema = 'public' AND table_name NOT LIKE 'limit%'",
    );
    let counts: Vec<_> = columns.lines().map(counts_of).collect();
    let rows = database.run(&counts.join(" UNION ALL "));
    let pairs = rows.lines().map(|row| row.split_once('|').unwrap());
    pairs
        .map(|(name, count)| (name.to_owned(), count.parse().unwrap()))
        .collect()
}

/// A query that counts the values of a column, given as `table|column`.
fn counts_of(column: &str) -> String {
    let (table, column) = column.split_once('|').unwrap();
    if column == "state" && table != "dialogs" {
        return format!("SELECT '{table}.state ' || state, count(*) FROM {table} GROUP BY state");
    }
    format!("SELECT '{table}.{column}', count({column}) FROM {table}")
}
