//! The invariant of vouchers.

use std::collections::{BTreeMap, HashMap};

use super::rows::Rows;
use crate::id::{CustomerId, OrderId, VoucherId};
use crate::order::OrderState;
use crate::voucher::{Redemption, RedemptionState, Voucher};

/// Uses of one voucher, or of one by one customer.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
struct Uses {
    held: u32,
    redeemed: u32,
}

impl Uses {
    fn count(&mut self, state: RedemptionState) {
        match state {
            RedemptionState::Held => self.held += 1,
            RedemptionState::Redeemed => self.redeemed += 1,
            RedemptionState::Released => {}
        }
    }

    fn exceed(self, most: u32) -> bool {
        self.held.saturating_add(self.redeemed) > most
    }
}

/// The counted uses are the live redemptions, within the maximum, and as their orders stand.
pub(super) fn uses(rows: &Rows<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let mut all: HashMap<VoucherId, Uses> = HashMap::new();
    let mut by_customer: BTreeMap<(VoucherId, CustomerId), Uses> = BTreeMap::new();
    for redemption in &rows.all.redemptions {
        let Redemption {
            voucher,
            customer,
            state,
            ..
        } = *redemption;
        all.entry(voucher).or_default().count(state);
        by_customer
            .entry((voucher, customer))
            .or_default()
            .count(state);
        found.extend(misplaced(rows, redemption));
    }
    found.extend(unused(rows));
    let vouchers: HashMap<_, _> = rows.all.vouchers.iter().map(|row| (row.id, row)).collect();
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

fn miscounted(voucher: &Voucher, live: Uses) -> Option<String> {
    let counted = Uses {
        held: voucher.held,
        redeemed: voucher.redeemed,
    };
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
