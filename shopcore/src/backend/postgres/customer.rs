//! Customers and their carts.

use async_trait::async_trait;
use uuid::Uuid;

use super::order::chat;
use super::rows::{Columns, Sql, query};
use super::{PostgresStore, Read};
use crate::cart::Cart;
use crate::customer::{Contact, Customer};
use crate::id::{CustomerId, ShopId};
use crate::store::CustomerReader;

/// The columns that [`customer`] reads.
macro_rules! select_customers {
    ($rest:literal) => {
        concat!(
            "SELECT id, frontend, external, chat_frontend, chat, name, standing, created_at \
             FROM customers ",
            $rest
        )
    };
}

/// Every customer, by id.
pub(super) const CUSTOMERS: &str = select_customers!("WHERE shop_id = $1 ORDER BY id");

pub(super) fn customer(columns: &mut Columns<'_>) -> Sql<Customer> {
    Ok(Customer {
        id: columns.id()?,
        contact: contact(columns)?,
        chat: chat(columns)?,
        name: columns.find_text()?,
        standing: columns.label()?,
        created_at: columns.at()?,
    })
}

fn contact(columns: &mut Columns<'_>) -> Sql<Contact> {
    Ok(Contact {
        frontend: columns.text()?,
        external: columns.text()?,
    })
}

#[async_trait]
impl CustomerReader for PostgresStore {
    async fn get_customer(&self, shop: ShopId, id: CustomerId) -> Read<Option<Customer>> {
        let sql = select_customers!("WHERE shop_id = $1 AND id = $2");
        self.find(|| query(sql, shop).bind(Uuid::from(id)), customer)
            .await
    }

    async fn find_customer(&self, shop: ShopId, contact: &Contact) -> Read<Option<Customer>> {
        let sql = select_customers!("WHERE shop_id = $1 AND frontend = $2 AND external = $3");
        let query = || {
            let on = query(sql, shop).bind(contact.frontend.as_str());
            on.bind(contact.external.as_str())
        };
        self.find(query, customer).await
    }

    async fn get_cart(&self, shop: ShopId, customer: CustomerId) -> Read<Cart> {
        let sql = "SELECT lines, voucher, version FROM carts
            WHERE shop_id = $1 AND customer_id = $2";
        let stored = |columns: &mut Columns<'_>| {
            Ok(Cart {
                customer,
                lines: columns.json()?,
                voucher: columns.find_text()?,
                version: columns.number()?,
            })
        };
        let query = || query(sql, shop).bind(Uuid::from(customer));
        let found = self.find(query, stored).await?;
        Ok(found.unwrap_or_else(|| Cart::empty(customer)))
    }
}
