//! Refunds.

use async_trait::async_trait;

use super::tables::Tables;
use super::{Done, MemoryStore, Read};
use crate::id::{RefundId, ShopId};
use crate::refund::{Refund, RefundState};
use crate::store::{CommitError, RefundFilter, RefundReader, RefundWrite};
use crate::time::Timestamp;

impl Tables {
    pub(super) fn write_refund(&mut self, write: &RefundWrite, at: Timestamp) -> Done {
        match write {
            RefundWrite::Add(refund) => self.refunds.insert(refund.id, refund.clone()),
            RefundWrite::End { refund, to } => self.end_refund(*refund, *to, at),
        }
    }

    fn end_refund(&mut self, id: RefundId, to: RefundState, at: Timestamp) -> Done {
        let mut refund = self.refunds.read(&id)?;
        if !refund.state.may_become(to) {
            return Err(CommitError::Conflict);
        }
        (refund.state, refund.ended_at) = (to, Some(at));
        self.refunds.put(id, refund);
        Ok(())
    }
}

#[async_trait]
impl RefundReader for MemoryStore {
    async fn find_refund(&self, shop: ShopId, refund: RefundId) -> Read<Option<Refund>> {
        Ok(self.read(shop, |tables| tables.refunds.get(&refund).cloned()))
    }

    async fn list_refunds(&self, shop: ShopId, filter: RefundFilter) -> Read<Vec<Refund>> {
        let fits = |refund: &&Refund| match filter {
            RefundFilter::Order(order) => refund.order == Some(order),
            RefundFilter::Payment(payment) => refund.payment == Some(payment),
            RefundFilter::Case(case) => refund.case == Some(case),
        };
        Ok(self.read(shop, |tables| {
            tables.refunds.values().filter(fits).cloned().collect()
        }))
    }
}
