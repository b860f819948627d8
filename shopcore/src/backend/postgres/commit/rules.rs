//! What is refused without asking the database.

use super::failure::Failure;
use crate::refund::RefundState;
use crate::store::{Batch, InvoiceWrite, OrderWrite, RefundWrite, Rejection, Write};

/// Whether every step of a batch is one that the tables of states allow.
pub(super) fn check(batch: &Batch) -> Result<(), Failure> {
    batch.writes.iter().try_for_each(|write| match write {
        Write::OpenShop(shop) if shop.id != batch.shop => Err(Rejection::Dangling.into()),
        Write::Order(OrderWrite::Move { from, to, .. }) => legal(from.may_become(*to)), // guard: order_edge
        Write::Order(OrderWrite::Refund { from, to, .. }) => legal(from.may_refund_to(*to)), // guard: order_refund_edge
        Write::Refund(RefundWrite::End { to, .. }) => legal(RefundState::Requested.may_become(*to)), // guard: refund_edge
        Write::Invoice(InvoiceWrite::Change { from, to, .. }) => {
            legal(from == to || from.may_become(*to)) // guard: invoice_edge
        }
        Write::Invoice(InvoiceWrite::MoveCharge { from, to, .. }) => legal(from.may_become(*to)), // guard: charge_edge
        Write::OpenShop(_)
        | Write::Catalog(_)
        | Write::Stock(_)
        | Write::Voucher(_)
        | Write::Order(OrderWrite::Place(_))
        | Write::Invoice(
            InvoiceWrite::Add(_)
            | InvoiceWrite::AddCharge(_)
            | InvoiceWrite::SetExpiry { .. }
            | InvoiceWrite::OpenCharge { .. }
            | InvoiceWrite::PollCharge { .. }
            | InvoiceWrite::RecordPayment(_),
        )
        | Write::Transfer(_)
        | Write::Customer(_)
        | Write::Cart(_)
        | Write::Review(_)
        | Write::Refund(RefundWrite::Add(_))
        | Write::Recount(_)
        | Write::Outbox(_)
        | Write::Chat(_) => Ok(()),
    })
}

fn legal(step: bool) -> Result<(), Failure> {
    if step { Ok(()) } else { Err(Failure::Conflict) }
}
