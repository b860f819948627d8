//! Payments: every verified one is recorded once and ends in goods, a wallet or a review case.

use serde_json::json;
use thiserror::Error;

use super::settling::Bill;
use super::{DECISIONS_MAX, Shop, pause};
use crate::audit::{Actor, Entity, Kind};
use crate::catalog::LatePolicy;
use crate::gateway::{GatewayError, GatewayName, VerifiedWebhook, WebhookError, WebhookRequest};
use crate::id::{CaseId, InvoiceId, PaymentId};
use crate::invoice::{
    Charge, ChargeState, InvoiceState, Outcome, Payment, PaymentEvent, Reference, Verdict, decide,
};
use crate::ledger::{Account, Purpose, Transfer, TransferError};
use crate::message::{CreditReason, Destination, Notice, Task};
use crate::money::{Money, MoneyError};
use crate::order::OrderState;
use crate::review::{Case, CaseReason, CaseState};
use crate::store::{Batch, CommitError, InvoiceWrite, Rejection, ReviewWrite, StoreError};

/// What became of a payment event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// The payment as it is recorded.
    pub payment: Payment,
    /// Whether this call recorded it.
    pub by: SettledBy,
}

/// Who recorded a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettledBy {
    /// This call.
    ThisCall,
    /// An earlier one: the event is a duplicate.
    Earlier,
}

/// Why a payment event was not settled. The gateway should send it again.
#[derive(Debug, Error)]
pub enum SettleError {
    /// Nothing was paid.
    #[error("a payment must be more than zero")]
    NothingPaid,
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

/// Why a webhook was not carried out.
#[derive(Debug, Error)]
pub enum WebhookFailure {
    /// The shop has no such gateway.
    #[error("the shop has no gateway of this name")]
    UnknownGateway,
    /// It is not believed.
    #[error(transparent)]
    Refused(#[from] WebhookError),
    /// The gateway was asked and did not answer.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// The payment was not settled.
    #[error(transparent)]
    Settle(#[from] SettleError),
}

/// What to do with late money.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Late {
    /// As the policy says.
    ByPolicy,
    /// Credit it: delivering was tried and rejected.
    Credit,
}

/// Settlement of a shop's payments.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/corner.rs"));
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let Corner { shop, product, customer, chat } = Corner::open().await?;
/// use shopcore::invoice::{EventId, GatewayName, Outcome, PaymentEvent, Reference};
///
/// // A payment that nobody knows of is not lost: it waits in a review case.
/// let event = PaymentEvent {
///     gateway: GatewayName::parse("sandbox")?,
///     event: EventId::parse("evt-1")?,
///     reference: Reference::parse("nobody-knows")?,
///     amount: product.price,
///     paid_at: shop.now(),
/// };
/// let settled = shop.settlement().settle(&event).await?;
/// assert_eq!(settled.payment.outcome, Outcome::Review);
/// let again = shop.settlement().settle(&event).await?;
/// assert_eq!(again.payment, settled.payment);
/// # let _ = (product, customer, chat);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Settlement<'a>(pub(super) &'a Shop);

impl Settlement<'_> {
    /// Settles a payment that a gateway vouches for. An event is settled once, however often and
    /// in whatever order it comes; the outcome of the first time is given again.
    ///
    /// # Errors
    /// [`SettleError`]; nothing is recorded then, and the event should be sent again.
    pub async fn settle(&self, event: &PaymentEvent) -> Result<Settled, SettleError> {
        if !event.amount.is_positive() {
            return Err(SettleError::NothingPaid);
        }
        let mut late = Late::ByPolicy;
        for round in 0..DECISIONS_MAX {
            if let Some(payment) = self.recorded(event).await? {
                return Ok(Settled {
                    payment,
                    by: SettledBy::Earlier,
                });
            }
            let (batch, payment) = self.decision(event, late).await?;
            match self.0.commit(batch).await {
                Ok(()) => return Ok(self.settled(payment).await),
                Err(CommitError::Conflict | CommitError::Rejected(Rejection::PaymentSeen)) => {
                    pause(round).await;
                }
                Err(CommitError::Rejected(rejection)) if is_sold_out(&rejection) => {
                    late = Late::Credit;
                }
                Err(error) => return Err(error.into()),
            }
        }
        let (batch, payment) = self.unsettled(event).await?;
        self.0.commit(batch).await?;
        Ok(Settled {
            payment,
            by: SettledBy::ThisCall,
        })
    }

