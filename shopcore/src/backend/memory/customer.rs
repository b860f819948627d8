//! Customers and their carts.

use async_trait::async_trait;

use super::tables::Tables;
use super::{Done, MemoryStore, Read};
use crate::cart::Cart;
use crate::customer::{Contact, Customer};
use crate::id::{CustomerId, ShopId};
use crate::store::{CartWrite, CommitError, CustomerReader, CustomerWrite, Rejection};

impl Tables {
    pub(super) fn write_customer(&mut self, write: &CustomerWrite) -> Done {
        match write {
            CustomerWrite::Add(customer) => {
                let taken = Rejection::ContactTaken;
                self.contacts
                    .claim(customer.contact.clone(), customer.id, taken)?;
                self.customers.insert(customer.id, customer.clone())
            }
            CustomerWrite::SetStanding { customer, from, to } => {
                let mut row = self.customers.read(customer)?;
                if row.standing != *from {
                    return Err(CommitError::Conflict);
                }
                row.standing = *to;
                self.customers.put(*customer, row);
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

    async fn get_cart(&self, shop: ShopId, customer: CustomerId) -> Read<Cart> {
        let stored = self.read(shop, |tables| tables.carts.get(&customer).cloned());
        Ok(stored.unwrap_or_else(|| Cart::empty(customer)))
    }
}
