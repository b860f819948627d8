//! All rows of a shop at one moment, each read as it arrives.

use sqlx::{Connection, PgConnection, PgTransaction};

use super::failure::read_error;
use super::rows::{Query, Sql, all, query};
use super::shop::{edge, entity};
use super::{PostgresStore, Read};
use super::{
    catalog, customer, invoice, ledger, order, outbox, payment, refund, review, stock, voucher,
};
use crate::id::{ProductId, ShopId};
use crate::store::{AuditRow, Snapshot, UnitRow};

/// A transaction that sees one moment, however long it takes.
const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";

impl PostgresStore {
    /// Reads everything.
    pub(super) async fn take_snapshot(&self, shop: ShopId) -> Read<Snapshot> {
        loop {
            let lent = self.pool.lend().await;
            let mut lent = lent.map_err(|error| read_error(&error))?;
            match at_one_moment(&mut lent.conn, shop).await {
                Ok(taken) => {
                    lent.give_back();
                    return Ok(taken);
                }
                Err(error) if self.pool.had_lost(&lent, &error) => {}
                Err(error) => return Err(read_error(&error)),
            }
        }
    }
}

pub(super) async fn at_one_moment(conn: &mut PgConnection, shop: ShopId) -> Sql<Snapshot> {
    let mut moment = conn.begin_with(BEGIN).await?;
    let unlimited = sqlx::query("SET LOCAL statement_timeout = 0");
    unlimited.execute(&mut *moment).await?;
    let snapshot = take(&mut moment, shop).await?;
    moment.commit().await?;
    Ok(snapshot)
}

async fn take(conn: &mut PgTransaction<'_>, shop: ShopId) -> Sql<Snapshot> {
    let of = |sql| query(sql, shop);
    Ok(Snapshot {
        categories: all(conn, of(catalog::CATEGORIES), catalog::category).await?,
        products: all(conn, of(catalog::PRODUCTS), catalog::product).await?,
        shown: shown(conn, of(catalog::SHOWN)).await?,
        units: units(conn, of(stock::UNITS)).await?,
        vouchers: all(conn, of(voucher::VOUCHERS), voucher::voucher).await?,
        redemptions: all(conn, of(voucher::REDEMPTIONS), voucher::redemption).await?,
        customers: all(conn, of(customer::CUSTOMERS), customer::customer).await?,
        wallets: all(conn, of(ledger::WALLETS), ledger::wallet).await?,
        orders: order::orders(conn, shop).await?,
        invoices: all(conn, of(invoice::INVOICES), invoice::invoice).await?,
        charges: all(conn, of(invoice::CHARGES), invoice::charge).await?,
        payments: all(conn, of(payment::PAYMENTS), payment::payment).await?,
        transfers: ledger::transfers(conn, shop).await?,
        cases: all(conn, of(review::CASES), review::case).await?,
        refunds: all(conn, of(refund::REFUNDS), refund::refund).await?,
        outbox: all(conn, of(outbox::ITEMS), outbox::item).await?,
        audit: audit(conn, shop).await?,
    })
}

async fn shown(conn: &mut PgConnection, query: Query) -> Sql<Vec<(ProductId, u64)>> {
    all(conn, query, |columns| {
        Ok((columns.id()?, columns.number()?))
    })
    .await
}

async fn units(conn: &mut PgConnection, query: Query) -> Sql<Vec<UnitRow>> {
    let unit = all(conn, query, |columns| {
        Ok(UnitRow {
            id: columns.id()?,
            product: columns.id()?,
            state: stock::state(columns)?,
            fingerprint: stock::fingerprint(columns)?,
        })
    });
    unit.await
}

async fn audit(conn: &mut PgConnection, shop: ShopId) -> Sql<Vec<AuditRow>> {
    let sql = "SELECT entity, entity_id, edge_from, edge_to FROM audit
        WHERE shop_id = $1 ORDER BY id";
    let row = all(conn, query(sql, shop), |columns| {
        Ok(AuditRow {
            entity: entity(columns)?,
            edge: edge(columns)?,
        })
    });
    row.await
}
