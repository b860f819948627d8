//! The limit loop must write what a checkout writes, or it is no limit.

#![expect(clippy::unwrap_used, reason = "a test that can't go on has failed")]

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use rusqlite::Connection;
use shopcore_benches::stand::{Size, Stand};
use shopcore_benches::target::Target;

const PURCHASES: u32 = 64;

/// For each column of each table, how many of its rows have a value.
type Filled = BTreeMap<String, u32>;

#[tokio::test]
async fn the_limit_loop_writes_the_rows_of_a_checkout() {
    let directory = tempfile::tempdir().unwrap();
    let written = written_by_checkout(&directory.path().join("shop.db")).await;
    let limit = written_by_loop(directory.path());
    assert_eq!(limit, written);
    assert_eq!(written["orders.id"], PURCHASES);
    assert_eq!(written["units.line_id"], PURCHASES);
}

async fn written_by_checkout(path: &Path) -> Filled {
    let size = Size {
        products: 1,
        stock: PURCHASES,
        vouchers: 1,
        uses: PURCHASES,
        customers: 1,
    };
    let store = Target::Sqlite(path.to_owned()).open().await.unwrap();
    let stand = Stand::open(store, size).await.unwrap();
    let before = filled(path);
    for turn in 0..usize::try_from(PURCHASES).unwrap() {
        stand.place(turn).await.unwrap();
    }
    added(&before, &filled(path))
}

fn written_by_loop(directory: &Path) -> Filled {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let built = Command::new(root.join("benches/limits/build"))
        .output()
        .unwrap();
    assert!(built.status.success(), "the limit loop does not build");
    let program = root.join(String::from_utf8(built.stdout).unwrap().trim());
    let run = |purchases: u32| {
        let path = directory.join(format!("limit{purchases}.db"));
        let status = Command::new(&program)
            .arg(root.join("shopcore/migrations/sqlite"))
            .arg(&path)
            .args(["60", &purchases.to_string()])
            .status()
            .unwrap();
        assert!(status.success());
        path
    };
    let (none, all) = (filled(&run(0)), filled(&run(PURCHASES)));
    let stocked = |column: &str| column.starts_with("unit") && column != "units.line_id";
    let mut added = added(&none, &all);
    added.retain(|column, _| !stocked(column));
    added
}

fn filled(path: &Path) -> Filled {
    let conn = Connection::open(path).unwrap();
    let sql = "SELECT t.name, c.name FROM pragma_table_list AS t, pragma_table_info(t.name) AS c
        WHERE t.schema = 'main' AND t.name NOT LIKE 'sqlite%'";
    let mut columns = conn.prepare(sql).unwrap();
    let names = columns.query_map((), |row| Ok((row.get(0)?, row.get(1)?)));
    let names: Vec<(String, String)> = names.unwrap().map(Result::unwrap).collect();
    let count = |(table, column): (String, String)| {
        let sql = format!("SELECT count({column}) FROM {table}");
        let filled: u32 = conn.query_row(&sql, (), |row| row.get(0)).unwrap();
        (format!("{table}.{column}"), filled)
    };
    names.into_iter().map(count).collect()
}

fn added(before: &Filled, after: &Filled) -> Filled {
    let mut added = after.clone();
    for (column, filled) in &mut added {
        *filled -= before[column];
    }
    added.retain(|_, filled| *filled > 0);
    added
}
