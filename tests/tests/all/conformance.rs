//! Every store behaves like every other: one list of cases, one suite for each.

use std::sync::Arc;

use shopcore::backend::memory::MemoryStore;
use shopcore::backend::postgres::{PostgresOptions, PostgresStore};
use shopcore::backend::sqlite::SqliteStore;
use shopcore::testing::cluster::{Database, database};
use shopcore::testing::fault::FaultStore;
use shopcore::time::VirtualClock;
use tempfile::TempDir;

pub(crate) async fn in_memory(clock: Arc<VirtualClock>) -> Option<(Arc<MemoryStore>, ())> {
    Some((Arc::new(MemoryStore::new(clock)), ()))
}

pub(crate) async fn in_a_file(clock: Arc<VirtualClock>) -> Option<(Arc<SqliteStore>, TempDir)> {
    let directory = TempDir::new().unwrap();
    let options = SqliteStore::options(directory.path().join("shop.db"));
    let store = options.clock(clock).open().await.unwrap();
    Some((Arc::new(store), directory))
}

pub(crate) async fn in_a_database(
    clock: Arc<VirtualClock>,
) -> Option<(Arc<PostgresStore>, Database)> {
    let database = database()?;
    let options = PostgresOptions::new(database.url().parse().unwrap());
    let store = PostgresStore::open_with(options.clock(clock)).await;
    Some((Arc::new(store.unwrap()), database))
}

async fn without_faults(clock: Arc<VirtualClock>) -> Option<(Arc<FaultStore>, ())> {
    let store = Arc::new(MemoryStore::new(clock));
    Some((Arc::new(FaultStore::new(store)), ()))
}

shopcore::conformance_suite!(memory, in_memory);
shopcore::conformance_suite!(sqlite, in_a_file);
shopcore::conformance_suite!(postgres, in_a_database);
shopcore::conformance_suite!(fault, without_faults);
