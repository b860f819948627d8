//! Customers and their carts.

use async_trait::async_trait;
use rusqlite::{Connection, Row, params};

use super::apply::Scope;
use super::failure::or_taken;
use super::order::chat;
use super::rows::{At, Columns, Json, Label, Sql, all, find, one, run};
use super::{Done, Read, SqliteStore};
use crate::cart::Cart;
use crate::customer::{Contact, Customer, Standing};
use crate::id::{CustomerId, ShopId};
use crate::store::{CartWrite, CustomerReader, CustomerWrite, Rejection};

pub(super) fn apply(scope: Scope<'_>, write: &CustomerWrite) -> Done {
    match write {
        CustomerWrite::Add(customer) => add(scope, customer),
        CustomerWrite::SetStanding { customer, from, to } => {
            set_standing(scope, *customer, *from, *to)
        }
    }
}

fn add(scope: Scope<'_>, customer: &Customer) -> Done {
    let sql = "INSERT INTO customers (shop_id, id, frontend, external, chat_frontend, chat, name,
            standing, created_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    let values = params![
        scope.key(),
        customer.id.as_bytes(),
        customer.contact.frontend.as_str(),
        customer.contact.external.as_str(),
        customer.chat.frontend.as_str(),
        customer.chat.id.as_str(),
        customer.name.as_ref().map(|name| name.as_str()),
        Label(customer.standing),
        At(customer.created_at)
    ];
    run(scope.conn, sql, values).map_err(or_taken(Rejection::ContactTaken))?;
    Ok(())
}

fn set_standing(scope: Scope<'_>, customer: CustomerId, from: Standing, to: Standing) -> Done {
    let sql = "UPDATE customers SET standing = ?3
        WHERE shop_id = ?1 AND id = ?2
            AND standing = ?4 -- guard: customer_standing";
    let values = params![scope.key(), customer.as_bytes(), Label(to), Label(from)];
    one(run(scope.conn, sql, values)?)
}

pub(super) fn put_cart(scope: Scope<'_>, write: &CartWrite) -> Done {
    let CartWrite::Put { cart, was } = write;
    // A cart that was never stored has version 0, which no row has.
    let sql = if *was == 0 {
        "INSERT INTO carts (shop_id, customer_id, lines, voucher, version)
        VALUES (?1, ?2, ?3, ?4, ?5 + 1)"
    } else {
        "UPDATE carts SET lines = ?3, voucher = ?4, version = ?5 + 1
        WHERE shop_id = ?1 AND customer_id = ?2
            AND version = ?5 -- guard: cart_version"
    };
    let values = params![
        scope.key(),
        cart.customer.as_bytes(),
        Json(&cart.lines),
        cart.voucher.as_ref().map(|code| code.as_str()),
        was
    ];
    one(run(scope.conn, sql, values)?)
}

macro_rules! select_customers {
    ($rest:literal) => {
        concat!(
            "SELECT id, frontend, external, chat_frontend, chat, name, standing, created_at \
             FROM customers ",
            $rest
        )
    };
}

fn customer(row: &Row<'_>) -> Sql<Customer> {
    let mut columns = Columns::of(row);
    Ok(Customer {
        id: columns.id()?,
        contact: contact(&mut columns)?,
        chat: chat(&mut columns)?,
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

/// Every customer, by id.
pub(super) fn customers(conn: &Connection, shop: ShopId) -> Sql<Vec<Customer>> {
    let sql = select_customers!("WHERE shop_id = ?1 ORDER BY id");
    all(conn, sql, params![shop.as_bytes()], customer)
}

#[async_trait]
impl CustomerReader for SqliteStore {
    async fn get_customer(&self, shop: ShopId, id: CustomerId) -> Read<Option<Customer>> {
        let sql = select_customers!("WHERE shop_id = ?1 AND id = ?2");
        self.look_up(|conn| find(conn, sql, params![shop.as_bytes(), id.as_bytes()], customer))
            .await
    }

    async fn find_customer(&self, shop: ShopId, contact: &Contact) -> Read<Option<Customer>> {
        let sql = select_customers!("WHERE shop_id = ?1 AND frontend = ?2 AND external = ?3");
        let (frontend, external) = (contact.frontend.as_str(), contact.external.as_str());
        let values = (shop.as_bytes(), frontend, external);
        self.look_up(|conn| find(conn, sql, values, customer)).await
    }

    async fn get_cart(&self, shop: ShopId, customer: CustomerId) -> Read<Cart> {
        let sql = "SELECT lines, voucher, version FROM carts
            WHERE shop_id = ?1 AND customer_id = ?2";
        let values = (shop.as_bytes(), customer.as_bytes());
        let stored = self.look_up(|conn| {
            find(conn, sql, values, |row| {
                let mut columns = Columns::of(row);
                Ok(Cart {
                    customer,
                    lines: columns.json()?,
                    voucher: columns.find_text()?,
                    version: columns.value()?,
                })
            })
        });
        Ok(stored.await?.unwrap_or_else(|| Cart::empty(customer)))
    }
}
