//! Customers and their carts.

use async_trait::async_trait;
use uuid::Uuid;

use super::order::chat;
use super::rows::{Columns, Label, Sql, query};
use super::{PostgresStore, Read};
use crate::cart::Cart;
use crate::customer::{Contact, Customer};
use crate::id::{CustomerId, ShopId};
use crate::store::{CustomerFilter, CustomerReader, Listing, Page};

/// The columns that [`customer`] reads.
macro_rules! customer_columns {
    () => {
        "id, frontend, external, chat_frontend, chat, name, standing, banned_until, language, \
         reachability, created_at, version"
    };
}

macro_rules! select_customers {
    ($rest:literal) => {
        concat!("SELECT ", customer_columns!(), " FROM customers ", $rest)
    };
}

macro_rules! fitting {
    () => {
        "FROM customers WHERE shop_id = $1 AND id < $2 AND ($3::text IS NULL OR standing = $3) \
         AND ($4::text IS NULL OR reachability = $4) \
         AND ($5::text IS NULL OR strpos(name_folded, $5) > 0 OR strpos(lower(external), $5) > 0)"
    };
}

/// A page of the customers that fit, and how many there are.
const LISTED: &str = concat!(
    "SELECT total, p.* FROM (SELECT count(*) AS total ",
    fitting!(),
    ") AS counted LEFT JOIN (SELECT ",
    customer_columns!(),
    " ",
    fitting!(),
    " ORDER BY id DESC LIMIT $6 OFFSET $7) AS p ON TRUE ORDER BY p.id DESC"
);

/// Every customer, by id.
pub(super) const CUSTOMERS: &str = select_customers!("WHERE shop_id = $1 ORDER BY id");

pub(super) fn customer(columns: &mut Columns<'_>) -> Sql<Customer> {
    Ok(Customer {
        id: columns.id()?,
        contact: contact(columns)?,
        chat: chat(columns)?,
        name: columns.find_text()?,
        standing: columns.label()?,
        banned_until: columns.find_at()?,
        language: columns.find_text()?,
        reachability: columns.label()?,
        created_at: columns.at()?,
        version: columns.number()?,
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

    async fn list_customers(
        &self,
        shop: ShopId,
        filter: &CustomerFilter,
        page: Page,
    ) -> Read<Listing<Customer>> {
        let query = || {
            query(LISTED, shop)
                .bind(filter.after.map_or_else(Uuid::max, Uuid::from))
                .bind(filter.standing.map(|held| Label(held).to_string()))
                .bind(filter.reachability.map(|held| Label(held).to_string()))
                .bind(filter.search.as_ref().map(|text| text.to_lowercase()))
                .bind(i64::from(page.limit))
                .bind(i64::from(page.offset))
        };
        self.list(query, customer).await
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
