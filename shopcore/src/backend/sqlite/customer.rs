//! Customers and their carts.

use async_trait::async_trait;
use rusqlite::{Connection, Row, params};
use uuid::Uuid;

use super::apply::Scope;
use super::failure::or_taken;
use super::order::chat;
use super::rows::{At, Columns, Json, Label, Sql, all, count, find, one, run};
use super::{Done, Read, SqliteStore};
use crate::cart::Cart;
use crate::customer::{Contact, Customer};
use crate::id::{CustomerId, ShopId};
use crate::store::{
    CartWrite, CustomerFilter, CustomerReader, CustomerWrite, Listing, Page, Rejection,
};

pub(super) fn apply(scope: Scope<'_>, write: &CustomerWrite) -> Done {
    match write {
        CustomerWrite::Add(customer) => add(scope, customer),
        CustomerWrite::Update { customer, was } => update(scope, customer, *was),
    }
}

fn add(scope: Scope<'_>, customer: &Customer) -> Done {
    let sql = "INSERT INTO customers (shop_id, id, frontend, external, chat_frontend, chat, name,
            name_folded, standing, banned_until, language, reachability, created_at, version)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";
    let values = params![
        scope.key(),
        customer.id.as_bytes(),
        customer.contact.frontend.as_str(),
        customer.contact.external.as_str(),
        customer.chat.frontend.as_str(),
        customer.chat.id.as_str(),
        customer.name.as_ref().map(|name| name.as_str()),
        folded(customer),
        Label(customer.standing),
        customer.banned_until.map(At),
        customer.language.as_ref().map(|tag| tag.as_str()),
        Label(customer.reachability),
        At(customer.created_at),
        customer.version
    ];
    run(scope.conn, sql, values).map_err(or_taken(Rejection::ContactTaken))?;
    Ok(())
}

fn update(scope: Scope<'_>, customer: &Customer, was: u32) -> Done {
    let sql = "UPDATE customers SET chat_frontend = ?3, chat = ?4, name = ?5, name_folded = ?6,
            standing = ?7, banned_until = ?8, language = ?9, reachability = ?10, version = ?11
        WHERE shop_id = ?1 AND id = ?2
            AND version = ?12 -- guard: customer_version";
    let values = params![
        scope.key(),
        customer.id.as_bytes(),
        customer.chat.frontend.as_str(),
        customer.chat.id.as_str(),
        customer.name.as_ref().map(|name| name.as_str()),
        folded(customer),
        Label(customer.standing),
        customer.banned_until.map(At),
        customer.language.as_ref().map(|tag| tag.as_str()),
        Label(customer.reachability),
        customer.version,
        was
    ];
    one(run(scope.conn, sql, values)?)
}

fn folded(customer: &Customer) -> Option<String> {
    let name = customer.name.as_ref();
    name.map(|name| name.as_str().to_lowercase())
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
    ($($rest:expr),*) => {
        concat!(
            "SELECT id, frontend, external, chat_frontend, chat, name, standing, banned_until, \
             language, reachability, created_at, version FROM customers ",
            $($rest),*
        )
    };
}

macro_rules! fitting {
    () => {
        "WHERE shop_id = ?1 AND id < ?2 AND (?3 IS NULL OR standing = ?3) \
         AND (?4 IS NULL OR reachability = ?4) \
         AND (?5 IS NULL OR instr(name_folded, ?5) > 0 OR instr(lower(external), ?5) > 0)"
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
        banned_until: columns.find_at()?,
        language: columns.find_text()?,
        reachability: columns.label()?,
        created_at: columns.at()?,
        version: columns.value()?,
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

fn list(
    conn: &Connection,
    shop: ShopId,
    filter: &CustomerFilter,
    page: Page,
) -> Sql<Listing<Customer>> {
    let before = filter.after.map_or_else(Uuid::max, Uuid::from);
    let standing = filter.standing.map(Label);
    let reachability = filter.reachability.map(Label);
    let search = filter.search.as_ref().map(|text| text.to_lowercase());
    let sql = concat!("SELECT count(*) FROM customers ", fitting!());
    let values = params![
        shop.as_bytes(),
        before.as_bytes(),
        standing,
        reachability,
        search
    ];
    let total = count(conn, sql, values)?;
    let sql = select_customers!(fitting!(), " ORDER BY id DESC LIMIT ?6 OFFSET ?7");
    let values = params![
        shop.as_bytes(),
        before.as_bytes(),
        standing,
        reachability,
        search,
        page.limit,
        page.offset
    ];
    let items = all(conn, sql, values, customer)?;
    Ok(Listing { items, total })
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

    async fn list_customers(
        &self,
        shop: ShopId,
        filter: &CustomerFilter,
        page: Page,
    ) -> Read<Listing<Customer>> {
        let filter = filter.clone();
        self.scan(move |conn| list(conn, shop, &filter, page)).await
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
