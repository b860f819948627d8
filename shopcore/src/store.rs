//! The storage seam: readers, and one way to write.
//!
//! A service reads what it needs, decides with pure functions, and commits one [`Batch`]: the
//! premises that must still hold, the writes, their audit entries and outbox items. All of it is
//! applied, or none. Counters that many compete for (available units, uses of vouchers, balances
//! of wallets) are guarded by the database in the statement that changes them.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use thiserror::Error;

use crate::id::ShopId;

mod batch;
mod chat;
mod read;
mod rejection;
mod row;
mod snapshot;
mod write;

pub use batch::{Batch, Premise};
pub use chat::{ChatReader, Dialog, RequestKey, RequestOutcome};
pub use read::{
    CatalogReader, CustomerFilter, CustomerReader, InvoiceReader, LedgerReader, Listing,
    MessageReader, OrderFilter, OrderReader, Page, ProductFilter, ProductSort, Queues,
    RefundFilter, RefundReader, ReviewReader, ShopReader, ShopRecord, Statement, StockReader,
    UnitFilter, VoucherReader,
};
pub use rejection::Rejection;
pub use row::Row;
pub use snapshot::{AuditRow, Snapshot, TransferRow, UnitRow, WalletRow};
pub use write::{
    CartWrite, CatalogWrite, ChatWrite, CustomerWrite, InvoiceWrite, OrderWrite, OutboxWrite,
    RecountWrite, RefundWrite, ReviewWrite, StockClaim, StockWrite, VoucherWrite, Write,
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

impl CommitError {
    /// What refused the batch, where a guard did.
    #[must_use]
    pub fn rejection(&self) -> Option<&Rejection> {
        match self {
            Self::Rejected(rejection) => Some(rejection),
            Self::Conflict
            | Self::Malformed(_)
            | Self::Unavailable(_)
            | Self::OutcomeUnknown(_) => None,
        }
    }
}

/// Where the key of a store's vault is kept when a shop is opened without one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyHome {
    /// Nowhere: it must be given.
    Given,
    /// In this file, readable by its owner only; made for an empty store.
    File(PathBuf),
    /// It ends with the process, as the store does.
    Process,
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
    + RefundReader
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

    /// Where the key of its vault is kept when none is given.
    fn key_home(&self) -> KeyHome {
        KeyHome::Given
    }

    /// One consistent view of all of a shop's rows, but for sealed contents.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn snapshot(&self, shop: ShopId) -> Result<Snapshot, StoreError>;
}
