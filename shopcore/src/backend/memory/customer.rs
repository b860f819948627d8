//! Customers and their carts.

use async_trait::async_trait;

use super::tables::Tables;
use super::{Done, MemoryStore, Read, listing};
use crate::cart::Cart;
use crate::customer::{Contact, Customer};
use crate::id::{CustomerId, ShopId};
use crate::store::{
    CartWrite, CommitError, CustomerFilter, CustomerReader, CustomerWrite, Listing, Page, Rejection,
};

impl Tables {
    pub(super) fn write_customer(&mut self, write: &CustomerWrite) -> Done {
        match write {
            CustomerWrite::Add(customer) => {
                let taken = Rejection::ContactTaken;
                self.contacts
                    .claim(customer.contact.clone(), customer.id, taken)?;
                self.customers.insert(customer.id, customer.clone())
            }
            CustomerWrite::Update { customer, was } => {
                let stored = self.customers.read(&customer.id)?;
                if stored.version != *was {
                    return Err(CommitError::Conflict);
                }
                let row = Customer {
                    contact: stored.contact,
                    created_at: stored.created_at,
                    ..customer.clone()
                };
                self.customers.put(customer.id, row);
                Ok(())
            }
        }
    }

    pub(super) fn write_cart(&mut self, write: &CartWrite) -> Done {
        let CartWrite::Put { cart, was } = write;
        let stored = self.carts.get(&cart.customer);
        if stored.map_or(0, |cart| cart.version) != *was {
            return Err(CommitError::Conflict);
        }
        let version = was.saturating_add(1);
        let cart = Cart {
            version,
            ..cart.clone()
        };
        self.carts.put(cart.customer, cart);
        Ok(())
    }
}

fn matches(filter: &CustomerFilter, customer: &Customer) -> bool {
    let found = |search: &String| {
        let name = customer.name.as_ref().map(|name| name.as_str());
        let texts = [name, Some(customer.contact.external.as_str())];
        let mut texts = texts.into_iter().flatten().map(str::to_lowercase);
        texts.any(|text| text.contains(&search.to_lowercase()))
    };
    filter.search.as_ref().is_none_or(found)
        && filter
            .standing
            .is_none_or(|wanted| customer.standing == wanted)
        && filter
            .reachability
            .is_none_or(|wanted| customer.reachability == wanted)
        && filter.after.is_none_or(|after| customer.id < after)
}

#[async_trait]
impl CustomerReader for MemoryStore {
    async fn get_customer(&self, shop: ShopId, customer: CustomerId) -> Read<Option<Customer>> {
        Ok(self.read(shop, |tables| tables.customers.get(&customer).cloned()))
    }

    async fn find_customer(&self, shop: ShopId, contact: &Contact) -> Read<Option<Customer>> {
        Ok(self.read(shop, |tables| {
            let id = tables.contacts.get(contact)?;
            tables.customers.get(id).cloned()
        }))
    }

    async fn list_customers(
        &self,
        shop: ShopId,
        filter: &CustomerFilter,
        page: Page,
    ) -> Read<Listing<Customer>> {
        Ok(self.read(shop, |tables| {
            let rows = tables.customers.values().rev();
            let fitting: Vec<_> = rows.filter(|row| matches(filter, row)).collect();
            listing(&fitting, page)
        }))
    }

    async fn get_cart(&self, shop: ShopId, customer: CustomerId) -> Read<Cart> {
        let stored = self.read(shop, |tables| tables.carts.get(&customer).cloned());
        Ok(stored.unwrap_or_else(|| Cart::empty(customer)))
    }
}
