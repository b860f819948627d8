//! Review cases: how a person decides them.

use serde_json::json;
use thiserror::Error;

use super::proofs;
use super::settling::{Bill, enqueue_delivery};
use super::{Shop, deciding, outdated, record, record_end, tell_refunded};
use crate::audit::{Actor, Entity, Kind};
use crate::gateway::Support;
use crate::id::{CaseId, CustomerId};
use crate::invoice::{InvoiceState, Payment};
use crate::ledger::{Account, Purpose, Transfer, TransferError};
use crate::message::{CreditReason, Destination, Notice, Task};
use crate::money::{Money, MoneyError};
use crate::order::OrderState;
use crate::refund::{Refund, RefundState, RefundWay};
use crate::review::{Case, CaseReason, CaseState, Resolution};
use crate::store::{
    Batch, CommitError, Listing, Page, RefundFilter, RefundWrite, Rejection, ReviewWrite,
    StoreError,
};
use crate::text::Reason;

/// Why a case was not decided.
#[derive(Debug, Error)]
pub enum ReviewError {
    /// No such case.
    #[error("there is no such case")]
    Unknown,
    /// It was decided before.
    #[error("the case is {}", .0.as_str())]
    NotOpen(CaseState),
    /// The case is about no money.
    #[error("the case is about no payment")]
    NoPayment,
    /// It is not known whose money it is.
    #[error("the case names no customer")]
    NoCustomer,
    /// The payment is not in the shop's currency.
    #[error("the payment is in {0}, which the wallets don't hold")]
    ForeignCurrency(crate::money::Currency),
    /// The gateway of the payment can't send it back, or the shop has it no more.
    #[error("the gateway can't send the payment back")]
    NotRefundable,
    /// There is no order that could be delivered, or too little was paid for it.
    #[error("the case has no order that its payment could deliver")]
    NotDeliverable,
    /// Units or voucher are gone.
    #[error(transparent)]
    Rejected(Rejection),
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
outdated!(ReviewError);

/// Review cases of a shop.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/corner.rs"));
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let Corner { shop, product, customer, chat } = Corner::open().await?;
/// use shopcore::audit::Actor;
/// use shopcore::invoice::{EventId, GatewayName, PaymentEvent, Reference};
/// use shopcore::store::Page;
///
/// # let event = PaymentEvent {
/// #     gateway: GatewayName::parse("sandbox")?,
/// #     event: EventId::parse("evt-1")?,
/// #     reference: Reference::parse("nobody-knows")?,
/// #     amount: product.price,
/// #     paid_at: shop.now(),
/// # };
/// shop.settlement().settle(&event).await?;
/// let case = shop.reviews().list(Page::first(1)).await?.items.remove(0);
/// shop.reviews().credit(&Actor::Operator, case.id, Some(customer.id)).await?;
/// assert_eq!(shop.wallet().balance(customer.id).await?, event.amount);
/// assert_eq!(shop.reviews().list(Page::first(1)).await?.total, 0);
/// # let _ = (product, customer, chat);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Reviews<'a>(pub(super) &'a Shop);

impl Reviews<'_> {
    /// Open cases, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list(&self, page: Page) -> Result<Listing<Case>, StoreError> {
        self.0.store().list_open_cases(self.0.id(), page).await
    }

    /// The case of this id.
    ///
    /// # Errors
    /// [`ReviewError::Unknown`] or [`ReviewError::Store`].
    pub async fn get(&self, case: CaseId) -> Result<Case, ReviewError> {
        let found = self.0.store().find_case(self.0.id(), case).await?;
        found.ok_or(ReviewError::Unknown)
    }

    /// Credits the payment of a case to a wallet: to `customer`'s, or to that of the customer the
    /// case names.
    ///
    /// # Errors
    /// [`ReviewError`]; nothing changes then.
    pub async fn credit(
        &self,
        actor: &Actor,
        case: CaseId,
        customer: Option<CustomerId>,
    ) -> Result<(), ReviewError> {
        let case = self.open_case(case).await?;
        let payment = self.payment(&case).await?;
        let customer = customer.or(case.customer).ok_or(ReviewError::NoCustomer)?;
        let amount = payment.amount;
        if amount.currency() != self.0.currency() {
            return Err(ReviewError::ForeignCurrency(amount.currency()));
        }
        if amount.minor() > Money::MAX_MINOR {
            return Err(MoneyError::Overflow.into());
        }
        let mut batch = self.resolving(actor, &case, Resolution::Credited, json!({}));
        batch.push(self.released(&payment, [(Account::Wallet(customer), amount)])?);
        let entity = Entity::new(Kind::Customer, customer);
        batch.record(
            entity,
            "wallet credited",
            json!({ "amount": amount.to_string() }),
        );
        if let Some(known) = self.0.store().get_customer(self.0.id(), customer).await? {
            let notice = Notice::Credited {
                amount,
                why: CreditReason::Admin,
            };
            batch.enqueue(Destination::Chat(known.chat), case.id, Task::Notice(notice));
        }
        self.commit(batch).await
    }

    /// Closes a case and has its payment sent back, whole, by the gateway that took it. The gateway
    /// is asked until it answers; where it refuses, the money waits in another case.
    ///
    /// # Errors
    /// [`ReviewError`]; nothing changes then.
    pub async fn refund(&self, actor: &Actor, case: CaseId) -> Result<(), ReviewError> {
        deciding(|| self.try_refund(actor, case)).await
    }

    async fn try_refund(&self, actor: &Actor, case: CaseId) -> Result<(), ReviewError> {
        let case = self.open_case(case).await?;
        let payment = self.payment(&case).await?;
        if !self.is_refundable(&payment) {
            return Err(ReviewError::NotRefundable);
        }
        let details = json!({ "refund": payment.amount.to_string() });
        let mut batch = self.resolving(actor, &case, Resolution::Closed, details);
        let refund = Refund {
            id: self.0.ids().next(),
            order: None,
            payment: Some(payment.id),
            case: Some(case.id),
            customer: case.customer,
            value: payment.amount,
            amount: payment.amount,
            way: RefundWay::Gateway,
            state: RefundState::Requested,
            reason: None,
            requested_at: batch.at,
            ended_at: None,
        };
        let task = Task::Refund { refund: refund.id };
        record(&mut batch, &refund);
        batch
            .push(self.released(&payment, [(Account::Refunds, payment.amount)])?)
            .enqueue(Destination::Gateway, refund.id, task)
            .push(RefundWrite::Add(refund));
        self.commit(batch).await
    }

    /// Whether the gateway that took a payment can send it back.
    #[must_use]
    pub fn is_refundable(&self, payment: &Payment) -> bool {
        let gateway = self.0.gateway(&payment.gateway);
        gateway.is_some_and(|gateway| gateway.capabilities().refund == Support::Yes)
    }

    /// Delivers after all: takes units and voucher for a late payment and pays its order with it,
    /// or sends refused goods once more.
    ///
    /// # Errors
    /// [`ReviewError`]; nothing changes then.
    pub async fn deliver(&self, actor: &Actor, case: CaseId) -> Result<(), ReviewError> {
        deciding(|| self.try_deliver(actor, case)).await
    }

    async fn try_deliver(&self, actor: &Actor, case: CaseId) -> Result<(), ReviewError> {
        let case = self.open_case(case).await?;
        let mut batch = self.resolving(actor, &case, Resolution::Delivered, json!({}));
        let found = match case.invoice {
            Some(invoice) => self.0.store().find_invoice(self.0.id(), invoice).await?,
            None => None,
        };
        let bill = Bill::read(self.0, found.ok_or(ReviewError::NotDeliverable)?).await?;
        let order = bill.order.as_ref().ok_or(ReviewError::NotDeliverable)?;
        match (case.reason, order.state) {
            (CaseReason::DeliveryRefused, OrderState::Paid | OrderState::Delivered) => {
                enqueue_delivery(&mut batch, order, &bill.invoice);
            }
            (
                CaseReason::LatePayment | CaseReason::Unsettled,
                OrderState::Expired | OrderState::Cancelled,
            ) => self.pay_late(&mut batch, &case, &bill).await?,
            (
                CaseReason::LatePayment
                | CaseReason::UnknownReference
                | CaseReason::UnknownGateway
                | CaseReason::WrongCurrency
                | CaseReason::Unsettled
                | CaseReason::DeliveryRefused
                | CaseReason::Proof
                | CaseReason::Payout
                | CaseReason::NotInStatement
                | CaseReason::OtherInStatement,
                _,
            ) => return Err(ReviewError::NotDeliverable),
        }
        self.commit(batch).await
    }

    /// Closes a case that was settled outside the shop; money that waited for it counts as given
    /// back, goods that were refused as handed over.
    ///
    /// # Errors
    /// [`ReviewError`]; nothing changes then.
    pub async fn close(
        &self,
        actor: &Actor,
        case: CaseId,
        reason: &Reason,
    ) -> Result<(), ReviewError> {
        deciding(|| self.try_close(actor, case, reason)).await
    }

    async fn try_close(
        &self,
        actor: &Actor,
        case: CaseId,
        reason: &Reason,
    ) -> Result<(), ReviewError> {
        let case = self.open_case(case).await?;
        let details = json!({ "reason": reason.as_str() });
        let mut batch = self.resolving(actor, &case, Resolution::Closed, details);
        if case.reason == CaseReason::Proof {
            proofs::decline(self.0, &mut batch, &case, reason).await?;
        }
        if case.reason == CaseReason::Payout {
            self.paid_out(&mut batch, &case).await?;
        }
        if case.reason.keeps_payment() {
            let payment = self.payment(&case).await?;
            batch.push(self.released(&payment, [(Account::Refunds, payment.amount)])?);
        }
        if case.reason == CaseReason::DeliveryRefused {
            self.hand_over(&mut batch, &case).await?;
        }
        self.commit(batch).await
    }

    /// A refund that was paid out by hand is done.
    async fn paid_out(&self, batch: &mut Batch, case: &Case) -> Result<(), ReviewError> {
        let filter = RefundFilter::Case(case.id);
        let refunds = self.0.store().list_refunds(self.0.id(), filter).await?;
        let waiting = |refund: &&Refund| refund.state == RefundState::Requested;
        for refund in refunds.iter().filter(waiting) {
            let (id, to) = (refund.id, RefundState::Done);
            batch.push(RefundWrite::End { refund: id, to });
            record_end(batch, refund, to);
            self.tell_paid_out(batch, refund).await?;
        }
        Ok(())
    }

    async fn tell_paid_out(&self, batch: &mut Batch, refund: &Refund) -> Result<(), StoreError> {
        let Some(order) = refund.order else {
            return Ok(());
        };
        if let Some(order) = self.0.store().find_order(self.0.id(), order).await? {
            tell_refunded(batch, order, refund.amount);
        }
        Ok(())
    }

    /// An order whose goods were handed over outside the shop waits for nothing more.
    async fn hand_over(&self, batch: &mut Batch, case: &Case) -> Result<(), ReviewError> {
        let Some(invoice) = case.invoice else {
            return Ok(());
        };
        let found = self.0.store().find_invoice(self.0.id(), invoice).await?;
        let bill = Bill::read(self.0, found.ok_or(ReviewError::Unknown)?).await?;
        if bill
            .order
            .as_ref()
            .is_some_and(|order| order.state == OrderState::Paid)
        {
            bill.move_order(batch, OrderState::Delivered, "delivered outside the shop");
        }
        Ok(())
    }

    async fn pay_late(
        &self,
        batch: &mut Batch,
        case: &Case,
        bill: &Bill,
    ) -> Result<(), ReviewError> {
        let payment = self.payment(case).await?;
        let charge = bill
            .charges
            .iter()
            .find(|charge| Some(charge.id) == payment.charge);
        let charge = charge.ok_or(ReviewError::NotDeliverable)?;
        let invoice = &bill.invoice;
        let value = charge.value_of(payment.amount)?;
        let excess = value.checked_sub(invoice.amount)?;
        if excess.is_negative() || !invoice.state.may_become(InvoiceState::Paid) {
            return Err(ReviewError::NotDeliverable);
        }
        bill.change(batch, InvoiceState::Paid, value, "paid late");
        bill.move_order(batch, OrderState::Paid, "paid late");
        bill.take_anew(batch);
        let to = [
            (Account::Sales, invoice.amount),
            (Account::Wallet(invoice.customer), excess),
        ];
        batch.push(
            self.released_at(&payment, value, to)?
                .about_invoice(invoice.id),
        );
        if excess.is_positive() {
            bill.credit(batch, excess, CreditReason::Excess);
        }
        bill.deliver(batch);
        Ok(())
    }

    fn resolving(
        &self,
        actor: &Actor,
        case: &Case,
        resolution: Resolution,
        details: serde_json::Value,
    ) -> Batch {
        let mut batch = self.0.batch(actor);
        let to = CaseState::Resolved(resolution);
        let entity = Entity::new(Kind::Case, case.id);
        batch
            .push(ReviewWrite::Resolve {
                case: case.id,
                resolution,
            })
            .record_move(
                entity,
                to.as_str(),
                Some(case.state.as_str()),
                to.as_str(),
                details,
            );
        batch
    }

    /// Moves a payment out of suspense.
    fn released(
        &self,
        payment: &Payment,
        to: impl IntoIterator<Item = (Account, Money)>,
    ) -> Result<Transfer, ReviewError> {
        self.released_at(payment, payment.amount, to)
    }

    /// Moves a payment out of suspense that is worth `value` in the shop's currency.
    fn released_at(
        &self,
        payment: &Payment,
        value: Money,
        to: impl IntoIterator<Item = (Account, Money)>,
    ) -> Result<Transfer, ReviewError> {
        let amount = payment.amount;
        let suspense = (Account::Suspense(payment.id), amount.checked_neg()?);
        let between = if amount.currency() == value.currency() {
            vec![(Account::Fees, amount.checked_sub(value)?)]
        } else {
            vec![
                (Account::Exchange, amount),
                (Account::Exchange, value.checked_neg()?),
            ]
        };
        let postings = [suspense].into_iter().chain(between).chain(to);
        Ok(Transfer::new(
            self.0.ids().next(),
            Purpose::Review,
            postings,
        )?)
    }

    async fn open_case(&self, case: CaseId) -> Result<Case, ReviewError> {
        let case = self.get(case).await?;
        match case.state {
            CaseState::Open => Ok(case),
            CaseState::Resolved(_) => Err(ReviewError::NotOpen(case.state)),
        }
    }

    async fn payment(&self, case: &Case) -> Result<Payment, ReviewError> {
        let keeps = case.payment.filter(|_| case.reason.keeps_payment());
        let payment = keeps.ok_or(ReviewError::NoPayment)?;
        let found = self.0.store().get_payment(self.0.id(), payment).await?;
        found.ok_or(ReviewError::NoPayment)
    }

    async fn commit(&self, batch: Batch) -> Result<(), ReviewError> {
        match self.0.commit(batch).await {
            Err(CommitError::Rejected(rejection)) => Err(ReviewError::Rejected(rejection)),
            done => Ok(done?),
        }
    }
}
