//! The audit: who did what to which thing, searched and told by the names people know.

use std::collections::HashMap;

use uuid::Uuid;

use super::Shop;
use crate::audit::{Actor, Entity, Kind, Record, Search};
use crate::id::{CategoryId, CustomerId, OrderId, ProductId, VoucherId};
use crate::order::OrderNumber;
use crate::store::StoreError;

/// An entry of the audit with the names people know.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// The entry.
    pub record: Record,
    /// Who: the name of a person, a job or a gateway; empty for the operator.
    pub who: String,
    /// What: the number of an order, the code of a product or a voucher, a name; else the end of
    /// its id, which tells it apart.
    pub what: String,
}

/// The audit of a shop.
///
/// ```
/// # use shopcore::money::Currency;
/// # use shopcore::{MemoryStore, Shop};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use shopcore::audit::{Kind, Search};
///
/// # let shop = Shop::builder(Currency::USD).store(MemoryStore::default()).build().await?;
/// let search = Search { kind: Some(Kind::Shop), ..Search::default() };
/// let found = shop.audit().search(&search, 20).await?;
/// assert_eq!(found[0].record.entry.action, "opened");
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Audit<'a>(pub(super) &'a Shop);

impl Audit<'_> {
    /// The latest entries that fit a search, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn search(&self, search: &Search, limit: u32) -> Result<Vec<Told>, StoreError> {
        let store = self.0.store();
        let records = store.search_audit(self.0.id(), search, limit).await?;
        let mut names = HashMap::new();
        let mut told = Vec::new();
        for record in records {
            let who = self.who(&record.actor, &mut names).await?;
            let what = self.named(record.entry.entity, &mut names).await?;
            told.push(Told { record, who, what });
        }
        Ok(told)
    }

    async fn who(
        &self,
        actor: &Actor,
        names: &mut HashMap<Entity, String>,
    ) -> Result<String, StoreError> {
        match actor.person() {
            Some(person) => self.named(Entity::new(Kind::Customer, person), names).await,
            None => Ok(actor.name().unwrap_or_default().to_owned()),
        }
    }

    async fn named(
        &self,
        entity: Entity,
        names: &mut HashMap<Entity, String>,
    ) -> Result<String, StoreError> {
        if let Some(name) = names.get(&entity) {
            return Ok(name.clone());
        }
        let found = self.find_name(entity).await?;
        let name = found.unwrap_or_else(|| end_of(entity.id));
        names.insert(entity, name.clone());
        Ok(name)
    }

    /// What people know a thing by; `None` where it is gone, or has no such name.
    async fn find_name(&self, entity: Entity) -> Result<Option<String>, StoreError> {
        let (store, shop) = (self.0.store(), self.0.id());
        Ok(match entity.kind {
            Kind::Order => Some(OrderNumber::of(OrderId::from(entity.id)).to_string()),
            Kind::Product => {
                let ids = [ProductId::from(entity.id)];
                let found = store.get_offers(shop, &ids, 1).await?;
                found.first().map(|offer| offer.product.code.to_string())
            }
            Kind::Voucher => {
                let found = store.get_voucher(shop, VoucherId::from(entity.id)).await?;
                found.map(|voucher| voucher.code.to_string())
            }
            Kind::Category => {
                let (all, id) = (
                    store.list_categories(shop).await?,
                    CategoryId::from(entity.id),
                );
                let found = all.into_iter().find(|category| category.id == id);
                found.map(|category| category.name.to_string())
            }
            Kind::Customer => {
                let found = store
                    .get_customer(shop, CustomerId::from(entity.id))
                    .await?;
                found.map(|customer| match customer.name {
                    Some(name) => name.to_string(),
                    None => customer.contact.external.to_string(),
                })
            }
            Kind::Shop => Some(self.0.name().to_string()),
            Kind::Invoice | Kind::Payment | Kind::Case | Kind::Refund => None,
        })
    }
}

fn end_of(id: Uuid) -> String {
    let id = id.simple().to_string();
    id.get(24..).unwrap_or(&id).to_owned()
}
