//! Every store behaves like every other: one list of cases, one suite for each.

use std::sync::Arc;

use shopcore::backend::memory::MemoryStore;
use shopcore::time::VirtualClock;

async fn in_memory(clock: Arc<VirtualClock>) -> (Arc<MemoryStore>, ()) {
    (Arc::new(MemoryStore::new(clock)), ())
}

shopcore::conformance_suite!(memory, in_memory);
