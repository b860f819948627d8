//! Review cases.

use uuid::Uuid;

use super::member::{Member, Part, in_order};
use super::script::{Script, Step};
use crate::backend::postgres::rows::Label;
use crate::review::{Case, CaseState, Resolution};
use crate::store::ReviewWrite;

const OPEN: Step = Step::silent(
    "INSERT INTO cases (shop_id, id, reason, resolution, payment_id, invoice_id, order_id,
        customer_id, opened_at, resolved_at)
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::uuid[], $6::uuid[],
        $7::uuid[], $8::uuid[], $9::int8[], $10::int8[])",
);

const RESOLVE: Step = Step::guarded(
    "UPDATE cases SET resolution = i.resolution, resolved_at = i.at
    FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::int8[])
        WITH ORDINALITY AS i (shop_id, id, resolution, at, ord)
    WHERE cases.shop_id = i.shop_id AND cases.id = i.id
        AND cases.resolution IS NULL -- guard: case_open
    RETURNING i.ord",
);

#[cfg(test)]
pub(super) const STEPS: &[Step] = &[OPEN, RESOLVE];

/// What a group does to review cases.
#[derive(Default)]
pub(super) struct Cases<'a> {
    opened: Vec<Part<&'a Case>>,
    resolved: Vec<Part<(Uuid, Resolution)>>,
}

impl<'a> Cases<'a> {
    pub(super) fn add(&mut self, member: Member, write: &'a ReviewWrite) {
        match write {
            ReviewWrite::Open(case) => self.opened.push(member.part(case)),
            ReviewWrite::Resolve { case, resolution } => {
                self.resolved
                    .push(member.part(((*case).into(), *resolution)));
            }
        }
    }

    pub(super) fn settle(&mut self, script: &mut Script) {
        script
            .lay(OPEN, &self.opened)
            .shops()
            .col(|part| Uuid::from(part.row.id))
            .col(|part| Label(part.row.reason).to_string())
            .col(|part| resolution(part.row.state).map(|how| Label(how).to_string()))
            .col(|part| part.row.payment.map(Uuid::from))
            .col(|part| part.row.invoice.map(Uuid::from))
            .col(|part| part.row.order.map(Uuid::from))
            .col(|part| part.row.customer.map(Uuid::from))
            .col(|part| part.row.opened_at.timestamp_micros())
            .col(|part| part.row.resolved_at.map(|at| at.timestamp_micros()));
        in_order(&mut self.resolved, |(case, _)| *case);
        script
            .lay(RESOLVE, &self.resolved)
            .shops()
            .col(|part| part.row.0)
            .col(|part| Label(part.row.1).to_string())
            .col(|part| part.at)
            .or_conflict();
    }
}

const fn resolution(state: CaseState) -> Option<Resolution> {
    match state {
        CaseState::Open => None,
        CaseState::Resolved(resolution) => Some(resolution),
    }
}
