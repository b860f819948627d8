//! Orders and their lines.

use async_trait::async_trait;
use sqlx::PgConnection;
use uuid::Uuid;

use super::gather::{Question, gathered};
use super::rows::{Columns, Query, Sql, each, query, query_of};
use super::{PostgresStore, Read};
use crate::customer::Chat;
use crate::id::{CustomerId, OrderId, ProductId, ShopId};
use crate::money::Money;
use crate::order::{Order, OrderLine, OrderNumber, OrderState, Totals};
use crate::store::{Listing, OrderFilter, OrderReader, Page};

/// Orders, a row for each line: what [`line_of_order`] reads.
macro_rules! select_orders {
    ($before:literal, $from:expr, $shop:literal, $after:literal) => {
        concat!(
            "SELECT ",
            $before,
            "o.id, o.number, o.customer_id, o.frontend, o.chat, o.state, o.currency, o.subtotal, \
             o.discount, o.fee, o.total, o.refunded, o.voucher_id, o.late, o.placed_at, \
             o.changed_at, l.id, l.product_id, l.name, l.quantity, l.price, l.currency, l.unlimited_unit_id \
             FROM ",
            $from,
            " LEFT JOIN order_lines AS l ON l.shop_id = ",
            $shop,
            " AND l.order_id = o.id ",
            $after
        )
    };
}

macro_rules! fitting {
    () => {
        "FROM orders WHERE shop_id = $1 AND ($2::text IS NULL OR state = $2)"
    };
}

macro_rules! fitting_of {
    () => {
        "FROM orders WHERE shop_id = $1 AND ($2::text IS NULL OR state = $2) AND customer_id = $5"
    };
}

/// A page of the orders that fit, newest first, beside how many fit.
macro_rules! select_page {
    ($fitting:expr) => {
        select_orders!(
            "counted.total, ",
            concat!(
                "(SELECT count(*) AS total ",
                $fitting,
                ") AS counted LEFT JOIN (SELECT * ",
                $fitting,
                " ORDER BY id DESC LIMIT $3 OFFSET $4) AS o ON TRUE"
            ),
            "$1",
            "ORDER BY o.id DESC, l.place"
        )
    };
}

/// An order without its lines, and one of them.
type Part = (Order, Option<OrderLine>);

fn line_of_order(columns: &mut Columns<'_>) -> Sql<Part> {
    let order = head(columns)?;
    let line = match columns.is_empty()? {
        true => None,
        false => Some(line(columns)?),
    };
    Ok((order, line))
}

fn head(columns: &mut Columns<'_>) -> Sql<Order> {
    let (id, number, customer) = (columns.id()?, columns.text()?, columns.id()?);
    let (chat, state) = (chat(columns)?, columns.label()?);
    let totals = totals(columns)?;
    Ok(Order {
        id,
        number,
        customer,
        chat,
        state,
        lines: Vec::new(),
        totals,
        refunded: Money::new(columns.value()?, totals.currency()),
        voucher: columns.find_id()?,
        late: columns.label()?,
        placed_at: columns.at()?,
        changed_at: columns.at()?,
    })
}

/// A chat, from two columns.
pub(super) fn chat(columns: &mut Columns<'_>) -> Sql<Chat> {
    Ok(Chat {
        frontend: columns.text()?,
        id: columns.text()?,
    })
}

fn totals(columns: &mut Columns<'_>) -> Sql<Totals> {
    let currency = columns.currency()?;
    Ok(Totals {
        subtotal: Money::new(columns.value()?, currency),
        discount: Money::new(columns.value()?, currency),
        fee: Money::new(columns.value()?, currency),
        total: Money::new(columns.value()?, currency),
    })
}

fn line(columns: &mut Columns<'_>) -> Sql<OrderLine> {
    Ok(OrderLine {
        id: columns.id()?,
        product: columns.id()?,
        name: columns.text()?,
        quantity: columns.number()?,
        price: columns.money()?,
        unlimited: columns.find_id()?,
    })
}

/// Adds a part to the order that it belongs to; the parts of one follow each other.
fn put(orders: &mut Vec<Order>, (order, line): Part) {
    match orders.last_mut() {
        Some(last) if last.id == order.id => last.lines.extend(line),
        Some(_) | None => orders.push(Order {
            lines: line.into_iter().collect(),
            ..order
        }),
    }
}

fn together(parts: Vec<Part>) -> Vec<Order> {
    let mut orders = Vec::new();
    parts.into_iter().for_each(|part| put(&mut orders, part));
    orders
}

