//! Where the shops of the tests are kept.

use std::path::PathBuf;
use std::sync::Arc;

use shopcore::MemoryStore;
use shopcore::backend::postgres::{PostgresOptions, PostgresStore};
use shopcore::backend::sqlite::SqliteStore;
use shopcore::store::Store;
use shopcore::testing::cluster::{Database, Server, database};
use shopcore::time::VirtualClock;
use tempfile::TempDir;

/// A kind of store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Backend {
    Memory,
    Sqlite,
    Postgres,
}

impl Backend {
    /// Whether there is one here; told loudly where there is not.
    pub(crate) fn is_there(self) -> bool {
        match self {
            Self::Memory | Self::Sqlite => true,
            Self::Postgres => Server::shared().is_some(),
        }
    }
}

/// One place that a shop returns to after a restart.
pub(crate) enum Home {
    Memory(Arc<MemoryStore>),
    Sqlite(TempDir, Arc<VirtualClock>),
    Postgres(Database, Arc<VirtualClock>),
}

impl Home {
    pub(crate) fn new(backend: Backend, clock: &Arc<VirtualClock>) -> Self {
        match backend {
            Backend::Memory => Self::Memory(Arc::new(MemoryStore::new(Arc::clone(clock) as _))),
            Backend::Sqlite => Self::Sqlite(TempDir::new().unwrap(), Arc::clone(clock)),
            Backend::Postgres => Self::Postgres(database().unwrap(), Arc::clone(clock)),
        }
    }

    /// The file, where it is one.
    pub(crate) fn file(&self) -> Option<PathBuf> {
        match self {
            Self::Sqlite(directory, _) => Some(directory.path().join("shop.db")),
            Self::Memory(_) | Self::Postgres(..) => None,
        }
    }

    /// Carries SQL out past the store.
    pub(crate) fn run(&self, sql: &str) {
        match self {
            Self::Memory(_) => panic!("no hand reaches into a store in memory"),
            Self::Sqlite(directory, _) => {
                let file = rusqlite::Connection::open(directory.path().join("shop.db"));
                let changed = file.unwrap().execute(sql, ()).unwrap();
                assert!(changed > 0, "{sql}");
            }
            Self::Postgres(database, _) => {
                database.run(sql);
            }
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
            Self::Postgres(database, clock) => {
                let options = PostgresOptions::new(database.url().parse().unwrap());
                let opened = PostgresStore::open_with(options.clock(Arc::clone(clock) as _));
                Arc::new(opened.await.unwrap())
            }
        }
    }
}
