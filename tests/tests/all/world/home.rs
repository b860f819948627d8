//! Where the shops of the tests are kept.

use std::sync::Arc;

use shopcore::MemoryStore;
use shopcore::backend::sqlite::SqliteStore;
use shopcore::store::Store;
use shopcore::time::VirtualClock;
use tempfile::TempDir;

/// A kind of store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Backend {
    Memory,
    Sqlite,
}

/// One place that a shop returns to after a restart.
pub(crate) enum Home {
    Memory(Arc<MemoryStore>),
    Sqlite(TempDir, Arc<VirtualClock>),
}

impl Home {
    pub(crate) fn new(backend: Backend, clock: &Arc<VirtualClock>) -> Self {
        match backend {
            Backend::Memory => Self::Memory(Arc::new(MemoryStore::new(Arc::clone(clock) as _))),
            Backend::Sqlite => Self::Sqlite(TempDir::new().unwrap(), Arc::clone(clock)),
        }
    }

    /// The store, opened anew where it can be closed.
    pub(crate) async fn store(&self) -> Arc<dyn Store> {
        match self {
            Self::Memory(store) => Arc::clone(store) as _,
            Self::Sqlite(directory, clock) => {
                let options = SqliteStore::options(directory.path().join("shop.db"));
                let opened = options.clock(Arc::clone(clock) as _).open();
                Arc::new(opened.await.unwrap())
            }
        }
    }
}
