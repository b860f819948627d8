//! Giving money back: what each way adds to a batch.

use serde_json::json;

use super::RefundError;
use crate::audit::{Entity, Kind};
use crate::id::{CaseId, InvoiceId};
use crate::invoice::Payment;
use crate::ledger::{Account, Purpose, Transfer};
use crate::message::{CreditReason, Destination, Notice, Task};
use crate::money::Money;
use crate::order::Order;
use crate::refund::{Refund, RefundState, RefundWay};
use crate::review::{Case, CaseReason, CaseState};
use crate::service::{Shop, open_case};
use crate::store::{Batch, RefundWrite};
use crate::text::Reason;

/// A part of what is given back, which goes one way.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) value: Money,
    /// What goes back, in the currency it goes back in.
    amount: Money,
    way: RefundWay,
    payment: Option<crate::id::PaymentId>,
}

impl Part {
    pub(super) fn through_gateway(payment: &Payment, value: Money, amount: Money) -> Self {
        Self {
            value,
            amount,
            way: RefundWay::Gateway,
            payment: Some(payment.id),
        }
    }

    pub(crate) fn to_wallet(value: Money) -> Self {
        Self::at_home(value, RefundWay::Wallet)
    }

    pub(crate) fn by_hand(value: Money) -> Self {
        Self::at_home(value, RefundWay::ByHand)
    }

    fn at_home(value: Money, way: RefundWay) -> Self {
        Self {
            value,
            amount: value,
            way,
            payment: None,
        }
    }
}

/// An order of which something is given back.
pub(crate) struct Giving<'a> {
    pub(crate) shop: &'a Shop,
    pub(crate) order: &'a Order,
    pub(crate) invoice: InvoiceId,
    pub(crate) reason: Option<&'a Reason>,
}

impl Giving<'_> {
    /// Gives back what was earned.
    pub(super) fn sold(&self, batch: &mut Batch, part: &Part) -> Result<Refund, RefundError> {
        self.give(batch, part, (Account::Sales, part.value))
    }

    /// Gives back what a gateway would not send.
    pub(crate) fn failed(
        &self,
        batch: &mut Batch,
        part: &Part,
        failed: &Refund,
    ) -> Result<Refund, RefundError> {
        self.give(batch, part, (Account::Refunds, failed.amount))
    }

    fn give(
        &self,
        batch: &mut Batch,
        part: &Part,
        from: (Account, Money),
    ) -> Result<Refund, RefundError> {
        let to = match part.way {
            RefundWay::Wallet => Account::Wallet(self.order.customer),
            RefundWay::Gateway | RefundWay::ByHand => Account::Refunds,
        };
        let (account, taken) = from;
        let postings = [(account, taken.checked_neg()?), (to, part.amount)];
        let postings = postings.into_iter().chain(exchanged(taken, part.amount)?);
        // What goes from one hand of the same account to the other needs no transfer.
        let moved = Transfer::new(self.shop.ids().next(), Purpose::Refund, postings);
        match moved {
            Ok(transfer) => {
                batch.push(transfer.about_invoice(self.invoice));
            }
            Err(crate::ledger::TransferError::Empty) => {}
            Err(error) => return Err(error.into()),
        }
        let refund = self.refund(batch, part);
        self.follow(batch, &refund);
        Ok(refund)
    }

    fn refund(&self, batch: &mut Batch, part: &Part) -> Refund {
        let case: Option<CaseId> = match part.way {
            RefundWay::ByHand => Some(self.shop.ids().next()),
            RefundWay::Gateway | RefundWay::Wallet => None,
        };
        let is_done = part.way == RefundWay::Wallet;
        let refund = Refund {
            id: self.shop.ids().next(),
            order: Some(self.order.id),
            payment: part.payment,
            case,
            customer: Some(self.order.customer),
            value: part.value,
            amount: part.amount,
            way: part.way,
            state: if is_done {
                RefundState::Done
            } else {
                RefundState::Requested
            },
            reason: self.reason.cloned(),
            requested_at: batch.at,
            ended_at: is_done.then_some(batch.at),
        };
        record(batch, &refund);
        batch.push(RefundWrite::Add(refund.clone()));
        refund
    }

    /// What a refund sets going.
    fn follow(&self, batch: &mut Batch, refund: &Refund) {
        match refund.way {
            RefundWay::Gateway => {
                let task = Task::Refund { refund: refund.id };
                batch.enqueue(Destination::Gateway, refund.id, task);
            }
            RefundWay::Wallet => self.credit(batch, refund.amount),
            RefundWay::ByHand => {
                let Some(id) = refund.case else { return };
                let case = Case {
                    id,
                    reason: CaseReason::Payout,
                    state: CaseState::Open,
                    payment: None,
                    invoice: Some(self.invoice),
                    order: refund.order,
                    customer: refund.customer,
                    opened_at: batch.at,
                    resolved_at: None,
                };
                open_case(batch, case);
            }
        }
    }

    fn credit(&self, batch: &mut Batch, amount: Money) {
        let entity = Entity::new(Kind::Customer, self.order.customer);
        let details = json!({ "amount": amount.to_string() });
        batch.record(entity, "wallet credited", details);
        let why = CreditReason::Refund;
        let notice = Task::Notice(Notice::Credited { amount, why });
        let chat = Destination::Chat(self.order.chat.clone());
        batch.enqueue(chat, self.order.id, notice);
    }
}

/// Tells the customer that money of their order was sent back.
pub(crate) fn tell_refunded(batch: &mut Batch, order: Order, amount: Money) {
    let notice = Notice::Refunded {
        order: order.id,
        amount,
    };
    batch.enqueue(
        Destination::Chat(order.chat),
        order.id,
        Task::Notice(notice),
    );
}

/// Records that a refund was decided, and that it is done where it is.
pub(crate) fn record(batch: &mut Batch, refund: &Refund) {
    let entity = Entity::new(Kind::Refund, refund.id);
    let details = json!({
        "amount": refund.amount.to_string(),
        "way": refund.way,
        "reason": refund.reason,
    });
    let requested = RefundState::Requested.as_str();
    batch.record_move(entity, requested, None, requested, details);
    if refund.state != RefundState::Requested {
        record_end(batch, refund, refund.state);
    }
}

/// Records how a refund ended.
pub(crate) fn record_end(batch: &mut Batch, refund: &Refund, to: RefundState) {
    let entity = Entity::new(Kind::Refund, refund.id);
    let from = Some(RefundState::Requested.as_str());
    batch.record_move(entity, to.as_str(), from, to.as_str(), json!({}));
}

/// The postings between two currencies; none within one.
fn exchanged(from: Money, to: Money) -> Result<Vec<(Account, Money)>, RefundError> {
    if from.currency() == to.currency() {
        return Ok(Vec::new());
    }
    Ok(vec![
        (Account::Exchange, from),
        (Account::Exchange, to.checked_neg()?),
    ])
}
