//! Placing orders, asking for their payment, giving them up.

use thiserror::Error;

use super::{Shop, outdated};
use crate::audit::{Actor, Entity, Kind};
use crate::cart::{CartLine, Change};
use crate::customer::Chat;
use crate::id::{CustomerId, InvoiceId, ProductId};
use crate::invoice::{Charge, Invoice, InvoiceState, Subject};
use crate::ledger::TransferError;
use crate::money::{Money, MoneyError};
use crate::order::{Order, TotalsError};
use crate::store::{
    ChatWrite, CommitError, InvoiceWrite, Rejection, RequestKey, RequestOutcome, StoreError,
};
use crate::text::VoucherCode;
use crate::voucher::{QuoteError, VoucherRefusal};

/// What a customer asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewOrder {
    /// Who buys.
    pub customer: CustomerId,
    /// Where the goods are sent.
    pub chat: Chat,
    /// What is bought, at the prices that were accepted; one line for each product.
    pub lines: Vec<CartLine>,
    /// The voucher to use.
    pub voucher: Option<VoucherCode>,
    /// Tells this request from every other: asked again, it gives the order it gave before.
    pub request: RequestKey,
}

/// An order and the invoice that asks for its payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The order.
    pub order: Order,
    /// The invoice.
    pub invoice: Invoice,
}

/// An invoice with what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoiceView {
    /// The invoice.
    pub invoice: Invoice,
    /// The order it asks payment for; `None` for a deposit.
    pub order: Option<Order>,
    /// Its charges, oldest first.
    pub charges: Vec<Charge>,
}

