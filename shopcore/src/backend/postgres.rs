//! A store in a PostgreSQL database: for several processes on one shop, and for several machines.
//!
//! Reads run on a small pool of connections, each a single prepared statement that is confined to
//! one shop. The same schema runs on one server, behind a fail-over, and sharded by shop. A lost
//! connection is made again by itself, and a read that it cost is asked once more.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use crate::id::ShopId;
use crate::store::{Applied, Batch, CommitError, Snapshot, Store, StoreError};
use crate::time::Clock;
use commit::Writers;
use gather::Gatherer;
use pool::Pool;

mod address;
mod catalog;
mod chat;
mod commit;
mod connect;
mod customer;
mod failure;
mod gather;
mod invoice;
mod ledger;
#[cfg(feature = "backup")]
mod moment;
mod open;
mod order;
mod outbox;
mod payment;
mod plans;
mod pool;
mod queues;
#[cfg(feature = "sqlite")]
mod receive;
mod refund;
mod review;
mod rows;
mod schema;
mod shop;
mod snapshot;
mod stock;
mod voucher;

pub use address::{Address, BadAddress};
pub use failure::Outage;
pub use open::{OpenError, PostgresOptions};
#[cfg(feature = "sqlite")]
pub(super) use receive::Receiver;

/// The result of a read.
type Read<T> = Result<T, StoreError>;

/// Keeps shops in a PostgreSQL database.
///
/// ```no_run
/// # async fn open() -> Result<(), Box<dyn std::error::Error>> {
/// use shopcore::backend::postgres::PostgresStore;
/// use shopcore::store::ShopReader;
/// use shopcore::text::Name;
///
/// let store = PostgresStore::open("postgres://shop@localhost/shop".parse()?).await?;
/// assert!(store.find_shop(&Name::parse("Corner")?).await?.is_none());
/// # Ok(())
/// # }
/// ```
pub struct PostgresStore {
    pool: Arc<Pool>,
    gathered: Gathered,
    writers: Writers,
    /// What stands in for the server's clock.
    clock: Option<Arc<dyn Clock>>,
    address: Address,
}

/// What buyers and payments ask for all the time, asked together.
struct Gathered {
    requests: Gatherer<chat::ByRequest>,
    offers: Gatherer<catalog::ByProduct>,
    vouchers: Gatherer<voucher::ByCode>,
    orders: Gatherer<order::ById>,
    invoices: Gatherer<invoice::ById>,
    charges: Gatherer<invoice::ByReference>,
    charges_of: Gatherer<invoice::ByInvoice>,
    payments: Gatherer<payment::ByEvent>,
}

impl Gathered {
    fn start(pool: &Arc<Pool>) -> Self {
        Self {
            requests: Gatherer::start(pool),
            offers: Gatherer::start(pool),
            vouchers: Gatherer::start(pool),
            orders: Gatherer::start(pool),
            invoices: Gatherer::start(pool),
            charges: Gatherer::start(pool),
            charges_of: Gatherer::start(pool),
            payments: Gatherer::start(pool),
        }
    }
}

impl PostgresStore {
    /// Opens the database at `address` and brings its schema up to date.
    ///
    /// # Errors
    /// [`OpenError`]; a database that is refused is left as it was.
    pub async fn open(address: Address) -> Result<Self, OpenError> {
        Self::open_with(PostgresOptions::new(address)).await
    }

    /// Opens a database with these options.
    ///
    /// # Errors
    /// [`OpenError`]; a database that is refused is left as it was.
    pub async fn open_with(options: PostgresOptions) -> Result<Self, OpenError> {
        options.open().await
    }
}

#[async_trait]
impl Store for PostgresStore {
    async fn commit(&self, batch: Arc<Batch>) -> Result<Applied, CommitError> {
        if let Some(row) = batch.row_named_twice() {
            return Err(CommitError::Malformed(row));
        }
        self.writers.commit(batch).await
    }

    async fn snapshot(&self, shop: ShopId) -> Result<Snapshot, StoreError> {
        self.take_snapshot(shop).await
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgresStore({})", self.address)
    }
}
