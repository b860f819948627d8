//! All rows of a shop at one moment.

use super::count;
use super::tables::Tables;
use crate::audit::Record;
use crate::catalog::Supply;
use crate::id::{CustomerId, ProductId};
use crate::money::{Currency, Money};
use crate::stock::Unit;
use crate::store::{AuditRow, Snapshot, UnitRow, WalletRow};

/// Copies every row; under the store's lock, so that the view is consistent.
pub(super) fn take(tables: &Tables) -> Snapshot {
    Snapshot {
        categories: tables.categories.values().cloned().collect(),
        products: tables.products.values().cloned().collect(),
        shown: shown(tables),
        units: tables
            .units
            .values()
            .filter_map(|unit| row(tables, unit))
            .collect(),
        vouchers: tables.vouchers.values().cloned().collect(),
        redemptions: tables.redemptions.values().copied().collect(),
        customers: tables.customers.values().cloned().collect(),
        wallets: tables.wallets.iter().map(wallet).collect(),
        orders: tables.orders.values().cloned().collect(),
        invoices: tables.invoices.values().cloned().collect(),
        charges: tables.charges.values().cloned().collect(),
        payments: tables.payments.values().cloned().collect(),
        transfers: tables.transfers.values().cloned().collect(),
        cases: tables.cases.values().cloned().collect(),
        refunds: tables.refunds.values().cloned().collect(),
        outbox: tables.items.values().cloned().collect(),
        audit: tables.audit.values().map(audit).collect(),
    }
}

fn shown(tables: &Tables) -> Vec<(ProductId, u64)> {
    let products = tables.products.values();
    let counted = products.filter(|product| product.supply == Supply::Units);
    counted
        .map(|product| {
            (
                product.id,
                count(tables.available.under(product.id).count()),
            )
        })
        .collect()
}

fn row(tables: &Tables, unit: &Unit) -> Option<UnitRow> {
    Some(UnitRow {
        id: unit.id,
        product: unit.product,
        state: unit.state,
        fingerprint: *tables.fingerprint_of.get(&unit.id)?,
    })
}

fn wallet(((customer, _), balance): (&(CustomerId, Currency), &Money)) -> WalletRow {
    WalletRow {
        customer: *customer,
        balance: *balance,
    }
}

fn audit(record: &Record) -> AuditRow {
    AuditRow {
        entity: record.entry.entity,
        edge: record.entry.edge.clone(),
    }
}
