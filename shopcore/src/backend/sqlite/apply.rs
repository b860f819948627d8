//! Applies one batch, inside the savepoint that the writer opened for it.
//!
//! The writes of a batch have no order, but a foreign key wants the row it refers to; so they are
//! applied in the order of [`Rank`], which follows the keys.

use rusqlite::{Connection, params};

use super::Done;
use super::failure::Failure;
use super::rows::{At, find, run};
use super::{
    catalog, chat, customer, invoice, ledger, order, outbox, recount, refund, review, shop, stock,
    voucher,
};
use crate::id::ShopId;
use crate::store::{
    Applied, Batch, CatalogWrite, CustomerWrite, InvoiceWrite, OrderWrite, Premise, StockWrite,
    VoucherWrite, Write,
};
use crate::time::Timestamp;

/// What every write of a batch needs.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) conn: &'a Connection,
    pub(super) shop: ShopId,
    pub(super) at: Timestamp,
}

impl<'a> Scope<'a> {
    /// The shop's key.
    pub(super) fn key(&self) -> [u8; 16] {
        *self.shop.as_bytes()
    }
}

/// Applies a batch, or finds that it was applied before.
pub(super) fn batch(conn: &Connection, batch: &Batch) -> Result<Applied, Failure> {
    let scope = Scope {
        conn,
        shop: batch.shop,
        at: batch.at,
    };
    if is_known(scope, batch)? {
        return Ok(Applied::Before);
    }
    for premise in &batch.premises {
        check(scope, premise)?;
    }
    let mut writes: Vec<_> = batch.writes.iter().collect();
    writes.sort_by_key(|write| Rank::of(write));
    for write in writes {
        apply(scope, write)?;
    }
    shop::require(scope)?;
    outbox::enqueue(scope, &batch.outbox)?;
    shop::record(scope, batch)?;
    Ok(Applied::Now)
}

/// Notes the batch's id; tells whether it was there.
fn is_known(scope: Scope<'_>, batch: &Batch) -> Result<bool, Failure> {
    let sql = "INSERT INTO batches (shop_id, id, at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    let values = params![scope.key(), batch.id.as_bytes(), At(batch.at)];
    Ok(run(scope.conn, sql, values)? == 0) // guard: batch_once
}

fn check(scope: Scope<'_>, premise: &Premise) -> Done {
    let (sql, id, version) = match premise {
        Premise::Product { product, version } => (
            "SELECT 1 FROM products WHERE shop_id = ?1 AND id = ?2 AND version = ?3", // guard: premise_product
            product.as_bytes(),
            *version,
        ),
        Premise::VoucherTerms { voucher, version } => (
            "SELECT 1 FROM vouchers WHERE shop_id = ?1 AND id = ?2 AND terms_version = ?3", // guard: premise_voucher
            voucher.as_bytes(),
            *version,
        ),
        Premise::UnitAvailable { unit } => return check_unit(scope, unit.as_bytes()),
    };
    let holds = find(scope.conn, sql, params![scope.key(), id, version], |_| {
        Ok(())
    })?;
    holds.ok_or(Failure::Conflict)
}

fn check_unit(scope: Scope<'_>, unit: &[u8; 16]) -> Done {
    let sql = "SELECT 1 FROM units WHERE shop_id = ?1 AND id = ?2 AND state = 'available'"; // guard: premise_unit
    let holds = find(scope.conn, sql, params![scope.key(), unit], |_| Ok(()))?;
    holds.ok_or(Failure::Conflict)
}

/// A rank's rows refer to rows of lower ranks only.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Shop,
    Category,
    Catalog,
    Stock,
    Order,
    Invoice,
    Charge,
    Payment,
    Case,
    Rest,
}

impl Rank {
    fn of(write: &Write) -> Self {
        match write {
            Write::OpenShop(_) => Self::Shop,
            Write::Catalog(CatalogWrite::AddCategory(_) | CatalogWrite::UpdateCategory { .. })
            | Write::Customer(CustomerWrite::Add(_))
            | Write::Voucher(VoucherWrite::Add(_)) => Self::Category,
            Write::Catalog(CatalogWrite::AddProduct(_) | CatalogWrite::UpdateProduct { .. }) => {
                Self::Catalog
            }
            Write::Stock(StockWrite::Add { .. }) => Self::Stock,
            Write::Order(OrderWrite::Place(_)) => Self::Order,
            Write::Invoice(InvoiceWrite::Add(_)) => Self::Invoice,
            Write::Invoice(InvoiceWrite::AddCharge(_)) => Self::Charge,
            Write::Invoice(InvoiceWrite::RecordPayment(_)) => Self::Payment,
            Write::Review(_) => Self::Case,
            Write::Stock(
                StockWrite::Hold { .. }
                | StockWrite::Take { .. }
                | StockWrite::Sell(_)
                | StockWrite::Release(_)
                | StockWrite::Withdraw { .. }
                | StockWrite::Restore { .. },
            )
            | Write::Voucher(
                VoucherWrite::UpdateTerms { .. }
                | VoucherWrite::Hold { .. }
                | VoucherWrite::Take { .. }
                | VoucherWrite::Redeem { .. }
                | VoucherWrite::Release { .. },
            )
            | Write::Order(OrderWrite::Move { .. } | OrderWrite::Refund { .. })
            | Write::Invoice(
                InvoiceWrite::Change { .. }
                | InvoiceWrite::SetExpiry { .. }
                | InvoiceWrite::OpenCharge { .. }
                | InvoiceWrite::MoveCharge { .. }
                | InvoiceWrite::PollCharge { .. },
            )
            | Write::Customer(CustomerWrite::Update { .. })
            | Write::Transfer(_)
            | Write::Cart(_)
            | Write::Refund(_)
            | Write::Recount(_)
            | Write::Outbox(_)
            | Write::Chat(_) => Self::Rest,
        }
    }
}

fn apply(scope: Scope<'_>, write: &Write) -> Done {
    match write {
        Write::OpenShop(record) => shop::open(scope, record),
        Write::Catalog(write) => catalog::apply(scope, write),
        Write::Stock(write) => stock::apply(scope, write),
        Write::Voucher(write) => voucher::apply(scope, write),
        Write::Order(write) => order::apply(scope, write),
        Write::Invoice(write) => invoice::apply(scope, write),
        Write::Transfer(transfer) => ledger::post(scope, transfer),
        Write::Customer(write) => customer::apply(scope, write),
        Write::Cart(write) => customer::put_cart(scope, write),
        Write::Review(write) => review::apply(scope, write),
        Write::Refund(write) => refund::apply(scope, write),
        Write::Recount(write) => recount::apply(scope, write),
        Write::Outbox(write) => outbox::apply(scope, write),
        Write::Chat(write) => chat::apply(scope, write),
    }
}
