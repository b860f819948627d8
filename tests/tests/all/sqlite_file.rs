//! What is particular to a store in a file: its opening, its locks, its processes, its end.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;
use shopcore::backend::sqlite::{OpenError, Outage, SqliteStore};
use shopcore::store::{CommitError, Rejection, ShopReader, StockWrite, Store};
use shopcore::testing::conformance::{Trial, hold, place};
use shopcore::testing::fixture::name;
use shopcore::time::VirtualClock;
use tempfile::TempDir;
use tokio::task::JoinSet;

fn place_for_a_file() -> (TempDir, PathBuf) {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("shop.db");
    (directory, path)
}

async fn open_shop(path: &PathBuf) -> Trial {
    let store = Arc::new(SqliteStore::open(path).await.unwrap());
    Trial::open(store, Arc::new(VirtualClock::default())).await
}

#[cfg(unix)]
#[tokio::test]
async fn only_its_owner_reads_the_file_and_its_log() {
    use std::os::unix::fs::PermissionsExt;

    let (_directory, path) = place_for_a_file();
    let _trial = open_shop(&path).await;
    for path in [path.clone(), path.with_extension("db-wal")] {
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", path.display());
    }
}

#[tokio::test]
async fn a_missing_directory_is_named() {
    let (_directory, path) = place_for_a_file();
    let path = path.with_file_name("missing").join("shop.db");
    let error = SqliteStore::open(&path).await.unwrap_err();
    assert!(matches!(&error, OpenError::NoDirectory { path: named } if *named == path));
}

#[tokio::test]
async fn what_is_no_database_is_left_as_it_was() {
    let (directory, path) = place_for_a_file();
    let text = "code,name,price\n".repeat(1_000);
    fs::write(&path, &text).unwrap();
    for path in [path.clone(), directory.path().to_owned()] {
        let error = SqliteStore::open(path).await.unwrap_err();
        assert!(matches!(error, OpenError::NotADatabase { .. }), "{error}");
    }
    assert_eq!(fs::read_to_string(path).unwrap(), text);
}

