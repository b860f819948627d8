//! A store in one SQLite file: nothing to install, and fast enough for a busy shop.
//!
//! One thread writes. It takes all batches that wait, up to some hundred, and commits them with
//! one flush to disk (`synchronous=FULL`); a batch is answered only after that. Readers see the
//! last commit and never wait for the writer. Look-ups by key run where they are asked for, since
//! a trip to another thread costs more than they do; long reads run on blocking threads. Several
//! processes may open one file.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use rusqlite::Connection;

use crate::id::ShopId;
use crate::store::{Applied, Batch, CommitError, KeyHome, Snapshot, Store, StoreError};
use crate::time::Clock;
use failure::Failure;
use pool::Pool;
use rows::Sql;
use writer::Writer;

mod apply;
#[cfg(feature = "backup")]
mod beside;
mod catalog;
mod chat;
mod customer;
mod failure;
mod invoice;
mod ledger;
mod open;
mod order;
mod outbox;
mod payment;
mod pool;
mod queues;
mod recount;
mod refund;
mod review;
mod rows;
mod schema;
#[cfg(feature = "backup")]
mod scratch;
#[cfg(feature = "postgres")]
mod send;
mod shop;
mod snapshot;
mod stock;
mod voucher;
mod writer;

#[cfg(feature = "backup")]
pub(super) use beside::{KNOWN_SCHEMA, Occupants};
pub use failure::Outage;
pub use open::{OpenError, Options};
#[cfg(feature = "backup")]
pub(super) use scratch::Scratch;
#[cfg(feature = "postgres")]
pub(super) use send::Sender;

/// The result of a read.
type Read<T> = Result<T, StoreError>;

/// The result of a write.
type Done = Result<(), Failure>;

/// Keeps shops in a SQLite file.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
/// use shopcore::backend::sqlite::SqliteStore;
/// use shopcore::store::ShopReader;
/// use shopcore::text::Name;
///
/// # let directory = std::env::temp_dir().join(format!("shopcore-{}", std::process::id()));
/// # std::fs::create_dir_all(&directory)?;
/// # let path = directory.join("shop.db");
/// let store = SqliteStore::open(&path).await?;
/// assert!(store.find_shop(&Name::parse("Corner")?).await?.is_none());
/// # drop(store);
/// # std::fs::remove_dir_all(directory)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # })?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SqliteStore {
    // Dropped first: the last connection to close empties the log, and only the writer's may.
    pool: Pool,
    writer: Writer,
    clock: Arc<dyn Clock>,
    path: PathBuf,
}

impl SqliteStore {
    /// Opens the file at `path`, which is made, readable by its owner only, where it is not there.
    ///
    /// # Errors
    /// [`OpenError`]; a file that is refused is left as it was.
    pub async fn open(path: impl Into<PathBuf>) -> Result<Self, OpenError> {
        Self::options(path).open().await
    }

    /// Options to open the file at `path` with.
    #[must_use]
    pub fn options(path: impl Into<PathBuf>) -> Options {
        Options::new(path.into())
    }

    async fn look_up<T>(&self, read: impl FnOnce(&Connection) -> Sql<T>) -> Read<T> {
        self.pool.look_up(read).await
    }

    async fn scan<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Sql<T> + Send + 'static,
    ) -> Read<T> {
        self.pool.scan(read).await
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SqliteStore({})", self.path.display())
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn commit(&self, batch: Arc<Batch>) -> Result<Applied, CommitError> {
        if let Some(row) = batch.row_named_twice() {
            return Err(CommitError::Malformed(row));
        }
        let applied = self.writer.run(move |conn| apply::batch(conn, &batch));
        Ok(applied.await?)
    }

    fn key_home(&self) -> KeyHome {
        KeyHome::File(self.path.with_extension("key"))
    }

    async fn snapshot(&self, shop: ShopId) -> Result<Snapshot, StoreError> {
        self.scan(move |conn| snapshot::take(conn, shop)).await
    }
}
