//! Refunds.

use uuid::Uuid;

use super::member::{Member, Part, in_order};
use super::script::{Script, Step};
use crate::refund::{Refund, RefundState};
use crate::store::RefundWrite;
use crate::text::Reason;

const ADD: Step = Step::silent(
    "INSERT INTO refunds (shop_id, id, order_id, payment_id, case_id, customer_id, value,
        value_currency, amount, amount_currency, way, state, reason, requested_at, ended_at)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[], $6::uuid[],
        $7::int8[], $8::text[], $9::int8[], $10::text[], $11::text[], $12::text[], $13::text[],
        $14::int8[], $15::int8[])",
);

const END: Step = Step::guarded(
    "UPDATE refunds SET state = i.becomes, ended_at = i.at
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::int8[])
        WITH ORDINALITY AS i (shop_id, id, becomes, at, ord)
    WHERE refunds.shop_id = i.shop_id AND refunds.id = i.id
        AND refunds.state = 'requested' -- guard: refund_requested
    RETURNING i.ord",
);

#[cfg(test)]
pub(super) const STEPS: &[Step] = &[ADD, END];

/// What a group does to refunds.
#[derive(Default)]
pub(super) struct Refunds<'a> {
    added: Vec<Part<&'a Refund>>,
    ended: Vec<Part<(Uuid, RefundState)>>,
}

impl<'a> Refunds<'a> {
    pub(super) fn add(&mut self, member: Member, write: &'a RefundWrite) {
        match write {
            RefundWrite::Add(refund) => self.added.push(member.part(refund)),
            RefundWrite::End { refund, to } => {
                self.ended.push(member.part(((*refund).into(), *to)));
            }
        }
    }

    pub(super) fn settle(&mut self, script: &mut Script) {
        script
            .lay(ADD, &self.added)
            .shops()
            .col(|part| Uuid::from(part.row.id))
            .col(|part| part.row.order.map(Uuid::from))
            .col(|part| part.row.payment.map(Uuid::from))
            .col(|part| part.row.case.map(Uuid::from))
            .col(|part| part.row.customer.map(Uuid::from))
            .col(|part| part.row.value.minor())
            .currency(|part| part.row.value.currency())
            .col(|part| part.row.amount.minor())
            .currency(|part| part.row.amount.currency())
            .col(|part| part.row.way.as_str())
            .col(|part| part.row.state.as_str())
            .col(|part| part.row.reason.as_ref().map(Reason::as_str))
            .col(|part| part.row.requested_at.timestamp_micros())
            .col(|part| part.row.ended_at.map(|at| at.timestamp_micros()));
        in_order(&mut self.ended, |(refund, _)| *refund);
        script
            .lay(END, &self.ended)
            .shops()
            .col(|part| part.row.0)
            .col(|part| part.row.1.as_str())
            .col(|part| part.at)
            .or_conflict();
    }
}
