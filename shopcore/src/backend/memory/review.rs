//! Review cases.

use async_trait::async_trait;

use super::tables::Tables;
use super::{Done, MemoryStore, Read, listing};
use crate::id::{CaseId, OrderId, ShopId};
use crate::review::{Case, CaseState, Resolution};
use crate::store::{CommitError, Listing, Page, ReviewReader, ReviewWrite};
use crate::time::Timestamp;

impl Tables {
    pub(super) fn write_review(&mut self, write: &ReviewWrite, at: Timestamp) -> Done {
        match write {
            ReviewWrite::Open(case) => self.cases.insert(case.id, case.clone()),
            ReviewWrite::Resolve { case, resolution } => self.resolve(*case, *resolution, at),
        }
    }

    fn resolve(&mut self, id: CaseId, resolution: Resolution, at: Timestamp) -> Done {
        let mut case = self.cases.read(&id)?;
        let resolved = CaseState::Resolved(resolution);
        if !case.state.may_become(resolved) {
            return Err(CommitError::Conflict);
        }
        case.state = resolved;
        case.resolved_at = Some(at);
        self.cases.put(id, case);
        Ok(())
    }
}

#[async_trait]
impl ReviewReader for MemoryStore {
    async fn find_case(&self, shop: ShopId, case: CaseId) -> Read<Option<Case>> {
        Ok(self.read(shop, |tables| tables.cases.get(&case).cloned()))
    }

    async fn list_cases_of(&self, shop: ShopId, order: OrderId) -> Read<Vec<Case>> {
        Ok(self.read(shop, |tables| {
            let cases = tables.cases.values();
            let of = cases.filter(|case| case.order == Some(order));
            of.cloned().collect()
        }))
    }

    async fn list_open_cases(&self, shop: ShopId, page: Page) -> Read<Listing<Case>> {
        Ok(self.read(shop, |tables| {
            let cases = tables.cases.values();
            let open: Vec<_> = cases.filter(|case| case.state == CaseState::Open).collect();
            listing(&open, page)
        }))
    }
}
