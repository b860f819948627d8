//! Transfers, and the balances of wallets.

use async_trait::async_trait;
use uuid::Uuid;

use super::rows::{Columns, Sql, query};
use super::{PostgresStore, Read};
use crate::id::{CustomerId, ShopId};
use crate::money::{Currency, Money};
use crate::store::{LedgerReader, Listing, Page, Statement};

fn statement(columns: &mut Columns<'_>) -> Sql<Statement> {
    Ok(Statement {
        amount: columns.money()?,
        purpose: columns.label()?,
        invoice: columns.find_id()?,
        at: columns.at()?,
    })
}

#[async_trait]
impl LedgerReader for PostgresStore {
    async fn balance(&self, shop: ShopId, customer: CustomerId, currency: Currency) -> Read<Money> {
        let sql = "SELECT balance FROM wallets
            WHERE shop_id = $1 AND customer_id = $2 AND currency = $3";
        let query = || {
            let of = query(sql, shop).bind(Uuid::from(customer));
            of.bind(currency.code())
        };
        let stored = self.find(query, |columns| columns.value()).await?;
        Ok(Money::new(stored.unwrap_or(0), currency))
    }

    async fn list_statements(
        &self,
        shop: ShopId,
        customer: CustomerId,
        page: Page,
    ) -> Read<Listing<Statement>> {
        let sql = "SELECT total, p.amount, p.currency, t.purpose, t.invoice_id, t.at
            FROM (SELECT count(*) AS total FROM postings
                WHERE shop_id = $1 AND customer_id = $2) AS counted
            LEFT JOIN (SELECT * FROM postings WHERE shop_id = $1 AND customer_id = $2
                ORDER BY transfer_id DESC, place LIMIT $3 OFFSET $4) AS p ON TRUE
            LEFT JOIN transfers AS t ON t.shop_id = $1 AND t.id = p.transfer_id
            ORDER BY p.transfer_id DESC, p.place";
        let query = || {
            let of = query(sql, shop).bind(Uuid::from(customer));
            of.bind(i64::from(page.limit)).bind(i64::from(page.offset))
        };
        self.list(query, statement).await
    }
}
