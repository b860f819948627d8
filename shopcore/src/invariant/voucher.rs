//! The invariant of vouchers.

use std::collections::{BTreeMap, HashMap};

use super::repair::{Fix, Repair, Way};
use super::rows::Rows;
use crate::id::{CustomerId, OrderId, VoucherId};
use crate::order::OrderState;
use crate::store::RecountWrite;
use crate::voucher::{Redemption, RedemptionState, Uses, Voucher};

/// The counted uses are the live redemptions, within the maximum, and as their orders stand.
pub(super) fn uses(rows: &Rows<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let mut by_customer: BTreeMap<(VoucherId, CustomerId), Uses> = BTreeMap::new();
    for redemption in &rows.all.redemptions {
        let Redemption {
            voucher,
            customer,
            state,
            ..
        } = *redemption;
        by_customer
            .entry((voucher, customer))
            .or_default()
            .count(state);
        found.extend(misplaced(rows, redemption));
    }
    found.extend(unused(rows));
    let vouchers: HashMap<_, _> = rows.all.vouchers.iter().map(|row| (row.id, row)).collect();
    let all = live(rows);
    for voucher in &rows.all.vouchers {
        let live = all.get(&voucher.id).copied().unwrap_or_default();
        found.extend(miscounted(voucher, live));
    }
    for ((voucher, customer), live) in by_customer {
        let terms = vouchers.get(&voucher).map(|voucher| &voucher.terms);
        let most = terms.and_then(|terms| terms.uses_max_per_customer);
        if most.is_some_and(|most| live.exceed(most)) {
            found.push(format!(
                "customer {customer} used voucher {voucher} too often"
            ));
        }
    }
    found
}

/// The uses that the redemptions make.
fn live(rows: &Rows<'_>) -> HashMap<VoucherId, Uses> {
    let mut all: HashMap<VoucherId, Uses> = HashMap::new();
    for redemption in &rows.all.redemptions {
        let uses = all.entry(redemption.voucher).or_default();
        uses.count(redemption.state);
    }
    all
}

/// Counts that can follow their redemptions: those are within the maximum.
pub(super) fn recounts(rows: &Rows<'_>) -> Vec<Repair> {
    let all = live(rows);
    let wrong = rows.all.vouchers.iter().filter_map(|row| {
        let to = all.get(&row.id).copied().unwrap_or_default();
        let (voucher, was) = (row.id, row.uses());
        let about = format!("voucher {}", row.code.as_str());
        let fix = Fix::Recount(RecountWrite::Voucher { voucher, was, to });
        (was != to && !to.exceed(row.terms.uses_max)).then_some(Repair { about, fix })
    });
    wrong.collect()
}

/// Uses that are still held by orders that await no payment.
pub(super) fn strays(rows: &Rows<'_>) -> Vec<Repair> {
    let redemptions = rows.all.redemptions.iter();
    let held = redemptions.filter(|redemption| redemption.state == RedemptionState::Held);
    let strays = held.filter_map(|redemption| {
        let order = rows.orders.get(&redemption.order)?;
        let (voucher, way) = (redemption.voucher, Way::of(order)?);
        let fix = Fix::Use {
            order: order.id,
            voucher,
            way,
        };
        (order.voucher == Some(voucher)).then(|| Repair::of_order(order, fix))
    });
    strays.collect()
}

fn miscounted(voucher: &Voucher, live: Uses) -> Option<String> {
    let counted = voucher.uses();
    if counted != live {
        return Some(format!(
            "voucher {} counts {} held and {} redeemed, not {} and {}",
            voucher.id, counted.held, counted.redeemed, live.held, live.redeemed
        ));
    }
    let most = voucher.terms.uses_max;
    live.exceed(most)
        .then(|| format!("voucher {} is used more than {most} times", voucher.id))
}

/// Orders whose voucher is not used by them, or used more than once.
fn unused(rows: &Rows<'_>) -> Vec<String> {
    let mut uses: HashMap<OrderId, usize> = HashMap::new();
    for redemption in &rows.all.redemptions {
        *uses.entry(redemption.order).or_default() += 1;
    }
    let orders = rows.all.orders.iter();
    let wrong = orders.filter_map(|order| {
        let count = uses.get(&order.id).copied().unwrap_or(0);
        let due = usize::from(order.voucher.is_some());
        (count != due).then(|| format!("order {} uses {count} vouchers, not {due}", order.number))
    });
    wrong.collect()
}

/// A redemption that does not stand where its order does.
fn misplaced(rows: &Rows<'_>, redemption: &Redemption) -> Option<String> {
    let order = rows.orders.get(&redemption.order)?;
    let due = match order.state {
        OrderState::AwaitingPayment => RedemptionState::Held,
        OrderState::Paid | OrderState::Delivered | OrderState::Refunded => {
            RedemptionState::Redeemed
        }
        OrderState::Cancelled | OrderState::Expired => RedemptionState::Released,
    };
    (redemption.state != due || order.voucher != Some(redemption.voucher)).then(|| {
        format!(
            "the use of voucher {} is not as order {} is",
            redemption.voucher, order.number
        )
    })
}