/// Every order, by id.
pub(super) async fn orders(conn: &mut PgConnection, shop: ShopId) -> Sql<Vec<Order>> {
    let sql = select_orders!(
        "",
        "orders AS o",
        "$1",
        "WHERE o.shop_id = $1 ORDER BY o.id, l.place"
    );
    let mut orders = Vec::new();
    let add = |columns: &mut Columns<'_>| {
        put(&mut orders, line_of_order(columns)?);
        Ok(())
    };
    each(conn, query(sql, shop), add).await?;
    Ok(orders)
}

impl PostgresStore {
    async fn one_order(&self, query: impl Fn() -> Query + Send + Sync) -> Read<Option<Order>> {
        let parts = self.all(query, line_of_order).await?;
        Ok(together(parts).pop())
    }
}

/// An order, line by line.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ById(ShopId, OrderId);

impl Question for ById {
    type Row = Part;

    fn ask(questions: &[&Self]) -> Query {
        let sql = gathered!(
            "$2::uuid[]",
            "order_id",
            select_orders!(
                "l.place AS line_place, ",
                "orders AS o",
                "asked.shop_id",
                "WHERE o.shop_id = asked.shop_id AND o.id = asked.order_id"
            ),
            ", found.line_place"
        );
        let orders = questions.iter().map(|Self(_, order)| Uuid::from(*order));
        let orders: Vec<_> = orders.collect();
        query_of(sql, questions.iter().map(|Self(shop, _)| *shop)).bind(orders)
    }

    fn read(columns: &mut Columns<'_>) -> Sql<Self::Row> {
        line_of_order(&mut columns.after(1))
    }
}

#[async_trait]
impl OrderReader for PostgresStore {
    async fn find_order(&self, shop: ShopId, order: OrderId) -> Read<Option<Order>> {
        let parts = self.gathered.orders.all(vec![ById(shop, order)]).await?;
        Ok(together(parts).pop())
    }

    async fn find_order_number(&self, shop: ShopId, number: &OrderNumber) -> Read<Option<Order>> {
        let sql = select_orders!(
            "",
            "orders AS o",
            "$1",
            "WHERE o.shop_id = $1 AND o.number = $2 ORDER BY l.place"
        );
        self.one_order(|| query(sql, shop).bind(number.to_string()))
            .await
    }

    async fn count_bought(
        &self,
        shop: ShopId,
        customer: CustomerId,
        product: ProductId,
    ) -> Read<u64> {
        let sql = "SELECT coalesce(sum(l.quantity), 0)::bigint
            FROM orders AS o
            JOIN order_lines AS l ON l.shop_id = o.shop_id AND l.order_id = o.id
            WHERE o.shop_id = $1 AND o.customer_id = $2 AND l.product_id = $3
                AND o.state IN ('awaiting_payment', 'paid', 'delivered')";
        let query = || {
            let of = query(sql, shop).bind(Uuid::from(customer));
            of.bind(Uuid::from(product))
        };
        self.count(query).await
    }

    async fn list_sold(&self, shop: ShopId, limit: u32) -> Read<Vec<(ProductId, u64)>> {
        let sql = "SELECT l.product_id, sum(l.quantity)::bigint AS sold
            FROM orders AS o
            JOIN order_lines AS l ON l.shop_id = o.shop_id AND l.order_id = o.id
            WHERE o.shop_id = $1 AND o.state IN ('paid', 'delivered')
            GROUP BY l.product_id ORDER BY sold DESC, l.product_id LIMIT $2";
        self.all(
            || query(sql, shop).bind(i64::from(limit)),
            |columns| Ok((columns.id()?, columns.number()?)),
        )
        .await
    }

    async fn list_orders(
        &self,
        shop: ShopId,
        filter: OrderFilter,
        page: Page,
    ) -> Read<Listing<Order>> {
        let (limit, offset) = (i64::from(page.limit), i64::from(page.offset));
        let state = filter.state.map(OrderState::as_str);
        let fitting = |sql| query(sql, shop).bind(state).bind(limit).bind(offset);
        let query = || match filter.customer.map(Uuid::from) {
            Some(customer) => fitting(select_page!(fitting_of!())).bind(customer),
            None => fitting(select_page!(fitting!())),
        };
        let Listing { items, total } = self.list(query, line_of_order).await?;
        Ok(Listing {
            items: together(items),
            total,
        })
    }
}
