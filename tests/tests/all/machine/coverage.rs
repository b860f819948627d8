//! Which rows of the settlement table and which edges of the lifecycles were reached, and how
//! often.

use std::collections::BTreeMap;
use std::fmt;

use shopcore::catalog::LatePolicy;
use shopcore::id::LineId;
use shopcore::invoice::{ChargeState, InvoiceState, Outcome, Payment};
use shopcore::ledger::Purpose;
use shopcore::order::OrderState;
use shopcore::refund::RefundState;
use shopcore::review::{CaseReason, CaseState, Resolution};
use shopcore::stock::UnitState;
use shopcore::store::Snapshot;
use shopcore::voucher::RedemptionState;
use uuid::Uuid;

use super::command::{Command, Work};

const CASE_REASONS: [CaseReason; 7] = [
    CaseReason::LatePayment,
    CaseReason::UnknownGateway,
    CaseReason::UnknownReference,
    CaseReason::WrongCurrency,
    CaseReason::Unsettled,
    CaseReason::DeliveryRefused,
    CaseReason::Payout,
];

const PURPOSES: [Purpose; 6] = [
    Purpose::Payment,
    Purpose::WalletPayment,
    Purpose::Leftover,
    Purpose::Review,
    Purpose::Refund,
    Purpose::Adjustment,
];

const DUPLICATE: &str = "payment: duplicate";
const SOLD_OUT: &str = "payment: late, to be delivered, sold out";

/// Counts by name.
#[derive(Debug)]
pub(super) struct Coverage(BTreeMap<String, u64>);

impl Coverage {
    /// Everything that can be reached, at zero.
    pub(super) fn new() -> Self {
        let mut names = vec![DUPLICATE.to_owned(), SOLD_OUT.to_owned()];
        names.extend(Outcome::ALL.map(|outcome| format!("payment: {}", outcome.as_str())));
        names.extend(CASE_REASONS.map(|reason| format!("case: {reason:?}")));
        names.extend(PURPOSES.map(|purpose| format!("transfer: {}", purpose.as_str())));
        for from in OrderState::ALL {
            let next = OrderState::ALL
                .into_iter()
                .filter(|to| from.may_become(*to));
            names.extend(next.map(|to| edge("order", from.as_str(), to.as_str())));
        }
        for from in InvoiceState::ALL {
            let next = InvoiceState::ALL
                .into_iter()
                .filter(|to| from.may_become(*to));
            names.extend(next.map(|to| edge("invoice", from.as_str(), to.as_str())));
        }
        for from in ChargeState::ALL {
            let next = ChargeState::ALL
                .into_iter()
                .filter(|to| from.may_become(*to));
            names.extend(next.map(|to| edge("charge", from.as_str(), to.as_str())));
        }
        for from in RefundState::ALL {
            let next = RefundState::ALL
                .into_iter()
                .filter(|to| from.may_become(*to));
            names.extend(next.map(|to| edge("refund", from.as_str(), to.as_str())));
        }
        let [units, uses, cases] = [unit_edges(), use_edges(), case_edges()];
        names.extend(units.into_iter().chain(uses).chain(cases));
        names.extend(Work::NAMES.map(|name| format!("deed: {name}")));
        Self(names.into_iter().map(|name| (name, 0)).collect())
    }

    /// Counts what led from one state of the shop to the next.
    pub(super) fn observe(&mut self, before: &Snapshot, after: &Snapshot) {
        self.observe_payments(before, after);
        for row in &after.audit[before.audit.len().min(after.audit.len())..] {
            // Audit rows come by id, which rises with time.
            if let Some(moved) = &row.edge
                && let Some(from) = &moved.from
            {
                self.count(&edge(row.entity.kind.as_str(), from, &moved.to));
            }
        }
        let charges = |rows: &Snapshot| {
            rows.charges
                .iter()
                .map(|c| (c.id.into(), c.state))
                .collect()
        };
        self.observe_states(
            "charge",
            charges,
            before,
            after,
            |state| state.as_str(),
            ChargeState::Created,
        );
        let units = |rows: &Snapshot| rows.units.iter().map(|u| (u.id.into(), u.state)).collect();
        self.observe_states(
            "unit",
            units,
            before,
            after,
            |s| unit_name(*s),
            UnitState::Available,
        );
        let uses = |rows: &Snapshot| {
            rows.redemptions
                .iter()
                .map(|r| (r.order.into(), Some(r.state)))
                .collect()
        };
        self.observe_states("use", uses, before, after, |s| use_name(*s), None);
        for case in after
            .cases
            .iter()
            .filter(|case| before.cases.iter().all(|c| c.id != case.id))
        {
            self.count(&format!("case: {:?}", case.reason));
        }
        let old: Vec<_> = before.transfers.iter().map(|row| row.id).collect();
        for row in after.transfers.iter().filter(|row| !old.contains(&row.id)) {
            self.count(&format!("transfer: {}", row.purpose.as_str()));
        }
    }

