//! Shops: their records, the one thing that is unique across a store.

use std::collections::BTreeMap;
use std::ops::Bound;

use async_trait::async_trait;

use super::tables::Tables;
use super::{Done, MemoryStore, Read, part};
use crate::audit::{Entity, Record, Search};
use crate::id::{AuditId, ShopId};
use crate::store::{Batch, Page, Rejection, ShopReader, ShopRecord, Write};
use crate::text::Name;

/// Whether `batch` opens a shop under the name of another one.
pub(super) fn takes_a_name(shops: &BTreeMap<ShopId, Tables>, batch: &Batch) -> bool {
    let others = shops.iter().filter(|(shop, _)| **shop != batch.shop);
    let mut names = others.flat_map(|(_, tables)| tables.shop.values().map(|shop| &shop.name));
    names.any(|name| {
        let opens = |write: &Write| matches!(write, Write::OpenShop(shop) if shop.name == *name);
        batch.writes.iter().any(opens)
    })
}

impl Tables {
    pub(super) fn open_shop(&mut self, shop: &ShopRecord, of: ShopId) -> Done {
        if shop.id != of {
            return Err(Rejection::Dangling.into());
        }
        self.shop.insert(shop.id, shop.clone())
    }
}

#[async_trait]
impl ShopReader for MemoryStore {
    async fn count_shops(&self) -> Read<u64> {
        Ok(super::count(self.lock().len()))
    }

    async fn find_shop(&self, name: &Name) -> Read<Option<ShopRecord>> {
        let shops = self.lock();
        let mut records = shops.values().flat_map(|tables| tables.shop.values());
        Ok(records.find(|shop| shop.name == *name).cloned())
    }

    async fn list_audit(&self, shop: ShopId, entity: Entity, page: Page) -> Read<Vec<Record>> {
        Ok(self.read(shop, |tables| {
            let ids = tables.audit_of.under(entity).rev();
            part(ids.filter_map(|id| tables.audit.get(&id).cloned()), page)
        }))
    }

    async fn search_audit(&self, shop: ShopId, search: &Search, limit: u32) -> Read<Vec<Record>> {
        Ok(self.read(shop, |tables| {
            let newest = tables.audit.iter().rev().map(|(_, record)| record);
            let found = newest.filter(|record| search.fits(record)).cloned();
            part(found, Page::first(limit))
        }))
    }

    async fn follow_audit(&self, shop: ShopId, after: AuditId, limit: u32) -> Read<Vec<Record>> {
        Ok(self.read(shop, |tables| {
            let behind = (Bound::Excluded(after), Bound::Unbounded);
            let entries = tables.audit.range(behind).map(|(_, entry)| entry.clone());
            part(entries, Page::first(limit))
        }))
    }
}