#[tokio::test]
async fn another_programs_database_is_left_as_it_was() {
    let (_directory, path) = place_for_a_file();
    let other = Connection::open(&path).unwrap();
    other
        .execute_batch("CREATE TABLE notes (text TEXT)")
        .unwrap();
    drop(other);
    let before = fs::read(&path).unwrap();
    let error = SqliteStore::open(&path).await.unwrap_err();
    assert!(matches!(error, OpenError::NotAShop { .. }), "{error}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    let (_directory, path) = place_for_a_file();
    drop(open_shop(&path).await);
    let newer = Connection::open(&path).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    drop(newer);
    let error = SqliteStore::open(&path).await.unwrap_err();
    let text = error.to_string();
    assert!(matches!(error, OpenError::NewerSchema { found: 99, .. }));
    assert!(
        text.contains("schema 99") && text.contains("shop.db"),
        "{text}"
    );
}

#[tokio::test]
async fn a_locked_database_says_so_and_works_again_afterwards() {
    let (_directory, path) = place_for_a_file();
    let trial = open_shop(&path).await;
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let batch = Arc::new(trial.batch_of([trial.rows.shop("Toko").into()]));
    let error = trial.store.commit(batch).await.unwrap_err();
    let CommitError::Unavailable(cause) = error else {
        panic!("expected an unavailable store, not {error:?}");
    };
    assert_eq!(cause.downcast_ref(), Some(&Outage::Locked));
    assert!(
        trial
            .store
            .find_shop(&name("Toko"))
            .await
            .unwrap()
            .is_some()
    );
    other.execute_batch("ROLLBACK").unwrap();
    trial.product("AFTER", 1).await;
}

/// Those behind the first would each wait for the lock anew.
#[tokio::test(flavor = "multi_thread")]
async fn those_who_wait_for_a_lock_together_give_up_together() {
    let (_directory, path) = place_for_a_file();
    let trial = open_shop(&path).await;
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let commit = |name: &str| {
        let batch = Arc::new(trial.batch_of([trial.rows.shop(name).into()]));
        let store = Arc::clone(&trial.store);
        tokio::spawn(async move { store.commit(batch).await })
    };
    let mut waiting = JoinSet::new();
    for name in ["One", "Two", "Three", "Four"] {
        waiting.spawn(commit(name));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    waiting
        .join_next()
        .await
        .unwrap()
        .unwrap()
        .unwrap()
        .unwrap_err();
    let others = tokio::time::timeout(Duration::from_secs(3), waiting.join_all());
    for outcome in others.await.expect("they wait for the lock anew") {
        assert!(matches!(outcome, Ok(Err(CommitError::Unavailable(_)))));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_open_a_new_file_one_makes_the_schema() {
    let (_directory, path) = place_for_a_file();
    let opens: Vec<_> = (0..8)
        .map(|_| tokio::spawn(SqliteStore::open(path.clone())))
        .collect();
    for open in opens {
        let store = open.await.unwrap().unwrap();
        assert_eq!(store.count_shops().await.unwrap(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_stores_on_one_file_sell_no_unit_twice() {
    let (_directory, path) = place_for_a_file();
    let here = open_shop(&path).await;
    let there = Trial {
        store: Arc::new(SqliteStore::open(&path).await.unwrap()),
        ..here.clone()
    };
    let (product, customer) = (here.product("KEY", 10).await, here.customer("ani").await);
    let buyers = (0..40).map(|number| {
        let trial = if number % 2 == 0 { &here } else { &there }.clone();
        let order = trial
            .rows
            .order(&customer, vec![trial.rows.line(&product, 1)]);
        let writes = [hold(&order), place(&order)];
        tokio::spawn(async move { trial.commit(trial.batch_of(writes)).await })
    });
    let (mut sold, mut refused) = (0, 0);
    for buyer in buyers.collect::<Vec<_>>() {
        match buyer.await.unwrap() {
            Ok(_) => sold += 1,
            Err(CommitError::Rejected(Rejection::OutOfStock { .. })) => refused += 1,
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!((sold, refused), (10, 30));
    assert_eq!(here.snapshot().await, there.snapshot().await);
}

#[tokio::test]
async fn a_closed_store_is_one_file_with_everything_in_it() {
    let (directory, path) = place_for_a_file();
    let trial = open_shop(&path).await;
    trial.product("KEY", 1_200).await;
    let (shop, before) = (trial.shop, trial.snapshot().await);
    drop(trial);
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    let again = SqliteStore::open(&path).await.unwrap();
    assert_eq!(again.snapshot(shop).await.unwrap(), before);
}

#[tokio::test]
async fn an_import_is_whole_or_not_at_all() {
    let (_directory, path) = place_for_a_file();
    let trial = open_shop(&path).await;
    let product = trial.product("KEY", 1).await;
    let mut units: Vec<_> = (0..20_000)
        .map(|number| trial.rows.unit(&format!("content {number}")))
        .collect();
    units[19_998].fingerprint = units[7].fingerprint;
    let product = product.id;
    let rejection = trial
        .rejected([StockWrite::Add { product, units }.into()])
        .await;
    assert_eq!(rejection, Rejection::DuplicateContent { index: 19_998 });
}

/// Without being told, SQLite follows the key of a table where rows are wanted in its order, and
/// reads all that the shop has: it keeps no statistics. Lists of products go by name alone.
#[test]
fn every_index_is_asked_for_by_its_name() {
    let shopcore = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shopcore");
    let schema = fs::read_to_string(shopcore.join("migrations/sqlite/0001_shop.sql")).unwrap();
    let backend = fs::read_dir(shopcore.join("src/backend/sqlite")).unwrap();
    let sources: String = backend
        .map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect();
    let made = schema
        .lines()
        .filter_map(|line| line.strip_prefix("CREATE INDEX "));
    let names = made.filter_map(|rest| rest.split(' ').next());
    let unnamed = names.filter(|name| !sources.contains(&format!("INDEXED BY {name}")));
    assert_eq!(unnamed.collect::<Vec<_>>(), ["products_by_name"]);
}
