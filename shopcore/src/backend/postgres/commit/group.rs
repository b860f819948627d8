//! Which of the batches that wait are committed together.
//!
//! Batches that name one row don't share a group, so that each is judged by what the one before it
//! left. Only what is counted may be named by many: the free units of a product, the uses of a
//! voucher, a wallet.

use std::collections::{BTreeMap, HashSet, VecDeque};

use super::import;
use crate::id::{BatchId, ShopId};
use crate::store::{Batch, Row, VoucherWrite, Write};

/// The most batches in one group.
pub(super) const GROUP_MAX: usize = 128;

/// How a batch uses a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Access {
    /// It reads it, or changes what is counted.
    Shared,
    /// It changes it.
    Sole,
}

/// The rows that the batches of a group name.
#[derive(Default)]
struct Named {
    rows: BTreeMap<(ShopId, Row), Access>,
    ids: HashSet<BatchId>,
}

impl Named {
    /// Whether a batch may join; its rows are remembered either way, so that none after it is put
    /// before it.
    fn admits(&mut self, batch: &Batch) -> bool {
        let mut admitted = self.ids.insert(batch.id);
        for (row, access) in rows(batch) {
            let named = self.rows.insert((batch.shop, row.clone()), access);
            let Some(named) = named else { continue };
            if named.max(access) == Access::Sole {
                admitted = false;
            }
            self.rows.insert((batch.shop, row), named.max(access));
        }
        admitted
    }
}

/// The rows that a batch names, each once.
fn rows(batch: &Batch) -> BTreeMap<Row, Access> {
    let premises = batch
        .premises
        .iter()
        .map(|premise| (premise.row(), Access::Shared));
    let mut rows: BTreeMap<_, _> = premises.collect();
    for write in &batch.writes {
        for row in write.rows() {
            let access = access(write, &row);
            rows.insert(row, access);
        }
    }
    rows
}

fn access(write: &Write, row: &Row) -> Access {
    let counts_uses = match write {
        Write::Voucher(
            VoucherWrite::Hold { .. }
            | VoucherWrite::Take { .. }
            | VoucherWrite::Redeem { .. }
            | VoucherWrite::Release { .. },
        ) => row.is_voucher(),
        Write::Voucher(VoucherWrite::Add(_) | VoucherWrite::UpdateTerms { .. })
        | Write::OpenShop(_)
        | Write::Catalog(_)
        | Write::Stock(_)
        | Write::Order(_)
        | Write::Invoice(_)
        | Write::Transfer(_)
        | Write::Customer(_)
        | Write::Cart(_)
        | Write::Review(_)
        | Write::Refund(_)
        | Write::Recount(_)
        | Write::Outbox(_)
        | Write::Chat(_) => false,
    };
    // A recount judges by all rows that are counted, so that nothing may be counted beside it.
    let counts = !matches!(write, Write::Recount(_)) && row.is_counter();
    if counts_uses || counts {
        Access::Shared
    } else {
        Access::Sole
    }
}

/// Takes a group from the front of what waits; the others stay in their order.
pub(super) fn take<T>(waiting: &mut VecDeque<T>, batch: impl Fn(&T) -> &Batch) -> Vec<T> {
    let mut group = Vec::new();
    let mut left = VecDeque::with_capacity(waiting.len());
    let mut named = Named::default();
    while let Some(next) = waiting.pop_front() {
        let is_import = import::adds_units(batch(&next));
        if is_import && group.is_empty() && left.is_empty() {
            group.push(next);
            break;
        }
        if group.len() == GROUP_MAX || is_import {
            left.push_back(next);
            break;
        }
        if named.admits(batch(&next)) {
            group.push(next);
        } else {
            left.push_back(next);
        }
    }
    left.append(waiting);
    *waiting = left;
    group
}
