//! Invariants of orders.

use std::collections::BTreeSet;

use super::rows::Rows;
use crate::message::{ItemState, OutboxItem, Task};
use crate::money;
use crate::order::{Order, OrderLine, OrderState, Totals, TotalsError};

/// The totals follow from the lines.
pub(super) fn totals(rows: &Rows<'_>) -> Vec<String> {
    let wrong = rows.all.orders.iter().filter_map(|order| {
        let stored = order.totals;
        match recomputed(order) {
            Ok(totals) if totals == stored => None,
            Ok(totals) => Some(format!(
                "order {} totals {}, not {}",
                order.number, stored.total, totals.total
            )),
            Err(error) => Some(format!("order {}: {error}", order.number)),
        }
    });
    wrong.collect()
}

fn recomputed(order: &Order) -> Result<Totals, TotalsError> {
    let Totals { discount, fee, .. } = order.totals;
    let amounts: Result<Vec<_>, _> = order.lines.iter().map(OrderLine::amount).collect();
    let subtotal = money::sum(order.totals.currency(), amounts?)?;
    Totals::new(subtotal, discount, fee)
}

/// The goods of a paid order are on their way, or a person looks after them.
pub(super) fn fulfilment(rows: &Rows<'_>) -> Vec<String> {
    let mut cared_for: BTreeSet<_> = rows.open_cases().filter_map(|case| case.order).collect();
    cared_for.extend(rows.all.outbox.iter().filter_map(on_its_way));
    let paid = rows
        .all
        .orders
        .iter()
        .filter(|order| order.state == OrderState::Paid);
    let forgotten = paid.filter(|order| !cared_for.contains(&order.id));
    forgotten
        .map(|order| format!("order {} is paid and nothing delivers it", order.number))
        .collect()
}

fn on_its_way(item: &OutboxItem) -> Option<crate::id::OrderId> {
    match (&item.task, item.state) {
        (Task::Delivery { order }, ItemState::Pending) => Some(*order),
        (Task::Delivery { .. }, ItemState::Sent | ItemState::Refused)
        | (Task::Notice(_) | Task::Retract { .. } | Task::CancelCharge { .. }, _) => None,
    }
}
