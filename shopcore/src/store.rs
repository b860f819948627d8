//! The storage seam: readers, and one way to write.
//!
//! A service reads what it needs, decides with pure functions, and commits one [`Batch`]: the
//! premises that must still hold, the writes, their audit entries and outbox items. All of it is
//! applied, or none. Counters that many compete for (available units, uses of vouchers, balances
//! of wallets) are guarded by the database in the statement that changes them.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use thiserror::Error;

use crate::id::ShopId;

mod batch;
mod read;
mod rejection;
mod snapshot;
mod write;

pub use batch::{Batch, Premise};
pub use read::{
    CatalogReader, ChatReader, CustomerReader, Dialog, InvoiceReader, LedgerReader, Listing,
    MessageReader, OrderFilter, OrderReader, Page, ProductFilter, Queues, RequestKey,
    RequestOutcome, ReviewReader, ShopReader, ShopRecord, Statement, StockReader, UnitFilter,
    VoucherReader,
};
pub use rejection::Rejection;
pub use snapshot::{AuditRow, Snapshot, TransferRow, UnitRow, WalletRow};
pub use write::{
    CartWrite, CatalogWrite, ChatWrite, CustomerWrite, InvoiceWrite, OrderWrite, OutboxWrite,
    ReviewWrite, Row, StockClaim, StockWrite, VoucherWrite, Write,
};

/// Any error, as the source of one of ours.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Whether a batch was applied by this call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// By this call.
    Now,
    /// By an earlier call whose reply was lost.
    Before,
}

/// Why a read gave nothing.
#[derive(Debug, Error)]
pub enum StoreError {
    /// The store can't be reached or read now; the same read may go through later.
    #[error("the store is unavailable")]
    Unavailable(#[source] BoxError),
    /// A stored row can't be understood.
    #[error("a stored row is damaged: {0}")]
    Damaged(String),
}

/// Why a batch was not, or perhaps not, applied.
#[derive(Debug, Error)]
pub enum CommitError {
    /// The batch can't be applied as things are; nothing happened.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// What was read has changed; nothing happened. Read and decide again.
    #[error("what was read has changed meanwhile")]
    Conflict,
    /// The batch names a row twice: a defect of the program. Nothing happened.
    #[error("the batch names a row twice: {0}")]
    Malformed(Row),
    /// The store can't be written now; nothing happened.
    #[error("the store is unavailable")]
    Unavailable(#[source] BoxError),
    /// The reply was lost; resend the identical batch to learn what happened.
    #[error("it is not known whether the store applied the batch")]
    OutcomeUnknown(#[source] BoxError),
}

/// Keeps the shops.
///
/// A read that begins after `commit` returned sees what was committed. Every key starts with the
/// shop; nothing crosses shops.
#[async_trait]
pub trait Store:
    ShopReader
    + CatalogReader
    + StockReader
    + VoucherReader
    + OrderReader
    + InvoiceReader
    + LedgerReader
    + CustomerReader
    + ReviewReader
    + MessageReader
    + ChatReader
    + Queues
    + fmt::Debug
    + Send
    + Sync
{
    /// Applies every write of `batch`, or none. A batch of the same id is applied once.
    ///
    /// # Errors
    /// [`CommitError`]. A premise that fails is a conflict; a guard that fails is a rejection.
    async fn commit(&self, batch: Arc<Batch>) -> Result<Applied, CommitError>;

    /// One consistent view of all of a shop's rows, but for sealed contents.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn snapshot(&self, shop: ShopId) -> Result<Snapshot, StoreError>;
}
