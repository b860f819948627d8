//! Invariants of orders.

use std::collections::BTreeSet;

use super::repair::{Fix, Repair};
use super::rows::Rows;
use super::stock;
use crate::invoice::{Invoice, InvoiceState};
use crate::message::{ItemState, OutboxItem, Task};
use crate::money;
use crate::order::{Order, OrderLine, OrderState, Totals, TotalsError};

/// The totals follow from the lines, and are what the invoices ask for.
pub(super) fn totals(rows: &Rows<'_>) -> Vec<String> {
    let mut found: Vec<_> = rows.all.orders.iter().filter_map(miscalculated).collect();
    found.extend(billed(rows).filter_map(|(order, invoice)| {
        let (total, asked) = (order.totals.total, invoice.amount);
        let sentence = || format!("order {} totals {total}, billed {asked}", order.number);
        (asked != total).then(sentence)
    }));
    found
}

/// Every order with its invoice.
fn billed<'a>(rows: &'a Rows<'_>) -> impl Iterator<Item = (&'a Order, &'a Invoice)> {
    let invoices = rows.all.invoices.iter();
    invoices.filter_map(|invoice| {
        let order = rows.orders.get(&invoice.subject.order()?)?;
        Some((*order, invoice))
    })
}

fn miscalculated(order: &Order) -> Option<String> {
    let stored = order.totals;
    match recomputed(order) {
        Ok(totals) if totals == stored => None,
        Ok(totals) => Some(format!(
            "order {} totals {}, not {}",
            order.number, stored.total, totals.total
        )),
        Err(error) => Some(format!("order {}: {error}", order.number)),
    }
}

fn recomputed(order: &Order) -> Result<Totals, TotalsError> {
    let Totals { discount, fee, .. } = order.totals;
    let amounts: Result<Vec<_>, _> = order.lines.iter().map(OrderLine::amount).collect();
    let subtotal = money::sum(order.totals.currency(), amounts?)?;
    Totals::new(subtotal, discount, fee)
}

/// An order stands where its invoice does. The goods of a paid one are on their way, or a person
/// looks after them.
pub(super) fn fulfilment(rows: &Rows<'_>) -> Vec<String> {
    let mut found: Vec<_> = billed(rows).filter_map(apart).collect();
    let sentence = |order: &Order| format!("order {} is paid, nothing delivers it", order.number);
    found.extend(forgotten(rows).map(sentence));
    found
}

/// Paid orders whose goods are not on their way, and that no person looks after.
fn forgotten<'a>(rows: &'a Rows<'_>) -> impl Iterator<Item = &'a Order> {
    let mut cared_for: BTreeSet<_> = rows.open_cases().filter_map(|case| case.order).collect();
    cared_for.extend(rows.all.outbox.iter().filter_map(on_its_way));
    let orders = rows.all.orders.iter();
    let paid = orders.filter(|order| order.state == OrderState::Paid);
    paid.filter(move |order| !cared_for.contains(&order.id))
}

/// Forgotten orders that have all that a delivery needs.
pub(super) fn deliverable<'a>(rows: &'a Rows<'_>) -> impl Iterator<Item = Repair> + 'a {
    let billed: BTreeSet<_> = billed(rows).map(|(order, _)| order.id).collect();
    let ready = forgotten(rows).filter(move |order| {
        let mut lines = order.lines.iter();
        billed.contains(&order.id) && lines.all(|line| stock::is_whole(rows, order, line))
    });
    ready.map(|order| Repair::of_order(order, Fix::Deliver(order.id)))
}

/// An order that its invoice has left behind.
fn apart((order, invoice): (&Order, &Invoice)) -> Option<String> {
    let agree = match order.state {
        OrderState::AwaitingPayment => invoice.state.is_open(),
        OrderState::Paid | OrderState::Delivered | OrderState::Refunded => {
            invoice.state == InvoiceState::Paid
        }
        OrderState::Cancelled => {
            matches!(
                invoice.state,
                InvoiceState::Cancelled | InvoiceState::Failed
            )
        }
        OrderState::Expired => invoice.state == InvoiceState::Expired,
    };
    let (number, order, invoice) = (&order.number, order.state.as_str(), invoice.state.as_str());
    (!agree).then(|| format!("order {number} is {order}, its invoice {invoice}"))
}

fn on_its_way(item: &OutboxItem) -> Option<crate::id::OrderId> {
    match (&item.task, item.state) {
        (Task::Delivery { order }, ItemState::Pending) => Some(*order),
        (Task::Delivery { .. }, ItemState::Sent | ItemState::Refused)
        | (
            Task::Notice(_)
            | Task::Retract { .. }
            | Task::CancelCharge { .. }
            | Task::Refund { .. },
            _,
        ) => None,
    }
}