    /// Carries a webhook out: believes it if its signature is right, else asks the gateway.
    ///
    /// # Errors
    /// [`WebhookFailure`].
    pub async fn webhook(
        &self,
        gateway: &GatewayName,
        request: WebhookRequest<'_>,
    ) -> Result<(), WebhookFailure> {
        let port = self
            .0
            .gateway(gateway)
            .ok_or(WebhookFailure::UnknownGateway)?;
        let payments = match port.verify_webhook(request)? {
            VerifiedWebhook::Payments(payments) => payments,
            VerifiedWebhook::Ask(reference) => self.ask(gateway, &reference).await?,
        };
        for payment in &payments {
            self.settle(payment).await?;
        }
        Ok(())
    }

    async fn ask(
        &self,
        gateway: &GatewayName,
        reference: &Reference,
    ) -> Result<Vec<PaymentEvent>, WebhookFailure> {
        let port = self
            .0
            .gateway(gateway)
            .ok_or(WebhookFailure::UnknownGateway)?;
        match port.charge_status(reference).await {
            Ok(status) => Ok(status.payments),
            Err(GatewayError::UnknownCharge) => Ok(Vec::new()),
            Err(error) => Err(error.into()),
        }
    }

    async fn recorded(&self, event: &PaymentEvent) -> Result<Option<Payment>, StoreError> {
        self.0
            .store()
            .find_payment(self.0.id(), &event.gateway, &event.event)
            .await
    }

    /// A part payment asks for the rest at once; should that fail, reconciling does it later.
    async fn settled(&self, payment: Payment) -> Settled {
        if let (Outcome::Partial, Some(invoice)) = (payment.outcome, payment.invoice) {
            let asked = self.0.checkout().charge(invoice, &payment.gateway).await;
            if let Err(error) = asked {
                tracing::warn!(%invoice, %error, "the rest of a part payment is not asked for yet");
            }
        }
        Settled {
            payment,
            by: SettledBy::ThisCall,
        }
    }

    async fn decision(
        &self,
        event: &PaymentEvent,
        late: Late,
    ) -> Result<(Batch, Payment), SettleError> {
        let (store, shop) = (self.0.store(), self.0.id());
        let Some(charge) = store
            .find_charge(shop, &event.gateway, &event.reference)
            .await?
        else {
            return self.unmatched(event);
        };
        let Some(invoice) = store.find_invoice(shop, charge.invoice).await? else {
            return self.unmatched(event);
        };
        let bill = Bill::read(self.0, invoice).await?;
        let policy = match (&bill.order, late) {
            (Some(order), Late::ByPolicy) => order.late,
            (Some(_), Late::Credit) | (None, _) => LatePolicy::Credit,
        };
        let verdict = decide(&bill.invoice, &charge, policy, event.amount)?;
        Part {
            shop: self.0,
            event,
            bill: &bill,
            charge: &charge,
        }
        .batch(verdict)
    }

    fn unmatched(&self, event: &PaymentEvent) -> Result<(Batch, Payment), SettleError> {
        let known = self.0.gateway(&event.gateway).is_some();
        let reason = if known {
            CaseReason::UnknownReference
        } else {
            CaseReason::UnknownGateway
        };
        let payment = payment(self.0, event, None, Outcome::Review);
        let mut batch = self.0.batch(&Actor::Gateway(event.gateway.clone()));
        suspend(self.0, &mut batch, &payment, None, reason)?;
        Ok((batch, payment))
    }