    /// Counts a payment that was told of again.
    pub(super) fn observe_duplicate(&mut self) {
        self.count(DUPLICATE);
    }

    /// Counts a deed that was done.
    pub(super) fn observe_deed(&mut self, command: &Command, told: &str) {
        if let Command::Work(deed) = command
            && told.starts_with("Ok(")
        {
            self.count(&format!("deed: {}", deed.name()));
        }
    }

    fn observe_payments(&mut self, before: &Snapshot, after: &Snapshot) {
        let old: Vec<_> = before.payments.iter().map(|row| row.id).collect();
        for payment in after.payments.iter().filter(|row| !old.contains(&row.id)) {
            self.count(&format!("payment: {}", payment.outcome.as_str()));
            if is_sold_out(payment, after) {
                self.count(SOLD_OUT);
            }
        }
    }

    fn observe_states<S: Copy + PartialEq>(
        &mut self,
        kind: &str,
        states: impl Fn(&Snapshot) -> BTreeMap<Uuid, S>,
        before: &Snapshot,
        after: &Snapshot,
        name: impl Fn(&S) -> &'static str,
        first: S,
    ) {
        let old = states(before);
        for (id, to) in states(after) {
            let from = old.get(&id).copied().unwrap_or(first);
            if from != to {
                self.count(&edge(kind, name(&from), name(&to)));
            }
        }
    }

    fn count(&mut self, name: &str) {
        *self.0.entry(name.to_owned()).or_default() += 1;
    }

    /// What was never reached.
    pub(super) fn missed(&self) -> Vec<&str> {
        let zeros = self.0.iter().filter(|(_, count)| **count == 0);
        zeros.map(|(name, _)| name.as_str()).collect()
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, count) in &self.0 {
            writeln!(f, "{count:>8}  {name}")?;
        }
        Ok(())
    }
}

fn edge(kind: &str, from: &str, to: &str) -> String {
    format!("{kind} {from} -> {to}")
}

fn unit_name(state: UnitState) -> &'static str {
    match state {
        UnitState::Available => "available",
        UnitState::Held(_) => "held",
        UnitState::Sold(_) => "sold",
        UnitState::Withdrawn => "withdrawn",
    }
}

fn use_name(state: Option<RedemptionState>) -> &'static str {
    match state {
        None => "unused",
        Some(RedemptionState::Held) => "held",
        Some(RedemptionState::Redeemed) => "redeemed",
        Some(RedemptionState::Released) => "released",
    }
}

fn unit_edges() -> Vec<String> {
    let line = LineId::from(Uuid::nil());
    let all = [
        UnitState::Available,
        UnitState::Held(line),
        UnitState::Sold(line),
        UnitState::Withdrawn,
    ];
    let pairs = all.into_iter().flat_map(|from| all.map(|to| (from, to)));
    pairs
        .filter(|(from, to)| from.may_become(*to))
        .map(|(from, to)| edge("unit", unit_name(from), unit_name(to)))
        .collect()
}

fn use_edges() -> Vec<String> {
    use RedemptionState::{Held, Redeemed, Released};
    let all = [Held, Redeemed, Released];
    let first = [Held, Redeemed].map(|to| (None, Some(to)));
    let pairs = all.into_iter().flat_map(|from| all.map(|to| (from, to)));
    let later = pairs
        .filter(|(from, to)| from.may_become(*to))
        .map(|(from, to)| (Some(from), Some(to)));
    first
        .into_iter()
        .chain(later)
        .map(|(from, to)| edge("use", use_name(from), use_name(to)))
        .collect()
}

fn case_edges() -> Vec<String> {
    [
        Resolution::Credited,
        Resolution::Delivered,
        Resolution::Closed,
    ]
    .map(CaseState::Resolved)
    .map(|to| edge("case", CaseState::Open.as_str(), to.as_str()))
    .to_vec()
}

/// Whether enough was paid for goods that should have been delivered late, and were gone.
fn is_sold_out(payment: &Payment, rows: &Snapshot) -> bool {
    if payment.outcome != Outcome::LateCredited {
        return false;
    }
    let invoice = rows
        .invoices
        .iter()
        .find(|row| Some(row.id) == payment.invoice);
    let charge = rows
        .charges
        .iter()
        .find(|row| Some(row.id) == payment.charge);
    let (Some(invoice), Some(charge)) = (invoice, charge) else {
        return false;
    };
    let order = invoice.subject.order();
    let order = order.and_then(|id| rows.orders.iter().find(|row| row.id == id));
    let to_deliver = order.is_some_and(|order| order.late == LatePolicy::Deliver);
    let value = charge.value_of(payment.amount).unwrap();
    to_deliver && value.minor() >= invoice.amount.minor()
}
