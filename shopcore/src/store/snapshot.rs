//! All rows of a shop at one moment.

use crate::audit::{Edge, Entity};
use crate::catalog::{Category, Product};
use crate::customer::Customer;
use crate::id::{CustomerId, InvoiceId, PaymentId, ProductId, TransferId, UnitId};
use crate::invoice::{Charge, Invoice, Payment};
use crate::ledger::{Posting, Purpose};
use crate::message::OutboxItem;
use crate::money::Money;
use crate::order::Order;
use crate::refund::Refund;
use crate::review::Case;
use crate::stock::UnitState;
use crate::time::Timestamp;
use crate::vault::Fingerprint;
use crate::voucher::{Redemption, Voucher};

/// A unit without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitRow {
    /// Its id.
    pub id: UnitId,
    /// Its product.
    pub product: ProductId,
    /// Its state.
    pub state: UnitState,
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
}

/// A transfer as it is stored, balanced or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferRow {
    /// Its id.
    pub id: TransferId,
    /// What it is for.
    pub purpose: Purpose,
    /// The invoice it is about.
    pub invoice: Option<InvoiceId>,
    /// The payment it is about.
    pub payment: Option<PaymentId>,
    /// Its postings.
    pub postings: Vec<Posting>,
    /// When it was posted.
    pub at: Timestamp,
}

/// The stored balance of a wallet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WalletRow {
    /// Whose it is.
    pub customer: CustomerId,
    /// What it holds of one currency.
    pub balance: Money,
}

/// What an audit entry tells of a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// What it is about.
    pub entity: Entity,
    /// The change of state, where there was one.
    pub edge: Option<Edge>,
}

/// All rows of a shop at one moment, each list by id; contents stay sealed in the store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The categories.
    pub categories: Vec<Category>,
    /// The products.
    pub products: Vec<Product>,
    /// The stock that the shop shows for each product of [`Supply::Units`](crate::catalog::Supply).
    pub shown: Vec<(ProductId, u64)>,
    /// The units.
    pub units: Vec<UnitRow>,
    /// The vouchers.
    pub vouchers: Vec<Voucher>,
    /// The uses of vouchers.
    pub redemptions: Vec<Redemption>,
    /// The customers.
    pub customers: Vec<Customer>,
    /// The stored balances.
    pub wallets: Vec<WalletRow>,
    /// The orders.
    pub orders: Vec<Order>,
    /// The invoices.
    pub invoices: Vec<Invoice>,
    /// The charges.
    pub charges: Vec<Charge>,
    /// The payments.
    pub payments: Vec<Payment>,
    /// The transfers.
    pub transfers: Vec<TransferRow>,
    /// The review cases.
    pub cases: Vec<Case>,
    /// The refunds.
    pub refunds: Vec<Refund>,
    /// The outbox, with the items that are done.
    pub outbox: Vec<OutboxItem>,
    /// The audit.
    pub audit: Vec<AuditRow>,
}
