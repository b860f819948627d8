//! Review cases.

use async_trait::async_trait;
use uuid::Uuid;

use super::rows::{Columns, Sql, query};
use super::{PostgresStore, Read};
use crate::id::{CaseId, OrderId, ShopId};
use crate::review::{Case, CaseState};
use crate::store::{Listing, Page, ReviewReader};

/// The columns that [`case`] reads.
macro_rules! case_columns {
    () => {
        "id, reason, resolution, payment_id, invoice_id, order_id, customer_id, opened_at, \
         resolved_at"
    };
}

/// Every case, by id.
pub(super) const CASES: &str = concat!(
    "SELECT ",
    case_columns!(),
    " FROM cases WHERE shop_id = $1 ORDER BY id"
);

pub(super) fn case(columns: &mut Columns<'_>) -> Sql<Case> {
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

#[async_trait]
impl ReviewReader for PostgresStore {
    async fn find_case(&self, shop: ShopId, id: CaseId) -> Read<Option<Case>> {
        let sql = concat!(
            "SELECT ",
            case_columns!(),
            " FROM cases WHERE shop_id = $1 AND id = $2"
        );
        self.find(|| query(sql, shop).bind(Uuid::from(id)), case)
            .await
    }

    async fn list_cases_of(&self, shop: ShopId, order: OrderId) -> Read<Vec<Case>> {
        let sql = concat!(
            "SELECT ",
            case_columns!(),
            " FROM cases WHERE shop_id = $1 AND order_id = $2 ORDER BY id"
        );
        self.all(|| query(sql, shop).bind(Uuid::from(order)), case)
            .await
    }

    async fn list_open_cases(&self, shop: ShopId, page: Page) -> Read<Listing<Case>> {
        let sql = concat!(
            "SELECT total, page.*
            FROM (SELECT count(*) AS total FROM cases
                WHERE shop_id = $1 AND resolution IS NULL) AS counted
            LEFT JOIN (SELECT ",
            case_columns!(),
            " FROM cases WHERE shop_id = $1 AND resolution IS NULL
                ORDER BY id LIMIT $2 OFFSET $3) AS page ON TRUE
            ORDER BY page.id"
        );
        let query = || {
            let open = query(sql, shop).bind(i64::from(page.limit));
            open.bind(i64::from(page.offset))
        };
        self.list(query, case).await
    }
}
