//! Wallets: money of customers that the shop keeps.

use serde_json::json;
use thiserror::Error;

use super::checkout::{Checkout, CheckoutError, check_owner};
use super::settling::Bill;
use super::{Shop, deciding};
use crate::audit::{Actor, Entity, Kind};
use crate::id::{CustomerId, InvoiceId};
use crate::invoice::{Invoice, InvoiceState};
use crate::ledger::{Account, Purpose, Transfer, TransferError};
use crate::message::{CreditReason, Destination, Notice, Task};
use crate::money::{Money, MoneyError};
use crate::order::{Order, OrderNumber, OrderState};
use crate::store::{
    ChatWrite, CommitError, Listing, Page, Rejection, RequestKey, RequestOutcome, Statement,
    StoreError,
};
use crate::text::Reason;
use crate::time::Timestamp;

/// How something about a wallet stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mark {
    /// It is done.
    Done,
    /// It waits for its payment.
    Waits,
    /// It came to nothing.
    Failed,
    /// Money was given back.
    Returned,
}

/// Something that happened about a wallet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// Money moved.
    Moved(Statement),
    /// A deposit was asked for, and is not paid.
    Unpaid(Invoice),
}

impl What {
    /// When it happened.
    #[must_use]
    pub fn at(&self) -> Timestamp {
        match self {
            Self::Moved(statement) => statement.at,
            Self::Unpaid(invoice) => invoice.created_at,
        }
    }
}

/// A line of a wallet's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryLine {
    /// What happened.
    pub what: What,
    /// How it stands.
    pub mark: Mark,
    /// The number of the order it is about.
    pub order: Option<OrderNumber>,
}