    /// The last resort for an event whose conflicts did not end.
    async fn unsettled(&self, event: &PaymentEvent) -> Result<(Batch, Payment), SettleError> {
        let (store, shop) = (self.0.store(), self.0.id());
        let charge = store
            .find_charge(shop, &event.gateway, &event.reference)
            .await?;
        let payment = payment(self.0, event, charge.as_ref(), Outcome::Review);
        let bill = match &charge {
            Some(charge) => match store.find_invoice(shop, charge.invoice).await? {
                Some(invoice) => Some(Bill::read(self.0, invoice).await?),
                None => None,
            },
            None => None,
        };
        let mut batch = self.0.batch(&Actor::Gateway(event.gateway.clone()));
        suspend(
            self.0,
            &mut batch,
            &payment,
            bill.as_ref(),
            CaseReason::Unsettled,
        )?;
        Ok((batch, payment))
    }

    /// Asks the gateways of an invoice once whether it was paid, and settles what they tell.
    ///
    /// # Errors
    /// [`WebhookFailure`].
    pub async fn check(&self, invoice: InvoiceId) -> Result<(), WebhookFailure> {
        let charges = self.0.store().list_charges(self.0.id(), invoice).await;
        for charge in charges.map_err(SettleError::from)? {
            if charge.state != ChargeState::Paid && self.0.gateway(&charge.gateway).is_some() {
                self.check_charge(&charge).await?;
            }
        }
        Ok(())
    }

    /// Asks the gateway of a charge once whether it was paid, and settles what it tells.
    ///
    /// # Errors
    /// [`WebhookFailure`].
    pub async fn check_charge(&self, charge: &Charge) -> Result<(), WebhookFailure> {
        for payment in self.ask(&charge.gateway, &charge.reference).await? {
            self.settle(&payment).await?;
        }
        Ok(())
    }

    /// Pays a charge without real money, where its gateway can, and settles it.
    ///
    /// # Errors
    /// [`WebhookFailure`]; a gateway that moves real money is unsupported.
    pub async fn simulate(&self, charge: &Charge) -> Result<(), WebhookFailure> {
        let port = self
            .0
            .gateway(&charge.gateway)
            .ok_or(WebhookFailure::UnknownGateway)?;
        port.simulate_payment(&charge.reference, charge.payable)
            .await?;
        self.check_charge(charge).await
    }
}

fn is_sold_out(rejection: &Rejection) -> bool {
    matches!(
        rejection,
        Rejection::OutOfStock { .. }
            | Rejection::VoucherExhausted { .. }
            | Rejection::VoucherExhaustedForCustomer { .. }
    )
}

fn payment(
    shop: &Shop,
    event: &PaymentEvent,
    charge: Option<&Charge>,
    outcome: Outcome,
) -> Payment {
    Payment {
        id: shop.ids().next::<PaymentId>(),
        gateway: event.gateway.clone(),
        event: event.event.clone(),
        reference: event.reference.clone(),
        charge: charge.map(|charge| charge.id),
        invoice: charge.map(|charge| charge.invoice),
        amount: event.amount,
        outcome,
        paid_at: event.paid_at,
        recorded_at: shop.now(),
    }
}

fn record_payment(batch: &mut Batch, payment: &Payment) {
    let details = json!({
        "gateway": payment.gateway,
        "event": payment.event,
        "amount": payment.amount.to_string(),
        "outcome": payment.outcome.as_str(),
    });
    batch
        .push(InvoiceWrite::RecordPayment(payment.clone()))
        .record(Entity::new(Kind::Payment, payment.id), "received", details);
}

/// Records a payment that waits for a person.
fn suspend(
    shop: &Shop,
    batch: &mut Batch,
    payment: &Payment,
    bill: Option<&Bill>,
    reason: CaseReason,
) -> Result<(), SettleError> {
    record_payment(batch, payment);
    let postings = [
        (
            Account::Clearing(payment.gateway.clone()),
            payment.amount.checked_neg()?,
        ),
        (Account::Suspense(payment.id), payment.amount),
    ];
    let transfer = Transfer::new(shop.ids().next(), Purpose::Payment, postings)?;
    let case = Case {
        id: shop.ids().next::<CaseId>(),
        reason,
        state: CaseState::Open,
        payment: Some(payment.id),
        invoice: payment.invoice,
        order: bill
            .and_then(|bill| bill.order.as_ref())
            .map(|order| order.id),
        customer: bill.map(|bill| bill.invoice.customer),
        opened_at: batch.at,
        resolved_at: None,
    };
    batch.push(transfer.about_payment(payment.id));
    if let Some(bill) = bill {
        let (payment, amount) = (payment.id, payment.amount);
        bill.notify(batch, Notice::UnderReview { payment, amount });
    }
    open_case(batch, case);
    Ok(())
}

/// Opens a review case, and tells the admins.
pub(crate) fn open_case(batch: &mut Batch, case: Case) {
    let entity = Entity::new(Kind::Case, case.id);
    let details = json!({ "reason": case.reason });
    batch.record_move(entity, "opened", None, case.state.as_str(), details);
    let notice = Notice::CaseOpened { case: case.id };
    batch.enqueue(Destination::Admins, case.id, Task::Notice(notice));
    batch.push(ReviewWrite::Open(case));
}

/// A payment beside the charge and the invoice it is for.
struct Part<'a> {
    shop: &'a Shop,
    event: &'a PaymentEvent,
    bill: &'a Bill,
    charge: &'a Charge,
}

