//! Invariants of stock units.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::repair::{Fix, Repair, Way};
use super::rows::{LineUnits, Rows};
use crate::catalog::Supply;
use crate::id::ProductId;
use crate::order::{Order, OrderLine, OrderState};
use crate::stock::UnitState;
use crate::store::StockClaim;

/// A unit is in one state and of its line's product; no fingerprint is there twice.
pub(super) fn units(rows: &Rows<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let (mut ids, mut fingerprints) = (HashSet::new(), HashMap::new());
    for unit in &rows.all.units {
        if !ids.insert(unit.id) {
            found.push(format!("unit {} is there twice", unit.id));
        }
        if let Some(other) = fingerprints.insert(unit.fingerprint, unit.id) {
            found.push(format!("units {other} and {} have one content", unit.id));
        }
        let line = unit.state.line().and_then(|line| rows.lines.get(&line));
        if line.is_some_and(|line| line.product != unit.product) {
            found.push(format!(
                "unit {} is with a line of another product",
                unit.id
            ));
        }
    }
    found
}

/// What is shown is what can be taken.
pub(super) fn shown(rows: &Rows<'_>) -> Vec<String> {
    let mut counts: HashMap<ProductId, u64> = HashMap::new();
    let available = rows
        .all
        .units
        .iter()
        .filter(|unit| unit.state == UnitState::Available);
    for unit in available {
        *counts.entry(unit.product).or_default() += 1;
    }
    let shown: BTreeMap<_, _> = rows.all.shown.iter().copied().collect();
    let products = rows
        .all
        .products
        .iter()
        .filter(|product| product.supply == Supply::Units);
    let wrong = products.filter_map(|product| {
        let shown = shown.get(&product.id).copied().unwrap_or(0);
        let count = counts.get(&product.id).copied().unwrap_or(0);
        let sentence = || format!("product {} shows {shown} units of {count}", product.id);
        (shown != count).then(sentence)
    });
    wrong.collect()
}

/// A line has its quantity of units while its order wants them, and none otherwise.
pub(super) fn lines(rows: &Rows<'_>) -> Vec<String> {
    let orders = rows.all.orders.iter();
    let lines = orders.flat_map(|order| order.lines.iter().map(move |line| (order, line)));
    let wrong = lines.filter_map(|(order, line)| {
        let (due, has) = (due(order, line), rows.units_of(line.id));
        let sentence = || {
            format!(
                "line {} of order {} ({}) has {} units held and {} sold, not {} and {}",
                line.id,
                order.number,
                order.state.as_str(),
                has.held,
                has.sold,
                due.held,
                due.sold
            )
        };
        (due != has).then(sentence)
    });
    wrong.collect()
}

/// Units that are still held by all of a line whose order awaits no payment.
pub(super) fn strays(rows: &Rows<'_>) -> Vec<Repair> {
    let orders = rows.all.orders.iter();
    let lines = orders.flat_map(|order| order.lines.iter().map(move |line| (order, line)));
    let strays = lines.filter_map(|(order, line)| {
        let way = Way::of(order)?;
        let quantity = u32::try_from(rows.units_of(line.id).held).ok()?;
        let fix = Fix::Units {
            order: order.id,
            claim: StockClaim {
                line: line.id,
                quantity,
            },
            way,
        };
        let fits = way == Way::Free || is_whole(rows, order, line);
        (quantity > 0 && fits).then(|| Repair::of_order(order, fix))
    });
    strays.collect()
}

/// Whether a line has as many units as are due to it, held or sold.
pub(super) fn is_whole(rows: &Rows<'_>, order: &Order, line: &OrderLine) -> bool {
    let (due, has) = (due(order, line), rows.units_of(line.id));
    has.held + has.sold == due.held + due.sold
}

fn due(order: &Order, line: &OrderLine) -> LineUnits {
    let quantity = match line.unlimited {
        Some(_) => 0,
        None => u64::from(line.quantity),
    };
    match order.state {
        OrderState::AwaitingPayment => LineUnits {
            held: quantity,
            sold: 0,
        },
        OrderState::Paid | OrderState::Delivered | OrderState::Refunded => LineUnits {
            held: 0,
            sold: quantity,
        },
        OrderState::Cancelled | OrderState::Expired => LineUnits::default(),
    }
}
