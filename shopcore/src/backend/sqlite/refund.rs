//! Refunds.

use async_trait::async_trait;
use rusqlite::{Connection, Row, params};

use super::apply::Scope;
use super::failure::Failure;
use super::rows::{At, Code, Columns, Label, Sql, all, find, one, run};
use super::{Done, Read, SqliteStore};
use crate::id::{RefundId, ShopId};
use crate::refund::{Refund, RefundState};
use crate::store::{RefundFilter, RefundReader, RefundWrite};
use crate::text::Reason;

pub(super) fn apply(scope: Scope<'_>, write: &RefundWrite) -> Done {
    match write {
        RefundWrite::Add(refund) => add(scope, refund),
        RefundWrite::End { refund, to } => end(scope, *refund, *to),
    }
}

fn add(scope: Scope<'_>, refund: &Refund) -> Done {
    let sql = "INSERT INTO refunds (shop_id, id, order_id, payment_id, case_id, customer_id, value,
            value_currency, amount, amount_currency, way, state, reason, requested_at, ended_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";
    let values = params![
        scope.key(),
        refund.id.as_bytes(),
        refund.order.as_ref().map(|id| id.as_bytes()),
        refund.payment.as_ref().map(|id| id.as_bytes()),
        refund.case.as_ref().map(|id| id.as_bytes()),
        refund.customer.as_ref().map(|id| id.as_bytes()),
        refund.value.minor(),
        Code(refund.value.currency()),
        refund.amount.minor(),
        Code(refund.amount.currency()),
        Label(refund.way),
        Label(refund.state),
        refund.reason.as_ref().map(Reason::as_str),
        At(refund.requested_at),
        refund.ended_at.map(At)
    ];
    run(scope.conn, sql, values)?;
    Ok(())
}

fn end(scope: Scope<'_>, refund: RefundId, to: RefundState) -> Done {
    // guard: refund_edge
    if !RefundState::Requested.may_become(to) {
        return Err(Failure::Conflict);
    }
    let sql = "UPDATE refunds SET state = ?3, ended_at = ?4
        WHERE shop_id = ?1 AND id = ?2
            AND state = 'requested' -- guard: refund_requested";
    let values = params![scope.key(), refund.as_bytes(), Label(to), At(scope.at)];
    one(run(scope.conn, sql, values)?)
}

macro_rules! select_refunds {
    ($rest:literal) => {
        concat!(
            "SELECT id, order_id, payment_id, case_id, customer_id, value, value_currency, amount, \
             amount_currency, way, state, reason, requested_at, ended_at FROM refunds ",
            $rest
        )
    };
}

fn refund(row: &Row<'_>) -> Sql<Refund> {
    let mut columns = Columns::of(row);
    Ok(Refund {
        id: columns.id()?,
        order: columns.find_id()?,
        payment: columns.find_id()?,
        case: columns.find_id()?,
        customer: columns.find_id()?,
        value: columns.money()?,
        amount: columns.money()?,
        way: columns.label()?,
        state: columns.label()?,
        reason: columns.find_text()?,
        requested_at: columns.at()?,
        ended_at: columns.find_at()?,
    })
}

/// Every refund, by id.
pub(super) fn refunds(conn: &Connection, shop: ShopId) -> Sql<Vec<Refund>> {
    let sql = select_refunds!("WHERE shop_id = ?1 ORDER BY id");
    all(conn, sql, params![shop.as_bytes()], refund)
}

#[async_trait]
impl RefundReader for SqliteStore {
    async fn find_refund(&self, shop: ShopId, id: RefundId) -> Read<Option<Refund>> {
        let sql = select_refunds!("WHERE shop_id = ?1 AND id = ?2");
        let values = (shop.as_bytes(), id.as_bytes());
        self.look_up(|conn| find(conn, sql, values, refund)).await
    }

    async fn list_refunds(&self, shop: ShopId, filter: RefundFilter) -> Read<Vec<Refund>> {
        let (sql, id) = match filter {
            RefundFilter::Order(id) => (
                select_refunds!(
                    "INDEXED BY refunds_of_order WHERE shop_id = ?1 AND order_id = ?2 ORDER BY id"
                ),
                *id.as_bytes(),
            ),
            RefundFilter::Payment(id) => (
                select_refunds!(
                    "INDEXED BY refunds_of_payment
                    WHERE shop_id = ?1 AND payment_id = ?2 ORDER BY id"
                ),
                *id.as_bytes(),
            ),
            RefundFilter::Case(id) => (
                select_refunds!(
                    "INDEXED BY refunds_of_case WHERE shop_id = ?1 AND case_id = ?2 ORDER BY id"
                ),
                *id.as_bytes(),
            ),
        };
        self.look_up(|conn| all(conn, sql, (shop.as_bytes(), id), refund))
            .await
    }
}