impl Part<'_> {
    fn batch(&self, verdict: Verdict) -> Result<(Batch, Payment), SettleError> {
        let mut batch = self.shop.batch(&Actor::Gateway(self.event.gateway.clone()));
        let payment = payment(self.shop, self.event, Some(self.charge), outcome(verdict));
        match verdict {
            Verdict::Completes { value, excess } => {
                self.complete(&mut batch, &payment, value, excess)?;
            }
            Verdict::Partial { value } => self.keep(&mut batch, &payment, value)?,
            Verdict::Surplus { value } => self.credit(&mut batch, &payment, value)?,
            Verdict::Late {
                policy: LatePolicy::Deliver,
                value,
                excess,
            } => {
                self.deliver_late(&mut batch, &payment, value, excess)?;
            }
            Verdict::Late {
                policy: LatePolicy::Credit,
                value,
                ..
            } => {
                self.credit(&mut batch, &payment, value)?;
            }
            Verdict::Late {
                policy: LatePolicy::Review,
                ..
            } => {
                self.suspend(&mut batch, &payment, CaseReason::LatePayment)?;
            }
            Verdict::WrongCurrency => {
                self.suspend(&mut batch, &payment, CaseReason::WrongCurrency)?;
            }
        }
        Ok((batch, payment))
    }

    fn complete(
        &self,
        batch: &mut Batch,
        payment: &Payment,
        value: Money,
        excess: Money,
    ) -> Result<(), SettleError> {
        let invoice = &self.bill.invoice;
        let received = invoice.received.checked_add(value)?;
        self.received(batch, payment, InvoiceState::Paid, received);
        self.bill.close_charges(batch, Some(self.charge));
        self.bill.move_order(batch, OrderState::Paid, "paid");
        self.bill.sell_held(batch);
        self.bill.deliver(batch);
        self.bill.retract(batch);
        let earned = if self.bill.order.is_some() {
            Account::Sales
        } else {
            Account::Wallet(invoice.customer)
        };
        let postings = [
            (
                Account::Towards(invoice.id),
                invoice.received.checked_neg()?,
            ),
            (earned, invoice.amount),
            (Account::Wallet(invoice.customer), excess),
        ];
        self.post(batch, payment, value, postings)?;
        if self.bill.order.is_none() {
            let all = invoice.amount.checked_add(excess)?;
            self.bill.credit(batch, all, CreditReason::Deposit);
        } else if excess.is_positive() {
            self.bill.credit(batch, excess, CreditReason::Excess);
        }
        Ok(())
    }

    fn keep(&self, batch: &mut Batch, payment: &Payment, value: Money) -> Result<(), SettleError> {
        let invoice = &self.bill.invoice;
        let received = invoice.received.checked_add(value)?;
        self.received(batch, payment, invoice.state, received);
        self.bill.close_charges(batch, Some(self.charge));
        self.bill.retract(batch);
        self.post(
            batch,
            payment,
            value,
            [(Account::Towards(invoice.id), value)],
        )?;
        self.bill.notify(
            batch,
            Notice::Partial {
                invoice: invoice.id,
                received,
            },
        );
        Ok(())
    }

    fn credit(
        &self,
        batch: &mut Batch,
        payment: &Payment,
        value: Money,
    ) -> Result<(), SettleError> {
        let invoice = &self.bill.invoice;
        self.received(batch, payment, invoice.state, invoice.received);
        self.post(
            batch,
            payment,
            value,
            [(Account::Wallet(invoice.customer), value)],
        )?;
        self.bill.credit(batch, value, CreditReason::Late);
        Ok(())
    }

    fn deliver_late(
        &self,
        batch: &mut Batch,
        payment: &Payment,
        value: Money,
        excess: Money,
    ) -> Result<(), SettleError> {
        let invoice = &self.bill.invoice;
        self.received(batch, payment, InvoiceState::Paid, value);
        self.bill.close_charges(batch, Some(self.charge));
        self.bill.move_order(batch, OrderState::Paid, "paid late");
        self.bill.take_anew(batch);
        let postings = [
            (Account::Sales, invoice.amount),
            (Account::Wallet(invoice.customer), excess),
        ];
        self.post(batch, payment, value, postings)?;
        if excess.is_positive() {
            self.bill.credit(batch, excess, CreditReason::Excess);
        }
        self.bill.deliver(batch);
        Ok(())
    }

    fn suspend(
        &self,
        batch: &mut Batch,
        payment: &Payment,
        reason: CaseReason,
    ) -> Result<(), SettleError> {
        let invoice = &self.bill.invoice;
        self.bill.change(
            batch,
            invoice.state,
            invoice.received,
            "payment under review",
        );
        if reason != CaseReason::WrongCurrency {
            self.mark_charge_paid(batch);
        }
        suspend(self.shop, batch, payment, Some(self.bill), reason)
    }

    /// Records the payment, its charge's state and the invoice's.
    fn received(&self, batch: &mut Batch, payment: &Payment, to: InvoiceState, received: Money) {
        record_payment(batch, payment);
        self.mark_charge_paid(batch);
        let why = if to == InvoiceState::Paid {
            "paid"
        } else {
            "payment received"
        };
        self.bill.change(batch, to, received, why);
    }

    fn mark_charge_paid(&self, batch: &mut Batch) {
        let (charge, from, to) = (self.charge.id, self.charge.state, ChargeState::Paid);
        if from != to {
            batch.push(InvoiceWrite::MoveCharge { charge, from, to });
        }
    }

    /// Posts what the gateway collected, what it kept as its fee, and where the value went.
    fn post(
        &self,
        batch: &mut Batch,
        payment: &Payment,
        value: Money,
        to: impl IntoIterator<Item = (Account, Money)>,
    ) -> Result<(), SettleError> {
        let amount = payment.amount;
        let clearing = (
            Account::Clearing(payment.gateway.clone()),
            amount.checked_neg()?,
        );
        let between = if amount.currency() == value.currency() {
            vec![(Account::Fees, amount.checked_sub(value)?)]
        } else {
            vec![
                (Account::Exchange, amount),
                (Account::Exchange, value.checked_neg()?),
            ]
        };
        let postings = [clearing].into_iter().chain(between).chain(to);
        let transfer = Transfer::new(self.shop.ids().next(), Purpose::Payment, postings)?;
        batch.push(
            transfer
                .about_payment(payment.id)
                .about_invoice(self.bill.invoice.id),
        );
        Ok(())
    }
}

fn outcome(verdict: Verdict) -> Outcome {
    match verdict {
        Verdict::Completes { excess, .. } if excess.is_positive() => Outcome::PaidWithExcess,
        Verdict::Completes { .. } => Outcome::Paid,
        Verdict::Partial { .. } => Outcome::Partial,
        Verdict::Surplus { .. } => Outcome::Surplus,
        Verdict::Late {
            policy: LatePolicy::Deliver,
            ..
        } => Outcome::LateDelivered,
        Verdict::Late {
            policy: LatePolicy::Credit,
            ..
        } => Outcome::LateCredited,
        Verdict::Late {
            policy: LatePolicy::Review,
            ..
        }
        | Verdict::WrongCurrency => Outcome::Review,
    }
}