fn usize(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// Why a wallet was not read or changed.
#[derive(Debug, Error)]
pub enum WalletError {
    /// The wallet holds too little.
    #[error("the wallet holds only {balance}")]
    InsufficientFunds {
        /// What it holds.
        balance: Money,
    },
    /// Not in the shop's currency, or nothing.
    #[error("the amount is zero or not in the shop's currency")]
    Amount,
    /// The amounts can't be computed.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// The transfer can't be made.
    #[error(transparent)]
    Transfer(#[from] TransferError),
    /// The store can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store can't be written.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

/// Wallets of a shop's customers.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/corner.rs"));
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let Corner { shop, product, customer, chat } = Corner::open().await?;
/// use shopcore::{audit::Actor, money::Money, service::WalletError, text::Reason};
///
/// let reason = Reason::parse("for the trouble")?;
/// let two = Money::parse("2.00", shop.currency())?;
/// shop.wallet().adjust(&Actor::Operator, customer.id, two, &reason, &shop.new_request()).await?;
/// assert_eq!(shop.wallet().balance(customer.id).await?, two);
/// let too_much = Money::parse("2.01", shop.currency())?.checked_neg()?;
/// let refused = shop.wallet().adjust(&Actor::Operator, customer.id, too_much, &reason, &shop.new_request()).await;
/// assert!(matches!(refused, Err(WalletError::InsufficientFunds { balance }) if balance == two));
/// # let _ = (product, customer, chat);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Wallet<'a>(pub(super) &'a Shop);

impl Wallet<'_> {
    /// What a customer's wallet holds.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn balance(&self, customer: CustomerId) -> Result<Money, StoreError> {
        self.0
            .store()
            .balance(self.0.id(), customer, self.0.currency())
            .await
    }

    /// The history of a wallet, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn statements(
        &self,
        customer: CustomerId,
        page: Page,
    ) -> Result<Listing<Statement>, StoreError> {
        self.0
            .store()
            .list_statements(self.0.id(), customer, page)
            .await
    }

    /// Everything that happened about a wallet, newest first: what moved in it, and the deposits
    /// that did not come to be paid.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn history(
        &self,
        customer: CustomerId,
        page: Page,
    ) -> Result<Listing<HistoryLine>, StoreError> {
        let (store, shop) = (self.0.store(), self.0.id());
        // The lines of a page come from anywhere in the first of both lists.
        let first = Page::first(page.offset.saturating_add(page.limit));
        let moved = store.list_statements(shop, customer, first).await?;
        let unpaid = store.list_unpaid_deposits(shop, customer, first).await?;
        let total = moved.total.saturating_add(unpaid.total);
        let mut all: Vec<_> = moved.items.into_iter().map(What::Moved).collect();
        all.extend(unpaid.items.into_iter().map(What::Unpaid));
        all.sort_by_key(|what| std::cmp::Reverse(what.at()));
        let (offset, limit) = (usize(page.offset), usize(page.limit));
        let mut items = Vec::new();
        for what in all.into_iter().skip(offset).take(limit) {
            items.push(self.line(what).await?);
        }
        Ok(Listing { items, total })
    }

    /// How a line of the history stands now.
    async fn line(&self, what: What) -> Result<HistoryLine, StoreError> {
        let order = match &what {
            What::Moved(statement) => self.order_of(statement).await?,
            What::Unpaid(_) => None,
        };
        let mark = match &what {
            What::Unpaid(invoice) => match invoice.state_at(self.0.now()) {
                InvoiceState::Created | InvoiceState::Waiting => Mark::Waits,
                InvoiceState::Expired | InvoiceState::Cancelled | InvoiceState::Failed => {
                    Mark::Failed
                }
                InvoiceState::Paid => Mark::Done,
            },
            What::Moved(statement) => match (statement.purpose, &order) {
                (Purpose::Refund | Purpose::Leftover, _) => Mark::Returned,
                (Purpose::WalletPayment, Some(order)) if order.state == OrderState::Refunded => {
                    Mark::Returned
                }
                (
                    Purpose::Payment
                    | Purpose::WalletPayment
                    | Purpose::Review
                    | Purpose::Adjustment,
                    _,
                ) => Mark::Done,
            },
        };
        let order = order.map(|order| order.number);
        Ok(HistoryLine { what, mark, order })
    }

    /// The order that was paid from the wallet, or paid back into it.
    async fn order_of(&self, statement: &Statement) -> Result<Option<Order>, StoreError> {
        let (store, shop) = (self.0.store(), self.0.id());
        let Some(invoice) = statement.invoice else {
            return Ok(None);
        };
        let invoice = store.find_invoice(shop, invoice).await?;
        match invoice.and_then(|invoice| invoice.subject.order()) {
            Some(order) => store.find_order(shop, order).await,
            None => Ok(None),
        }
    }

    /// The customer's deposits that wait for their payment, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open_deposits(&self, customer: CustomerId) -> Result<Vec<Invoice>, StoreError> {
        self.0
            .store()
            .list_open_deposits(self.0.id(), customer)
            .await
    }

    /// Credits a wallet and tells its customer, or debits it with an amount below zero; once for each
    /// request.
    ///
    /// # Errors
    /// [`WalletError`]; nothing changes then.
    pub async fn adjust(
        &self,
        actor: &Actor,
        customer: CustomerId,
        amount: Money,
        reason: &Reason,
        request: &RequestKey,
    ) -> Result<(), WalletError> {
        let transfer = adjustment(self.0, customer, amount)?;
        let outcome = RequestOutcome::Transfer(transfer.id);
        let mut batch = self.0.batch(actor);
        let details = json!({ "amount": amount.to_string(), "reason": reason.as_str() });
        batch.push(transfer).record(
            Entity::new(Kind::Customer, customer),
            "wallet adjusted",
            details,
        );
        batch.push(ChatWrite::RecordRequest {
            request: request.clone(),
            outcome,
        });
        let told = self.0.store().get_customer(self.0.id(), customer).await?;
        if let Some(told) = told.filter(|_| amount.is_positive()) {
            let why = CreditReason::Admin;
            let notice = Notice::Credited { amount, why };
            batch.enqueue(Destination::Chat(told.chat), customer, Task::Notice(notice));
        }
        match self.0.commit(batch).await {
            Err(CommitError::Rejected(Rejection::RequestSeen)) => Ok(()),
            Err(CommitError::Rejected(Rejection::InsufficientFunds { balance, .. })) => {
                Err(WalletError::InsufficientFunds { balance })
            }
            done => Ok(done?),
        }
    }
}

