//! Why a deed was not done.

use thiserror::Error;

use super::action::{PackError, Stale};
use super::frontend::FrontendError;
use super::permission::Permission;
use super::roster::TeamError;
use crate::money::MoneyError;
use crate::service::{
    BroadcastError, CartError, CatalogError, ChargeError, CheckoutError, CustomerError,
    FiguresError, LetterError, OrderError, ProofError, RefundError, ReviewError, StockError,
    TermsError, VoucherError, WalletError, WebhookFailure,
};
use crate::store::{CommitError, StoreError};
use crate::vault::VaultError;

/// Why a deed was not done. The person is told what they can do about it; the causes go to the
/// log.
#[derive(Debug, Error)]
pub enum BotError {
    /// The button, or the dialog, is out of date.
    #[error("the button is out of date")]
    Stale,
    /// The person lacks a permission.
    #[error("the person lacks the permission {0:?}")]
    Forbidden(Permission),
    /// A button can't carry its action: a defect of a plug-in.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// The platform did not do its part.
    #[error(transparent)]
    Frontend(#[from] FrontendError),
    /// The store can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store did not take a change.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// Something sealed can't be opened.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// Amounts can't be computed.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// The catalogue's service refused.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// The stock's service refused.
    #[error(transparent)]
    Stock(#[from] StockError),
    /// The vouchers' service refused.
    #[error(transparent)]
    Voucher(#[from] VoucherError),
    /// A broadcast can't be shown or moved.
    #[error(transparent)]
    Broadcast(#[from] BroadcastError),
    /// The carts' service refused.
    #[error(transparent)]
    Cart(#[from] CartError),
    /// Checkout refused.
    #[error(transparent)]
    Checkout(#[from] CheckoutError),
    /// There is no charge to pay.
    #[error(transparent)]
    Charge(#[from] ChargeError),
    /// A gateway could not be asked.
    #[error(transparent)]
    Payment(#[from] WebhookFailure),
    /// There are no figures.
    #[error(transparent)]
    Figures(#[from] FiguresError),
    /// A picture of figures can't be drawn: a defect of the program.
    #[error("a chart can't be drawn")]
    Chart(#[source] crate::store::BoxError),
    /// The orders' service refused.
    #[error(transparent)]
    Order(#[from] OrderError),
    /// The proofs' service refused.
    #[error(transparent)]
    Proof(#[from] ProofError),
    /// The refunds' service refused.
    #[error(transparent)]
    Refund(#[from] RefundError),
    /// The review cases' service refused.
    #[error(transparent)]
    Review(#[from] ReviewError),
    /// The customers' service refused.
    #[error(transparent)]
    Customer(#[from] CustomerError),
    /// The wallets' service refused.
    #[error(transparent)]
    Wallet(#[from] WalletError),
    /// A proof that terms are fulfilled was not taken or shown.
    #[error(transparent)]
    Terms(#[from] TermsError),
    /// A letter was not taken or shown.
    #[error(transparent)]
    Letter(#[from] LetterError),
    /// The team was not changed.
    #[error(transparent)]
    Team(#[from] TeamError),
}

impl From<Stale> for BotError {
    fn from(_: Stale) -> Self {
        Self::Stale
    }
}
