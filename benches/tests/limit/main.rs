//! A limit must write what the shop writes, or it is no limit.

#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use rusqlite::Connection;
use shopcore_benches::stand::{Size, Stand};
use shopcore_benches::target::Target;

mod postgres;

const PURCHASES: u32 = 64;

/// For each column of each table, how many of its rows have a value; states are counted apart.
type Filled = BTreeMap<String, i64>;

#[tokio::test]
async fn the_limit_loop_writes_the_rows_of_a_purchase() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("shop.db");
    let stand = open(&path).await;
    let before = filled(&path);
    for turn in 0..usize::try_from(PURCHASES).unwrap() {
        stand.place(turn).await.unwrap();
    }
    let written = changes(&before, &filled(&path));
    assert_eq!(written_by_loop("purchase", directory.path()), written);
    assert_eq!(written["orders.id"], i64::from(PURCHASES));
    assert_eq!(written["units.state held"], i64::from(PURCHASES));
}

#[tokio::test]
async fn the_limit_loop_writes_the_rows_of_a_settlement() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("shop.db");
    let stand = Arc::new(open(&path).await);
    stand
        .bill_many(usize::try_from(PURCHASES).unwrap(), 1)
        .await
        .unwrap();
    let before = filled(&path);
    while let Some(bill) = stand.take_bill() {
        let event = stand.payment(&bill).unwrap();
        stand.shop.settlement().settle(&event).await.unwrap();
    }
    let written = changes(&before, &filled(&path));
    assert_eq!(written_by_loop("settlement", directory.path()), written);
    assert_eq!(written["payments.id"], i64::from(PURCHASES));
    assert_eq!(written["units.state sold"], i64::from(PURCHASES));
}

async fn open(path: &Path) -> Stand {
    let size = Size {
        products: 1,
        stock: PURCHASES,
        vouchers: 1,
        uses: PURCHASES,
        customers: 1,
    };
    let store = Target::Sqlite(path.to_owned()).open().await.unwrap();
    Stand::open(store, size).await.unwrap()
}

/// What the loop adds to a stock of its own.
fn written_by_loop(what: &str, directory: &Path) -> Filled {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let built = Command::new(root.join("benches/limits/build"))
        .output()
        .unwrap();
    assert!(built.status.success(), "the limit loop does not build");
    let program = root.join(String::from_utf8(built.stdout).unwrap().trim());
    let run = |seconds: &str| -> PathBuf {
        let path = directory.join(format!("limit{seconds}.db"));
        let status = Command::new(&program)
            .arg(what)
            .arg(root.join("shopcore/migrations/sqlite"))
            .arg(&path)
            .args([seconds, &PURCHASES.to_string()])
            .status()
            .unwrap();
        assert!(status.success());
        path
    };
    changes(&filled(&run("0")), &filled(&run("60")))
}

fn filled(path: &Path) -> Filled {
    let conn = Connection::open(path).unwrap();
    let sql = "SELECT t.name, c.name FROM pragma_table_list AS t, pragma_table_info(t.name) AS c
        WHERE t.schema = 'main' AND t.name NOT LIKE 'sqlite%'";
    let mut columns = conn.prepare(sql).unwrap();
    let names = columns.query_map((), |row| Ok((row.get(0)?, row.get(1)?)));
    let names: Vec<(String, String)> = names.unwrap().map(Result::unwrap).collect();
    let mut filled = Filled::new();
    for (table, column) in names {
        let label = match column.as_str() {
            "state" if table != "dialogs" => "' ' || state",
            _ => "''",
        };
        let sql = format!("SELECT {label}, count({column}) FROM {table} GROUP BY 1");
        let mut counts = conn.prepare(&sql).unwrap();
        let counts = counts.query_map((), |row| Ok((row.get(0)?, row.get(1)?)));
        for count in counts.unwrap() {
            let (label, count): (String, i64) = count.unwrap();
            filled.insert(format!("{table}.{column}{label}"), count);
        }
    }
    filled
}

fn changes(before: &Filled, after: &Filled) -> Filled {
    let columns = before.keys().chain(after.keys());
    let change = |column: &String| {
        let of = |filled: &Filled| filled.get(column).copied().unwrap_or_default();
        (column.clone(), of(after) - of(before))
    };
    let mut changes: Filled = columns.map(change).collect();
    changes.retain(|_, change| *change != 0);
    changes
}
