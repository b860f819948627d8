//! Claims on outbox items, and leases.

use std::collections::BTreeSet;
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use uuid::Uuid;

use super::tables::{Lease, Tables};
use super::{MemoryStore, Read, count, rows};
use crate::id::{ItemId, ShopId, first_at};
use crate::message::{Destination, ItemState, OutboxItem, Reach};
use crate::store::{Queues, RequestOutcome};
use crate::time::Timestamp;

impl Tables {
    /// The foremost pending item of each lane.
    fn foremost(&self) -> impl Iterator<Item = &OutboxItem> {
        let mut lanes = BTreeSet::new();
        let pending = self.pending.keys().filter_map(|id| self.items.get(id));
        pending.filter(move |item| lanes.insert(&item.lane))
    }

    fn claimable(&self, reach: &[Reach], at: Timestamp, now: Timestamp) -> Vec<ItemId> {
        let free = |id: &ItemId| self.claims.get(id).is_none_or(|until| *until <= now);
        let covered =
            |item: &&OutboxItem| reach.iter().any(|reach| reach.covers(&item.destination));
        let due = self
            .foremost()
            .filter(|item| item.due_at <= at && free(&item.id));
        due.filter(covered).map(|item| item.id).collect()
    }

    fn claim(&mut self, id: ItemId, until: Timestamp) -> Option<OutboxItem> {
        let mut item = self.items.get(&id)?.clone();
        item.attempts = item.attempts.saturating_add(1);
        self.items.put(id, item.clone());
        self.claims.put(id, until);
        Some(item)
    }

    fn forget_items(&mut self, before: Timestamp) -> usize {
        let of_use = |item: &OutboxItem| match item.state {
            ItemState::Pending => item.destination != Destination::Admins,
            ItemState::Sent | ItemState::Refused => false,
        };
        let bound: ItemId = first_at(before);
        let items = self.items.values().take_while(|item| item.id < bound);
        let old: Vec<_> = items.filter(|i| !of_use(i)).map(|i| i.id).collect();
        for id in &old {
            self.items.remove(id);
            self.pending.remove(id);
            self.claims.remove(id);
        }
        old.len()
    }

    fn forget_requests(&mut self, before: Timestamp) -> usize {
        let old = self.requests.iter().filter(|(_, outcome)| match outcome {
            RequestOutcome::Order(order) => *order < first_at(before),
            RequestOutcome::Deposit(invoice) => *invoice < first_at(before),
            RequestOutcome::Refund(refund) => *refund < first_at(before),
            RequestOutcome::Transfer(transfer) => *transfer < first_at(before),
        });
        let old: Vec<_> = old.map(|(request, _)| request.clone()).collect();
        for request in &old {
            self.requests.remove(request);
        }
        old.len()
    }
}

fn after(now: Timestamp, span: Duration) -> Timestamp {
    let end = TimeDelta::from_std(span)
        .ok()
        .and_then(|span| now.checked_add_signed(span));
    end.unwrap_or(Timestamp::MAX_UTC)
}

#[async_trait]
impl Queues for MemoryStore {
    async fn claim_items(
        &self,
        shop: ShopId,
        reach: &[Reach],
        at: Timestamp,
        lease: Duration,
        limit: u32,
    ) -> Read<Vec<OutboxItem>> {
        let now = self.clock.now();
        let mut shops = self.lock();
        let Some(tables) = shops.get_mut(&shop) else {
            return Ok(Vec::new());
        };
        let ids = tables
            .claimable(reach, at, now)
            .into_iter()
            .take(rows(limit));
        let items = ids
            .filter_map(|id| tables.claim(id, after(now, lease)))
            .collect();
        tables.accept();
        Ok(items)
    }

    async fn take_lease(
        &self,
        shop: ShopId,
        name: &str,
        holder: Uuid,
        ttl: Duration,
    ) -> Read<bool> {
        let now = self.clock.now();
        let mut shops = self.lock();
        let Some(tables) = shops.get_mut(&shop) else {
            return Ok(false);
        };
        let current = tables.leases.get(name);
        if current.is_some_and(|lease| lease.holder != holder && lease.until > now) {
            return Ok(false);
        }
        let until = after(now, ttl);
        tables.leases.put(name.to_owned(), Lease { holder, until });
        tables.accept();
        Ok(true)
    }

    async fn drop_lease(&self, shop: ShopId, name: &str, holder: Uuid) -> Read<()> {
        if let Some(tables) = self.lock().get_mut(&shop)
            && tables
                .leases
                .get(name)
                .is_some_and(|lease| lease.holder == holder)
        {
            tables.leases.remove(&name.to_owned());
            tables.accept();
        }
        Ok(())
    }

    async fn forget_batches(&self, shop: ShopId, before: Timestamp) -> Read<u64> {
        let mut shops = self.lock();
        let Some(tables) = shops.get_mut(&shop) else {
            return Ok(0);
        };
        let old = tables.batches.iter().filter(|(_, at)| **at < before);
        let old: Vec<_> = old.map(|(id, _)| *id).collect();
        for id in &old {
            tables.batches.remove(id);
        }
        tables.accept();
        Ok(count(old.len()))
    }

    async fn forget_finished(&self, shop: ShopId, before: Timestamp) -> Read<u64> {
        let mut shops = self.lock();
        let Some(tables) = shops.get_mut(&shop) else {
            return Ok(0);
        };
        let forgotten = tables.forget_items(before) + tables.forget_requests(before);
        tables.accept();
        Ok(count(forgotten))
    }
}
