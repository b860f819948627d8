//! Orders and their lines.

use async_trait::async_trait;
use rusqlite::{Connection, Row, params};

use super::apply::Scope;
use super::failure::{Failure, or_taken};
use super::rows::{At, Code, Columns, Label, Sql, all, count, find, one, run};
use super::{Done, Read, SqliteStore};
use crate::customer::Chat;
use crate::id::{CustomerId, OrderId, ProductId, ShopId};
use crate::money::Money;
use crate::order::{Order, OrderLine, OrderNumber, OrderState, Totals};
use crate::store::{Listing, OrderFilter, OrderReader, OrderWrite, Page, Rejection};

pub(super) fn apply(scope: Scope<'_>, write: &OrderWrite) -> Done {
    match write {
        OrderWrite::Place(order) => place(scope, order),
        OrderWrite::Move { order, from, to } => advance(scope, *order, *from, *to),
        OrderWrite::Refund {
            order,
            from,
            to,
            was,
            refunded,
        } => refund(scope, *order, (*from, *to), (*was, *refunded)),
    }
}

fn place(scope: Scope<'_>, order: &Order) -> Done {
    let sql = "INSERT INTO orders (shop_id, id, number, customer_id, frontend, chat, state,
            currency, subtotal, discount, fee, total, refunded, voucher_id, late, placed_at,
            changed_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)";
    let values = params![
        scope.key(),
        order.id.as_bytes(),
        order.number.to_string(),
        order.customer.as_bytes(),
        order.chat.frontend.as_str(),
        order.chat.id.as_str(),
        order.state.as_str(),
        Code(order.totals.currency()),
        order.totals.subtotal.minor(),
        order.totals.discount.minor(),
        order.totals.fee.minor(),
        order.totals.total.minor(),
        order.refunded.minor(),
        order.voucher.as_ref().map(|id| id.as_bytes()),
        Label(order.late),
        At(order.placed_at),
        At(order.changed_at)
    ];
    run(scope.conn, sql, values).map_err(or_taken(Rejection::OrderNumberTaken))?;
    let mut lines = order.lines.iter().zip(0_u32..);
    lines.try_for_each(|(line, place)| add_line(scope, order.id, line, place))
}

fn add_line(scope: Scope<'_>, order: OrderId, line: &OrderLine, place: u32) -> Done {
    let sql = "INSERT INTO order_lines (shop_id, id, order_id, place, product_id, name, quantity,
            price, currency, unlimited_unit_id)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    let values = params![
        scope.key(),
        line.id.as_bytes(),
        order.as_bytes(),
        place,
        line.product.as_bytes(),
        line.name.as_str(),
        line.quantity,
        line.price.minor(),
        Code(line.price.currency()),
        line.unlimited.as_ref().map(|id| id.as_bytes())
    ];
    run(scope.conn, sql, values)?;
    Ok(())
}

fn advance(scope: Scope<'_>, order: OrderId, from: OrderState, to: OrderState) -> Done {
    // guard: order_edge
    if !from.may_become(to) {
        return Err(Failure::Conflict);
    }
    let sql = "UPDATE orders SET state = ?3, changed_at = ?4
        WHERE shop_id = ?1 AND id = ?2
            AND state = ?5 -- guard: order_from";
    let (from, to) = (from.as_str(), to.as_str());
    let values = params![scope.key(), order.as_bytes(), to, At(scope.at), from];
    one(run(scope.conn, sql, values)?)
}

fn refund(
    scope: Scope<'_>,
    order: OrderId,
    (from, to): (OrderState, OrderState),
    (was, refunded): (Money, Money),
) -> Done {
    // guard: order_refund_edge
    if !from.may_refund_to(to) {
        return Err(Failure::Conflict);
    }
    let sql = "UPDATE orders SET state = ?3, refunded = ?4,
            changed_at = CASE WHEN state = ?3 THEN changed_at ELSE ?5 END
        WHERE shop_id = ?1 AND id = ?2
            AND state = ?6 AND currency = ?8
            AND ?4 <= total -- guard: order_refund_total
            AND refunded = ?7 -- guard: order_refund_was";
    let values = params![
        scope.key(),
        order.as_bytes(),
        to.as_str(),
        refunded.minor(),
        At(scope.at),
        from.as_str(),
        was.minor(),
        Code(refunded.currency())
    ];
    one(run(scope.conn, sql, values)?)
}

macro_rules! select_orders {
    ($($rest:expr),*) => {
        concat!(
            "SELECT id, number, customer_id, frontend, chat, state, currency, subtotal, discount, \
             fee, total, refunded, voucher_id, late, placed_at, changed_at FROM orders ",
            $($rest),*
        )
    };
}

macro_rules! fitting {
    () => {
        "WHERE shop_id = ?1 AND (?2 IS NULL OR state = ?2)"
    };
}

macro_rules! fitting_of {
    () => {
        "INDEXED BY orders_by_customer WHERE shop_id = ?1 AND (?2 IS NULL OR state = ?2) \
         AND customer_id = ?3"
    };
}

