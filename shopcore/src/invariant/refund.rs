//! The invariant of refunds.

use std::collections::{BTreeMap, BTreeSet};

use super::repair::{Fix, Repair};
use super::rows::Rows;
use crate::id::{OrderId, RefundId};
use crate::message::{ItemState, OutboxItem, Task};
use crate::money::{Money, MoneyError};
use crate::order::{Order, OrderState};
use crate::refund::{Refund, RefundState, RefundWay};
use crate::store::RecountWrite;

/// Orders count their refunds, and what is to go back is on its way or with a person.
pub(super) fn refunds(rows: &Rows<'_>) -> Vec<String> {
    let sums = sums(&rows.all.refunds);
    let orders = rows.all.orders.iter();
    let mut found: Vec<_> = orders
        .filter_map(|order| miscounted(order, sums.get(&order.id).copied()))
        .collect();
    let asked: BTreeSet<_> = rows.all.outbox.iter().filter_map(asked).collect();
    let waiting: BTreeSet<_> = rows.open_cases().map(|case| case.id).collect();
    for refund in &rows.all.refunds {
        let cared_for = match (refund.state, refund.way) {
            (RefundState::Done | RefundState::Failed, _) => true,
            (RefundState::Requested, RefundWay::Gateway) => asked.contains(&refund.id),
            (RefundState::Requested, RefundWay::ByHand) => {
                refund.case.is_some_and(|case| waiting.contains(&case))
            }
            (RefundState::Requested, RefundWay::Wallet) => false,
        };
        if !cared_for {
            found.push(format!(
                "refund {} is requested, nobody makes it",
                refund.id
            ));
        }
    }
    found
}

/// Counts that can follow their refunds: the order stands as they say.
pub(super) fn recounts(rows: &Rows<'_>) -> Vec<Repair> {
    let sums = sums(&rows.all.refunds);
    let wrong = rows.all.orders.iter().filter_map(|order| {
        let (was, total) = (order.refunded, order.totals.total);
        let none = Money::zero(was.currency());
        let to = sums.get(&order.id).copied().unwrap_or(Ok(none)).ok()?;
        let is_whole = total.is_positive() && to == total;
        let stands = (order.state == OrderState::Refunded) == is_whole;
        let fits = to.currency() == was.currency() && to.minor() <= total.minor();
        let fix = Fix::Recount(RecountWrite::Order {
            order: order.id,
            was,
            to,
        });
        (was != to && stands && fits).then(|| Repair::of_order(order, fix))
    });
    wrong.collect()
}

/// What was given back of each order, or is about to be.
fn sums(refunds: &[Refund]) -> BTreeMap<OrderId, Result<Money, MoneyError>> {
    let mut sums = BTreeMap::new();
    let live = refunds
        .iter()
        .filter(|refund| refund.state != RefundState::Failed);
    for refund in live {
        let Some(order) = refund.order else { continue };
        let none = Ok(Money::zero(refund.value.currency()));
        let sum = sums.entry(order).or_insert(none);
        *sum = sum.and_then(|sum: Money| sum.checked_add(refund.value));
    }
    sums
}

fn miscounted(order: &Order, sum: Option<Result<Money, MoneyError>>) -> Option<String> {
    let (counted, total) = (order.refunded, order.totals.total);
    let sum = sum.unwrap_or(Ok(Money::zero(total.currency())));
    let is_whole = total.is_positive() && counted == total;
    let agree = sum == Ok(counted) && (order.state == OrderState::Refunded) == is_whole;
    (!agree).then(|| {
        let (number, state) = (&order.number, order.state.as_str());
        format!("order {number} ({state}) counts {counted} as given back, of {total}")
    })
}

fn asked(item: &OutboxItem) -> Option<RefundId> {
    match (&item.task, item.state) {
        (Task::Refund { refund }, ItemState::Pending) => Some(*refund),
        (Task::Refund { .. }, ItemState::Sent | ItemState::Refused)
        | (
            Task::Delivery { .. }
            | Task::Notice(_)
            | Task::Retract { .. }
            | Task::CancelCharge { .. },
            _,
        ) => None,
    }
}
