//! Refunds.

use async_trait::async_trait;
use uuid::Uuid;

use super::rows::{Columns, Sql, query};
use super::{PostgresStore, Read};
use crate::id::{RefundId, ShopId};
use crate::refund::Refund;
use crate::store::{RefundFilter, RefundReader};

macro_rules! select_refunds {
    ($rest:literal) => {
        concat!(
            "SELECT id, order_id, payment_id, case_id, customer_id, value, value_currency, amount, \
             amount_currency, way, state, reason, requested_at, ended_at FROM refunds ",
            $rest
        )
    };
}

/// Every refund, by id.
pub(super) const REFUNDS: &str = select_refunds!("WHERE shop_id = $1 ORDER BY id");

pub(super) fn refund(columns: &mut Columns<'_>) -> Sql<Refund> {
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

#[async_trait]
impl RefundReader for PostgresStore {
    async fn find_refund(&self, shop: ShopId, id: RefundId) -> Read<Option<Refund>> {
        let sql = select_refunds!("WHERE shop_id = $1 AND id = $2");
        self.find(|| query(sql, shop).bind(Uuid::from(id)), refund)
            .await
    }

    async fn list_refunds(&self, shop: ShopId, filter: RefundFilter) -> Read<Vec<Refund>> {
        let (sql, id) = match filter {
            RefundFilter::Order(id) => (
                select_refunds!("WHERE shop_id = $1 AND order_id = $2 ORDER BY id"),
                Uuid::from(id),
            ),
            RefundFilter::Payment(id) => (
                select_refunds!("WHERE shop_id = $1 AND payment_id = $2 ORDER BY id"),
                Uuid::from(id),
            ),
            RefundFilter::Case(id) => (
                select_refunds!("WHERE shop_id = $1 AND case_id = $2 ORDER BY id"),
                Uuid::from(id),
            ),
        };
        self.all(|| query(sql, shop).bind(id), refund).await
    }
}
