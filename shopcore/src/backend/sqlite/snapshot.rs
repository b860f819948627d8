//! All rows of a shop, in the read transaction that the pool opened.

use rusqlite::{Connection, Row, params};
use uuid::Uuid;

use super::rows::{Columns, Sql, all};
use super::shop::edge;
use super::{
    catalog, customer, invoice, ledger, order, outbox, payment, refund, review, stock, voucher,
};
use crate::audit::Entity;
use crate::catalog::{Product, Supply};
use crate::id::{ProductId, ShopId};
use crate::store::{AuditRow, Snapshot};

/// Reads everything.
pub(super) fn take(conn: &Connection, shop: ShopId) -> Sql<Snapshot> {
    let products = catalog::products(conn, shop)?;
    Ok(Snapshot {
        categories: catalog::categories(conn, shop)?,
        shown: shown(conn, shop, &products)?,
        products,
        units: stock::units(conn, shop)?,
        vouchers: voucher::vouchers(conn, shop)?,
        redemptions: voucher::redemptions(conn, shop)?,
        customers: customer::customers(conn, shop)?,
        wallets: ledger::wallets(conn, shop)?,
        orders: order::orders(conn, shop)?,
        invoices: invoice::invoices(conn, shop)?,
        charges: invoice::charges(conn, shop)?,
        payments: payment::payments(conn, shop)?,
        transfers: ledger::transfers(conn, shop)?,
        cases: review::cases(conn, shop)?,
        refunds: refund::refunds(conn, shop)?,
        outbox: outbox::items(conn, shop)?,
        audit: audit(conn, shop)?,
    })
}

/// The stock that buyers are shown, counted as it is counted for them.
fn shown(conn: &Connection, shop: ShopId, products: &[Product]) -> Sql<Vec<(ProductId, u64)>> {
    let counted = products
        .iter()
        .filter(|product| product.supply == Supply::Units);
    let shown = counted.map(|product| {
        let count = catalog::available(conn, shop, product.id, u64::MAX)?;
        Ok((product.id, count))
    });
    shown.collect()
}

fn audit(conn: &Connection, shop: ShopId) -> Sql<Vec<AuditRow>> {
    let sql = "SELECT entity, entity_id, edge_from, edge_to FROM audit
        WHERE shop_id = ?1 ORDER BY id";
    all(conn, sql, params![shop.as_bytes()], audit_row)
}

fn audit_row(row: &Row<'_>) -> Sql<AuditRow> {
    let mut columns = Columns::of(row);
    Ok(AuditRow {
        entity: Entity {
            kind: columns.label()?,
            id: columns.id::<Uuid>()?,
        },
        edge: edge(&mut columns)?,
    })
}