/// Why nothing was bought, paid or given up.
#[derive(Debug, Error)]
pub enum CheckoutError {
    /// There is nothing to buy.
    #[error("there is nothing to buy")]
    Empty,
    /// Prices or availability differ from what the customer accepted.
    #[error("{} lines changed since they were accepted", .0.len())]
    Changed(Vec<Change>),
    /// The voucher does not apply.
    #[error(transparent)]
    Voucher(#[from] VoucherRefusal),
    /// The customer may not buy so many of a product.
    #[error("a customer may buy {most}, and has bought {bought}")]
    Limited {
        /// The product.
        product: ProductId,
        /// How many a customer may buy in all.
        most: u32,
        /// How many they bought, or are about to pay.
        bought: u64,
    },
    /// A product is listed twice, or a quantity is out of range.
    #[error("a line is repeated or its quantity is out of range")]
    BadLines,
    /// A deposit below the least or above the most.
    #[error("a deposit is between {least} and {most}")]
    DepositRange {
        /// The least.
        least: Money,
        /// The most.
        most: Money,
    },
    /// No such invoice.
    #[error("there is no such invoice")]
    UnknownInvoice,
    /// The invoice asks for nothing any more.
    #[error("the invoice is {}", .0.as_str())]
    NotOpen(InvoiceState),
    /// A deposit can't be paid from the wallet.
    #[error("a deposit can't be paid from the wallet")]
    DepositFromWallet,
    /// The wallet holds too little.
    #[error("the wallet holds only {balance}")]
    InsufficientFunds {
        /// What it holds.
        balance: Money,
    },
    /// The amounts can't be computed.
    #[error(transparent)]
    Totals(#[from] TotalsError),
    /// The store can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store can't be written.
    #[error(transparent)]
    Commit(#[from] CommitError),
}
outdated!(CheckoutError);

impl From<MoneyError> for CheckoutError {
    fn from(error: MoneyError) -> Self {
        Self::Totals(error.into())
    }
}

impl From<TransferError> for CheckoutError {
    fn from(error: TransferError) -> Self {
        match error {
            TransferError::Money(error) => error.into(),
            TransferError::Unbalanced(_) | TransferError::Empty => {
                Self::Totals(TotalsError::OutOfRange)
            }
        }
    }
}

impl From<QuoteError> for CheckoutError {
    fn from(error: QuoteError) -> Self {
        match error {
            QuoteError::Refused(refusal) => refusal.into(),
            QuoteError::Money(error) => error.into(),
        }
    }
}

/// Checkout of a shop.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/corner.rs"));
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let Corner { shop, product, customer, chat } = Corner::open().await?;
/// use shopcore::{audit::Actor, order::OrderState, store::RequestKey};
///
/// shop.carts().set(customer.id, product.id, 1, product.price).await?;
/// let request = RequestKey("example/7/1".to_owned());
/// let placed = shop.checkout().place_cart(&chat, customer.id, request).await?;
/// assert!(!shop.catalog().offer(product.id).await?.available.covers(3));
///
/// shop.checkout().cancel(&Actor::Customer(customer.id), placed.invoice.id).await?;
/// assert_eq!(shop.orders().get(placed.order.id).await?.state, OrderState::Cancelled);
/// assert!(shop.catalog().offer(product.id).await?.available.covers(3));
/// # let _ = (product, customer, chat);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Checkout<'a>(pub(super) &'a Shop);

impl Checkout<'_> {
    /// An invoice with what belongs to it.
    ///
    /// # Errors
    /// [`CheckoutError::UnknownInvoice`] or [`CheckoutError::Store`].
    pub async fn invoice(&self, invoice: InvoiceId) -> Result<InvoiceView, CheckoutError> {
        let (store, shop) = (self.0.store(), self.0.id());
        let found = store.find_invoice(shop, invoice).await?;
        let invoice = found.ok_or(CheckoutError::UnknownInvoice)?;
        let order = match invoice.subject {
            Subject::Order(order) => store.find_order(shop, order).await?,
            Subject::Deposit => None,
        };
        let charges = store.list_charges(shop, invoice.id).await?;
        Ok(InvoiceView {
            invoice,
            order,
            charges,
        })
    }

    /// Asks for a deposit into the customer's wallet.
    ///
    /// # Errors
    /// [`CheckoutError::DepositRange`], or the store's.
    pub async fn deposit(
        &self,
        customer: CustomerId,
        amount: Money,
        request: RequestKey,
    ) -> Result<Invoice, CheckoutError> {
        if let Some(invoice) = self.deposit_of(&request).await? {
            return Ok(invoice);
        }
        let settings = self.0.settings();
        let (least, most) = (settings.deposit_minimum, settings.deposit_maximum);
        let below = amount.checked_sub(least)?.is_negative();
        if below || most.checked_sub(amount)?.is_negative() {
            return Err(CheckoutError::DepositRange { least, most });
        }
        let mut batch = self.0.batch(&Actor::Customer(customer));
        let invoice = Invoice {
            id: self.0.ids().next(),
            subject: Subject::Deposit,
            customer,
            amount,
            received: Money::zero(amount.currency()),
            state: InvoiceState::Created,
            expires_at: batch.at + settings.deposit_ttl,
            created_at: batch.at,
            version: 1,
        };
        let outcome = RequestOutcome::Deposit(invoice.id);
        let details = serde_json::json!({ "deposit": amount.to_string() });
        let entity = Entity::new(Kind::Invoice, invoice.id);
        batch
            .push(InvoiceWrite::Add(invoice.clone()))
            .push(ChatWrite::RecordRequest {
                request: request.clone(),
                outcome,
            })
            .record_move(
                entity,
                "created",
                None,
                InvoiceState::Created.as_str(),
                details,
            );
        match self.0.commit(batch).await {
            Ok(()) => Ok(invoice),
            Err(CommitError::Rejected(Rejection::RequestSeen)) => self
                .deposit_of(&request)
                .await?
                .ok_or(CheckoutError::UnknownInvoice),
            Err(error) => Err(error.into()),
        }
    }

    async fn deposit_of(&self, request: &RequestKey) -> Result<Option<Invoice>, CheckoutError> {
        match self.0.store().find_request(self.0.id(), request).await? {
            Some(RequestOutcome::Deposit(id)) => {
                Ok(self.0.store().find_invoice(self.0.id(), id).await?)
            }
            Some(
                RequestOutcome::Order(_) | RequestOutcome::Refund(_) | RequestOutcome::Transfer(_),
            )
            | None => Ok(None),
        }
    }
}

/// A customer acts on their own invoices only; those of others are not there for them.
pub(super) fn check_owner(actor: &Actor, invoice: &Invoice) -> Result<(), CheckoutError> {
    match actor {
        Actor::Customer(customer) if *customer != invoice.customer => {
            Err(CheckoutError::UnknownInvoice)
        }
        Actor::Customer(_)
        | Actor::Admin(_)
        | Actor::Operator
        | Actor::Job(_)
        | Actor::Gateway(_) => Ok(()),
    }
}
