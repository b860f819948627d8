//! Every store behaves like every other: one list of cases, one suite for each.

use std::sync::Arc;

use shopcore::backend::memory::MemoryStore;
use shopcore::backend::sqlite::SqliteStore;
use shopcore::testing::fault::FaultStore;
use shopcore::time::VirtualClock;
use tempfile::TempDir;

async fn in_memory(clock: Arc<VirtualClock>) -> Option<(Arc<MemoryStore>, ())> {
    Some((Arc::new(MemoryStore::new(clock)), ()))
}

async fn in_a_file(clock: Arc<VirtualClock>) -> Option<(Arc<SqliteStore>, TempDir)> {
    let directory = TempDir::new().unwrap();
    let options = SqliteStore::options(directory.path().join("shop.db"));
    let store = options.clock(clock).open().await.unwrap();
    Some((Arc::new(store), directory))
}

async fn without_faults(clock: Arc<VirtualClock>) -> Option<(Arc<FaultStore>, ())> {
    let store = Arc::new(MemoryStore::new(clock));
    Some((Arc::new(FaultStore::new(store)), ()))
}

shopcore::conformance_suite!(memory, in_memory);
shopcore::conformance_suite!(sqlite, in_a_file);
shopcore::conformance_suite!(fault, without_faults);