/// An order without its lines.
fn head(row: &Row<'_>) -> Sql<Order> {
    let mut columns = Columns::of(row);
    let (id, number, customer) = (columns.id()?, columns.text()?, columns.id()?);
    let (chat, state) = (chat(&mut columns)?, columns.label()?);
    let totals = totals(&mut columns)?;
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

fn line(row: &Row<'_>) -> Sql<OrderLine> {
    let mut columns = Columns::of(row);
    Ok(OrderLine {
        id: columns.id()?,
        product: columns.id()?,
        name: columns.text()?,
        quantity: columns.value()?,
        price: columns.money()?,
        unlimited: columns.find_id()?,
    })
}

fn with_lines(conn: &Connection, shop: ShopId, order: Order) -> Sql<Order> {
    let sql = "SELECT id, product_id, name, quantity, price, currency, unlimited_unit_id
        FROM order_lines WHERE shop_id = ?1 AND order_id = ?2 ORDER BY place";
    let lines = all(
        conn,
        sql,
        params![shop.as_bytes(), order.id.as_bytes()],
        line,
    )?;
    Ok(Order { lines, ..order })
}

fn with_all_lines(conn: &Connection, shop: ShopId, heads: Vec<Order>) -> Sql<Vec<Order>> {
    let orders = heads.into_iter();
    orders.map(|order| with_lines(conn, shop, order)).collect()
}

fn list(conn: &Connection, shop: ShopId, filter: OrderFilter, page: Page) -> Sql<Listing<Order>> {
    let shop_key = shop.as_bytes();
    let state = filter.state.map(OrderState::as_str);
    let (limit, offset) = (page.limit, page.offset);
    let (total, heads) = if let Some(customer) = filter.customer {
        let customer = customer.as_bytes();
        let total = concat!("SELECT count(*) FROM orders ", fitting_of!());
        let sql = select_orders!(fitting_of!(), " ORDER BY id DESC LIMIT ?4 OFFSET ?5");
        let values = params![shop_key, state, customer, limit, offset];
        (
            count(conn, total, params![shop_key, state, customer])?,
            all(conn, sql, values, head)?,
        )
    } else {
        let total = concat!("SELECT count(*) FROM orders ", fitting!());
        let sql = select_orders!(fitting!(), " ORDER BY id DESC LIMIT ?3 OFFSET ?4");
        (
            count(conn, total, params![shop_key, state])?,
            all(conn, sql, params![shop_key, state, limit, offset], head)?,
        )
    };
    let items = with_all_lines(conn, shop, heads)?;
    Ok(Listing { items, total })
}

/// Every order, by id.
pub(super) fn orders(conn: &Connection, shop: ShopId) -> Sql<Vec<Order>> {
    let sql = select_orders!("WHERE shop_id = ?1 ORDER BY id");
    let heads = all(conn, sql, params![shop.as_bytes()], head)?;
    with_all_lines(conn, shop, heads)
}

#[async_trait]
impl OrderReader for SqliteStore {
    async fn find_order(&self, shop: ShopId, order: OrderId) -> Read<Option<Order>> {
        let sql = select_orders!("WHERE shop_id = ?1 AND id = ?2");
        self.look_up(|conn| {
            let found = find(conn, sql, params![shop.as_bytes(), order.as_bytes()], head)?;
            found.map(|order| with_lines(conn, shop, order)).transpose()
        })
        .await
    }

    async fn find_order_number(&self, shop: ShopId, number: &OrderNumber) -> Read<Option<Order>> {
        let sql = select_orders!("WHERE shop_id = ?1 AND number = ?2");
        self.look_up(|conn| {
            let found = find(
                conn,
                sql,
                params![shop.as_bytes(), number.to_string()],
                head,
            )?;
            found.map(|order| with_lines(conn, shop, order)).transpose()
        })
        .await
    }

    async fn count_bought(
        &self,
        shop: ShopId,
        customer: CustomerId,
        product: ProductId,
    ) -> Read<u64> {
        let sql = "SELECT coalesce(sum(l.quantity), 0)
            FROM orders AS o INDEXED BY orders_by_customer
            JOIN order_lines AS l ON l.shop_id = o.shop_id AND l.order_id = o.id
            WHERE o.shop_id = ?1 AND o.customer_id = ?2 AND l.product_id = ?3
                AND o.state IN ('awaiting_payment', 'paid', 'delivered')";
        self.look_up(|conn| {
            let values = params![shop.as_bytes(), customer.as_bytes(), product.as_bytes()];
            count(conn, sql, values)
        })
        .await
    }

    async fn list_sold(&self, shop: ShopId, limit: u32) -> Read<Vec<(ProductId, u64)>> {
        let sql = "SELECT l.product_id, sum(l.quantity) AS sold
            FROM orders AS o
            JOIN order_lines AS l ON l.shop_id = o.shop_id AND l.order_id = o.id
            WHERE o.shop_id = ?1 AND o.state IN ('paid', 'delivered')
            GROUP BY l.product_id ORDER BY sold DESC, l.product_id LIMIT ?2";
        self.scan(move |conn| {
            all(conn, sql, params![shop.as_bytes(), limit], |row| {
                let mut columns = Columns::of(row);
                Ok((columns.id()?, columns.count()?))
            })
        })
        .await
    }

    async fn list_orders(
        &self,
        shop: ShopId,
        filter: OrderFilter,
        page: Page,
    ) -> Read<Listing<Order>> {
        self.scan(move |conn| list(conn, shop, filter, page)).await
    }
}
