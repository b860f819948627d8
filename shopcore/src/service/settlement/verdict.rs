//! What a verdict changes: the batch that records a payment and carries it through.

use serde_json::json;

use super::SettleError;
use crate::audit::{Actor, Entity, Kind};
use crate::catalog::LatePolicy;
use crate::id::{CaseId, PaymentId};
use crate::invoice::{Charge, ChargeState, InvoiceState, Outcome, Payment, PaymentEvent, Verdict};
use crate::ledger::{Account, Purpose, Transfer};
use crate::message::{CreditReason, Destination, Notice, Task};
use crate::money::Money;
use crate::order::OrderState;
use crate::review::{Case, CaseReason, CaseState};
use crate::service::Shop;
use crate::service::settling::Bill;
use crate::store::{Batch, InvoiceWrite, ReviewWrite};
use crate::time::whole_micros;

pub(super) fn payment(
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
        paid_at: whole_micros(event.paid_at),
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
pub(super) fn suspend(
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

/// Why a payment of an invoice in this state goes to the wallet.
fn came_after(state: InvoiceState) -> CreditReason {
    match state {
        InvoiceState::Paid => CreditReason::Surplus,
        InvoiceState::Created
        | InvoiceState::Waiting
        | InvoiceState::Expired
        | InvoiceState::Cancelled
        | InvoiceState::Failed => CreditReason::Late,
    }
}

/// A payment beside the charge and the invoice it is for.
pub(super) struct Part<'a> {
    pub(super) shop: &'a Shop,
    pub(super) event: &'a PaymentEvent,
    pub(super) bill: &'a Bill,
    pub(super) charge: &'a Charge,
    /// The charge that asks for what a part payment leaves open.
    pub(super) rest: Option<Charge>,
}

impl Part<'_> {
    pub(super) fn batch(&self, verdict: Verdict) -> Result<(Batch, Payment), SettleError> {
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
        if excess.is_positive() {
            self.tell_admins(batch, payment);
        }
        Ok(())
    }

    fn keep(&self, batch: &mut Batch, payment: &Payment, value: Money) -> Result<(), SettleError> {
        let invoice = &self.bill.invoice;
        let received = invoice.received.checked_add(value)?;
        self.received(batch, payment, invoice.state, received);
        self.bill.close_charges(batch, Some(self.charge));
        self.stop_collecting(batch);
        if let Some(rest) = &self.rest {
            batch.push(InvoiceWrite::AddCharge(rest.clone()));
        }
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
        self.tell_admins(batch, payment);
        Ok(())
    }

    /// Has the gateway told that a charge of which a part was paid takes no more: the rest is asked
    /// for by another.
    fn stop_collecting(&self, batch: &mut Batch) {
        let charge = self.charge.id;
        match self.charge.state {
            ChargeState::Created | ChargeState::Open | ChargeState::Abandoned => {
                batch.enqueue(Destination::Gateway, charge, Task::CancelCharge { charge });
            }
            // It was told before.
            ChargeState::Paid | ChargeState::Closed => {}
        }
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
        self.bill.credit(batch, value, came_after(invoice.state));
        self.tell_admins(batch, payment);
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
        self.tell_admins(batch, payment);
        Ok(())
    }

    /// Tells the admins of a payment that did not simply pay its invoice.
    fn tell_admins(&self, batch: &mut Batch, payment: &Payment) {
        let notice = Notice::OddPayment {
            payment: payment.id,
        };
        let invoice = self.bill.invoice.id;
        batch.enqueue(Destination::Admins, invoice, Task::Notice(notice));
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
