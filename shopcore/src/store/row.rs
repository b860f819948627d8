//! Which rows a write names, so that no two writes of a batch name the same.

use std::fmt;

use uuid::Uuid;

#[cfg(feature = "postgres")]
use super::batch::Premise;
use super::write::{
    CartWrite, CatalogWrite, ChatWrite, CustomerWrite, InvoiceWrite, OrderWrite, OutboxWrite,
    RecountWrite, RefundWrite, ReviewWrite, StockWrite, VoucherWrite, Write,
};
use crate::id::CustomerId;
use crate::ledger::{Account, Transfer};
use crate::money::Currency;

/// A row that a write names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    table: &'static str,
    key: Key,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Id(Uuid),
    Named(String),
}

impl Row {
    fn id(table: &'static str, id: impl Into<Uuid>) -> Self {
        let key = Key::Id(id.into());
        Self { table, key }
    }

    fn named(table: &'static str, key: impl fmt::Debug) -> Self {
        let key = Key::Named(format!("{key:?}"));
        Self { table, key }
    }
}

#[cfg(feature = "postgres")]
impl Row {
    /// Whether it only counts what many batches take from.
    pub(crate) fn is_counter(&self) -> bool {
        self.table == "stock taken" || self.table == "wallet"
    }

    /// Whether it is a voucher, whose uses are counted.
    pub(crate) fn is_voucher(&self) -> bool {
        self.table == "voucher"
    }
}

#[cfg(feature = "postgres")]
impl Premise {
    /// The row it names.
    pub(crate) fn row(&self) -> Row {
        match *self {
            Self::Product { product, .. } => Row::id("product", product),
            Self::VoucherTerms { voucher, .. } => Row::id("voucher", voucher),
            Self::UnitAvailable { unit } => Row::id("unit", unit),
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.key {
            Key::Id(id) => write!(f, "{} {id}", self.table),
            Key::Named(key) => write!(f, "{} {key}", self.table),
        }
    }
}

impl Write {
    /// The rows it names; no other write of the batch may name them.
    #[must_use]
    pub fn rows(&self) -> Vec<Row> {
        match self {
            Self::OpenShop(shop) => vec![Row::id("shop", shop.id)],
            Self::Catalog(write) => vec![write.row()],
            Self::Stock(write) => write.rows(),
            Self::Voucher(write) => write.rows(),
            Self::Order(OrderWrite::Place(order)) => vec![Row::id("order", order.id)],
            Self::Order(OrderWrite::Move { order, .. } | OrderWrite::Refund { order, .. }) => {
                vec![Row::id("order", *order)]
            }
            Self::Invoice(write) => vec![write.row()],
            Self::Transfer(transfer) => wallets(transfer),
            Self::Customer(
                CustomerWrite::Add(customer) | CustomerWrite::Update { customer, .. },
            ) => vec![Row::id("customer", customer.id)],
            Self::Cart(CartWrite::Put { cart, .. }) => vec![Row::id("cart", cart.customer)],
            Self::Review(ReviewWrite::Open(case)) => vec![Row::id("case", case.id)],
            Self::Review(ReviewWrite::Resolve { case, .. }) => vec![Row::id("case", *case)],
            Self::Refund(RefundWrite::Add(refund)) => vec![Row::id("refund", refund.id)],
            Self::Refund(RefundWrite::End { refund, .. }) => vec![Row::id("refund", *refund)],
            Self::Recount(write) => vec![write.row()],
            Self::Outbox(write) => vec![write.row()],
            Self::Chat(write) => vec![write.row()],
        }
    }
}

fn wallets(transfer: &Transfer) -> Vec<Row> {
    let named = transfer
        .postings()
        .iter()
        .filter_map(|posting| match &posting.account {
            Account::Wallet(customer) => Some(wallet(*customer, posting.amount.currency())),
            Account::Clearing(_)
            | Account::Towards(_)
            | Account::Suspense(_)
            | Account::Sales
            | Account::Fees
            | Account::Refunds
            | Account::Adjustments
            | Account::Exchange => None,
        });
    named.chain([Row::id("transfer", transfer.id)]).collect()
}

fn wallet(customer: CustomerId, currency: Currency) -> Row {
    Row::named("wallet", (customer, currency))
}

impl CatalogWrite {
    fn row(&self) -> Row {
        match self {
            Self::AddCategory(category) | Self::UpdateCategory { category, .. } => {
                Row::id("category", category.id)
            }
            Self::AddProduct(product) | Self::UpdateProduct { product, .. } => {
                Row::id("product", product.id)
            }
        }
    }
}

impl StockWrite {
    fn rows(&self) -> Vec<Row> {
        match self {
            Self::Add { product, units } => {
                let units = units.iter().map(|unit| Row::id("unit", unit.id));
                units.chain([Row::id("stock added", *product)]).collect()
            }
            Self::Hold { product, claims } | Self::Take { product, claims } => {
                let lines = claims.iter().map(|claim| Row::id("line", claim.line));
                lines.chain([Row::id("stock taken", *product)]).collect()
            }
            Self::Sell(claim) | Self::Release(claim) => vec![Row::id("line", claim.line)],
            Self::Withdraw { units } | Self::Restore { units } => {
                units.iter().map(|unit| Row::id("unit", *unit)).collect()
            }
        }
    }
}

impl VoucherWrite {
    fn rows(&self) -> Vec<Row> {
        match self {
            Self::Add(voucher) => vec![Row::id("voucher", voucher.id)],
            Self::UpdateTerms { voucher, .. } => vec![Row::id("voucher", *voucher)],
            Self::Hold { voucher, order, .. }
            | Self::Take { voucher, order, .. }
            | Self::Redeem { voucher, order }
            | Self::Release { voucher, order } => {
                vec![Row::id("voucher", *voucher), Row::id("redemption", *order)]
            }
        }
    }
}

impl InvoiceWrite {
    fn row(&self) -> Row {
        match self {
            Self::Add(invoice) => Row::id("invoice", invoice.id),
            Self::Change { invoice, .. } | Self::SetExpiry { invoice, .. } => {
                Row::id("invoice", *invoice)
            }
            Self::AddCharge(charge) => Row::id("charge", charge.id),
            Self::OpenCharge { charge, .. }
            | Self::MoveCharge { charge, .. }
            | Self::PollCharge { charge, .. } => Row::id("charge", *charge),
            Self::RecordPayment(payment) => Row::id("payment", payment.id),
        }
    }
}

impl RecountWrite {
    fn row(&self) -> Row {
        match *self {
            Self::Voucher { voucher, .. } => Row::id("voucher", voucher),
            Self::Wallet { customer, was, .. } => wallet(customer, was.currency()),
            Self::Order { order, .. } => Row::id("order", order),
        }
    }
}

impl OutboxWrite {
    fn row(&self) -> Row {
        match self {
            Self::Finish { item, .. } | Self::Postpone { item, .. } => {
                Row::id("outbox item", *item)
            }
            Self::LogMessage(sent) => Row::named("message", (&sent.chat, &sent.message)),
            Self::ForgetMessage { chat, message } => Row::named("message", (chat, message)),
        }
    }
}

impl ChatWrite {
    fn row(&self) -> Row {
        match self {
            Self::PutDialog { dialog, .. } => Row::named("dialog", &dialog.chat),
            Self::EndDialog { chat } => Row::named("dialog", chat),
            Self::PutState { plugin, key, .. } | Self::SwapState { plugin, key, .. } => {
                Row::named("state", (plugin, key))
            }
            Self::RecordRequest { request, .. } => Row::named("request", request),
        }
    }
}