/// What changes a wallet by an amount, which neither a purchase nor a payment brings.
pub(super) fn adjustment(
    shop: &Shop,
    customer: CustomerId,
    amount: Money,
) -> Result<Transfer, WalletError> {
    if amount.is_zero() || amount.currency() != shop.currency() {
        return Err(WalletError::Amount);
    }
    if !(-Money::MAX_MINOR..=Money::MAX_MINOR).contains(&amount.minor()) {
        return Err(MoneyError::Overflow.into());
    }
    let postings = [
        (Account::Wallet(customer), amount),
        (Account::Adjustments, amount.checked_neg()?),
    ];
    Ok(Transfer::new(
        shop.ids().next(),
        Purpose::Adjustment,
        postings,
    )?)
}

impl Checkout<'_> {
    /// Pays what an order's invoice still asks for from the customer's wallet: a settlement
    /// without a gateway, in one batch.
    ///
    /// # Errors
    /// [`CheckoutError::InsufficientFunds`], [`CheckoutError::NotOpen`] or
    /// [`CheckoutError::DepositFromWallet`]; nothing changes then.
    pub async fn pay_from_wallet(
        &self,
        actor: &Actor,
        invoice: InvoiceId,
    ) -> Result<(), CheckoutError> {
        deciding(|| self.try_pay_from_wallet(actor, invoice)).await
    }

    async fn try_pay_from_wallet(
        &self,
        actor: &Actor,
        invoice: InvoiceId,
    ) -> Result<(), CheckoutError> {
        let found = self.0.store().find_invoice(self.0.id(), invoice).await?;
        let invoice = found.ok_or(CheckoutError::UnknownInvoice)?;
        check_owner(actor, &invoice)?;
        let state = invoice.state_at(self.0.now());
        if !state.is_open() {
            return Err(CheckoutError::NotOpen(state));
        }
        let bill = Bill::read(self.0, invoice).await?;
        if bill.order.is_none() {
            return Err(CheckoutError::DepositFromWallet);
        }
        match self.0.commit(self.wallet_payment(actor, &bill)?).await {
            Err(CommitError::Rejected(Rejection::InsufficientFunds { balance, .. })) => {
                Err(CheckoutError::InsufficientFunds { balance })
            }
            done => Ok(done?),
        }
    }

    fn wallet_payment(
        &self,
        actor: &Actor,
        bill: &Bill,
    ) -> Result<crate::store::Batch, CheckoutError> {
        let invoice = &bill.invoice;
        let due = invoice.outstanding()?;
        let postings = [
            (Account::Wallet(invoice.customer), due.checked_neg()?),
            (
                Account::Towards(invoice.id),
                invoice.received.checked_neg()?,
            ),
            (Account::Sales, invoice.amount),
        ];
        let mut batch = self.0.batch(actor);
        let transfer = Transfer::new(self.0.ids().next(), Purpose::WalletPayment, postings)?;
        batch.push(transfer.about_invoice(invoice.id));
        bill.change(
            &mut batch,
            InvoiceState::Paid,
            invoice.amount,
            "paid from the wallet",
        );
        bill.close_charges(&mut batch, None);
        bill.move_order(&mut batch, OrderState::Paid, "paid");
        bill.sell_held(&mut batch);
        let entity = Entity::new(Kind::Customer, invoice.customer);
        batch.record(
            entity,
            "wallet debited",
            json!({ "amount": due.to_string() }),
        );
        bill.deliver(&mut batch);
        bill.retract(&mut batch);
        Ok(batch)
    }
}
