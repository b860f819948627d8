//! Review cases.

use async_trait::async_trait;
use rusqlite::{Connection, Row, params};

use super::apply::Scope;
use super::rows::{At, Columns, Label, Sql, all, count, find, one, run};
use super::{Done, Read, SqliteStore};
use crate::id::{CaseId, OrderId, ShopId};
use crate::review::{Case, CaseState, Resolution};
use crate::store::{Listing, Page, ReviewReader, ReviewWrite};

pub(super) fn apply(scope: Scope<'_>, write: &ReviewWrite) -> Done {
    match write {
        ReviewWrite::Open(case) => open(scope, case),
        ReviewWrite::Resolve { case, resolution } => resolve(scope, *case, *resolution),
    }
}

fn open(scope: Scope<'_>, case: &Case) -> Done {
    let sql =
        "INSERT INTO cases (shop_id, id, reason, resolution, payment_id, invoice_id, order_id,
            customer_id, opened_at, resolved_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    let resolution = match case.state {
        CaseState::Open => None,
        CaseState::Resolved(resolution) => Some(Label(resolution)),
    };
    let values = params![
        scope.key(),
        case.id.as_bytes(),
        Label(case.reason),
        resolution,
        case.payment.as_ref().map(|id| id.as_bytes()),
        case.invoice.as_ref().map(|id| id.as_bytes()),
        case.order.as_ref().map(|id| id.as_bytes()),
        case.customer.as_ref().map(|id| id.as_bytes()),
        At(case.opened_at),
        case.resolved_at.map(At)
    ];
    run(scope.conn, sql, values)?;
    Ok(())
}

fn resolve(scope: Scope<'_>, case: CaseId, resolution: Resolution) -> Done {
    let sql = "UPDATE cases SET resolution = ?3, resolved_at = ?4
        WHERE shop_id = ?1 AND id = ?2
            AND resolution IS NULL -- guard: case_open";
    let values = params![
        scope.key(),
        case.as_bytes(),
        Label(resolution),
        At(scope.at)
    ];
    one(run(scope.conn, sql, values)?)
}

macro_rules! select_cases {
    ($rest:literal) => {
        concat!(
            "SELECT id, reason, resolution, payment_id, invoice_id, order_id, customer_id, \
             opened_at, resolved_at FROM cases ",
            $rest
        )
    };
}

fn case(row: &Row<'_>) -> Sql<Case> {
    let mut columns = Columns::of(row);
    Ok(Case {
        id: columns.id()?,
        reason: columns.label()?,
        state: columns
            .find_label()?
            .map_or(CaseState::Open, CaseState::Resolved),
        payment: columns.find_id()?,
        invoice: columns.find_id()?,
        order: columns.find_id()?,
        customer: columns.find_id()?,
        opened_at: columns.at()?,
        resolved_at: columns.find_at()?,
    })
}

/// Every case, by id.
pub(super) fn cases(conn: &Connection, shop: ShopId) -> Sql<Vec<Case>> {
    let sql = select_cases!("WHERE shop_id = ?1 ORDER BY id");
    all(conn, sql, params![shop.as_bytes()], case)
}

#[async_trait]
impl ReviewReader for SqliteStore {
    async fn find_case(&self, shop: ShopId, id: CaseId) -> Read<Option<Case>> {
        let sql = select_cases!("WHERE shop_id = ?1 AND id = ?2");
        self.look_up(|conn| find(conn, sql, params![shop.as_bytes(), id.as_bytes()], case))
            .await
    }

    async fn list_cases_of(&self, shop: ShopId, order: OrderId) -> Read<Vec<Case>> {
        let sql = select_cases!(
            "INDEXED BY cases_of_order WHERE shop_id = ?1 AND order_id = ?2 ORDER BY id"
        );
        self.look_up(|conn| all(conn, sql, params![shop.as_bytes(), order.as_bytes()], case))
            .await
    }

    async fn list_open_cases(&self, shop: ShopId, page: Page) -> Read<Listing<Case>> {
        self.scan(move |conn| {
            let total = "SELECT count(*) FROM cases INDEXED BY cases_open
                WHERE shop_id = ?1 AND resolution IS NULL";
            let sql = select_cases!(
                "INDEXED BY cases_open WHERE shop_id = ?1 AND resolution IS NULL
                ORDER BY id LIMIT ?2 OFFSET ?3"
            );
            let values = (shop.as_bytes(), page.limit, page.offset);
            Ok(Listing {
                items: all(conn, sql, values, case)?,
                total: count(conn, total, params![shop.as_bytes()])?,
            })
        })
        .await
    }
}
