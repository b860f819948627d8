//! The invariant of refunds.

use std::collections::{BTreeMap, BTreeSet};

use super::rows::Rows;
use crate::id::{OrderId, RefundId};
use crate::message::{ItemState, OutboxItem, Task};
use crate::money::{Money, MoneyError};
use crate::order::{Order, OrderState};
use crate::refund::{Refund, RefundState, RefundWay};

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
