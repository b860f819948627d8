//! A batch: everything one decision changes.

use std::collections::BTreeSet;

use super::row::Row;
use super::write::Write;
use crate::audit::{Actor, Edge, Entity, Entry};
use crate::id::{AuditId, BatchId, IdSource, ItemId, ProductId, ShopId, UnitId, VoucherId};
use crate::message::{Destination, ItemState, Lane, OutboxItem, Task};
use crate::time::Timestamp;

/// What was read and must still hold when the batch is applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Premise {
    /// The product has this version.
    Product {
        /// The product.
        product: ProductId,
        /// The version that was read.
        version: u32,
    },
    /// The terms of the voucher have this version.
    VoucherTerms {
        /// The voucher.
        voucher: VoucherId,
        /// The version that was read.
        version: u32,
    },
    /// The unit of a product of unlimited supply is available.
    UnitAvailable {
        /// The unit.
        unit: UnitId,
    },
}

/// Premises, writes, audit entries and outbox items that are applied as a whole.
///
/// Writes are unordered and name each row at most once. A batch with an actor changes the
/// business and is audited; one without is a chore (a cart, a dialog, a mark).
#[derive(Debug, Clone)]
pub struct Batch {
    /// Its id: a batch sent again after a lost reply is applied once.
    pub id: BatchId,
    /// The shop it changes.
    pub shop: ShopId,
    /// When it was decided.
    pub at: Timestamp,
    /// Who acts; `None` for a chore.
    pub actor: Option<Actor>,
    /// What must still hold.
    pub premises: Vec<Premise>,
    /// What changes.
    pub writes: Vec<Write>,
    /// What is recorded of it.
    pub audit: Vec<Entry>,
    /// What leaves the process because of it.
    pub outbox: Vec<OutboxItem>,
    ids: IdSource,
}

impl Batch {
    /// An empty business batch.
    #[must_use]
    pub fn by(actor: Actor, shop: ShopId, at: Timestamp, ids: &IdSource) -> Self {
        Self {
            actor: Some(actor),
            ..Self::chore(shop, at, ids)
        }
    }

    /// An empty batch of chores, which are not audited.
    #[must_use]
    pub fn chore(shop: ShopId, at: Timestamp, ids: &IdSource) -> Self {
        Self {
            id: ids.next(),
            shop,
            at,
            actor: None,
            premises: Vec::new(),
            writes: Vec::new(),
            audit: Vec::new(),
            outbox: Vec::new(),
            ids: ids.clone(),
        }
    }

    /// Adds a premise.
    pub fn require(&mut self, premise: Premise) -> &mut Self {
        self.premises.push(premise);
        self
    }

    /// Adds a write.
    pub fn push(&mut self, write: impl Into<Write>) -> &mut Self {
        self.writes.push(write.into());
        self
    }

    /// Records a change of state.
    pub fn record_move(
        &mut self,
        entity: Entity,
        action: &str,
        from: Option<&str>,
        to: &str,
        details: serde_json::Value,
    ) -> &mut Self {
        let edge = Edge {
            from: from.map(str::to_owned),
            to: to.to_owned(),
        };
        self.add_entry(entity, action, Some(edge), details)
    }

    /// Records a deed that changes no state.
    pub fn record(
        &mut self,
        entity: Entity,
        action: &str,
        details: serde_json::Value,
    ) -> &mut Self {
        self.add_entry(entity, action, None, details)
    }

    fn add_entry(
        &mut self,
        entity: Entity,
        action: &str,
        edge: Option<Edge>,
        details: serde_json::Value,
    ) -> &mut Self {
        let id: AuditId = self.ids.next();
        self.audit.push(Entry {
            id,
            entity,
            action: action.to_owned(),
            edge,
            details,
        });
        self
    }

    /// Enqueues a task about `subject`: tasks about one subject to one destination go in order.
    pub fn enqueue(
        &mut self,
        destination: Destination,
        subject: impl Into<uuid::Uuid>,
        task: Task,
    ) -> &mut Self {
        let id: ItemId = self.ids.next();
        let lane = Lane::new(&destination, subject);
        let state = ItemState::Pending;
        self.outbox.push(OutboxItem {
            id,
            lane,
            destination,
            task,
            state,
            due_at: self.at,
            attempts: 0,
        });
        self
    }

    /// The first row that two writes name, or a write names twice; stores refuse such a batch.
    #[must_use]
    pub fn row_named_twice(&self) -> Option<Row> {
        let mut seen = BTreeSet::new();
        self.writes
            .iter()
            .flat_map(Write::rows)
            .find(|row| !seen.insert(row.clone()))
    }
}
