//! Payments, one for each event of a gateway.

use rusqlite::{Connection, Row, params};

use super::Done;
use super::apply::Scope;
use super::failure::or_taken;
use super::rows::{At, Code, Columns, Sql, all, find, run};
use crate::id::{InvoiceId, PaymentId, ShopId};
use crate::invoice::{EventId, GatewayName, Payment};
use crate::store::Rejection;

pub(super) fn record(scope: Scope<'_>, payment: &Payment) -> Done {
    let sql = "INSERT INTO payments (shop_id, id, gateway, event, reference, charge_id, invoice_id,
            amount, currency, outcome, paid_at, recorded_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    let values = params![
        scope.key(),
        payment.id.as_bytes(),
        payment.gateway.as_str(),
        payment.event.as_str(),
        payment.reference.as_str(),
        payment.charge.as_ref().map(|id| id.as_bytes()),
        payment.invoice.as_ref().map(|id| id.as_bytes()),
        payment.amount.minor(),
        Code(payment.amount.currency()),
        payment.outcome.as_str(),
        At(payment.paid_at),
        At(payment.recorded_at)
    ];
    run(scope.conn, sql, values).map_err(or_taken(Rejection::PaymentSeen))?;
    Ok(())
}

macro_rules! select_payments {
    ($rest:literal) => {
        concat!(
            "SELECT id, gateway, event, reference, charge_id, invoice_id, amount, currency, \
             outcome, paid_at, recorded_at FROM payments ",
            $rest
        )
    };
}

fn payment(row: &Row<'_>) -> Sql<Payment> {
    let mut columns = Columns::of(row);
    Ok(Payment {
        id: columns.id()?,
        gateway: columns.text()?,
        event: columns.text()?,
        reference: columns.text()?,
        charge: columns.find_id()?,
        invoice: columns.find_id()?,
        amount: columns.money()?,
        outcome: columns.label()?,
        paid_at: columns.at()?,
        recorded_at: columns.at()?,
    })
}

pub(super) fn find_by_event(
    conn: &Connection,
    shop: ShopId,
    gateway: &GatewayName,
    event: &EventId,
) -> Sql<Option<Payment>> {
    let sql = select_payments!("WHERE shop_id = ?1 AND gateway = ?2 AND event = ?3");
    let values = params![shop.as_bytes(), gateway.as_str(), event.as_str()];
    find(conn, sql, values, payment)
}

pub(super) fn find_by_id(conn: &Connection, shop: ShopId, id: PaymentId) -> Sql<Option<Payment>> {
    let sql = select_payments!("WHERE shop_id = ?1 AND id = ?2");
    find(conn, sql, params![shop.as_bytes(), id.as_bytes()], payment)
}

pub(super) fn of_invoice(conn: &Connection, shop: ShopId, invoice: InvoiceId) -> Sql<Vec<Payment>> {
    let sql = select_payments!(
        "INDEXED BY payments_of_invoice WHERE shop_id = ?1 AND invoice_id = ?2 ORDER BY id"
    );
    all(conn, sql, (shop.as_bytes(), invoice.as_bytes()), payment)
}

/// Those of a gateway whose ids are from `first` to before `end`.
pub(super) fn through(
    conn: &Connection,
    shop: ShopId,
    gateway: &GatewayName,
    (first, end): (PaymentId, PaymentId),
) -> Sql<Vec<Payment>> {
    let sql = select_payments!(
        "WHERE shop_id = ?1 AND id >= ?3 AND id < ?4 AND +gateway = ?2 ORDER BY id"
    );
    let values = params![
        shop.as_bytes(),
        gateway.as_str(),
        first.as_bytes(),
        end.as_bytes()
    ];
    all(conn, sql, values, payment)
}

/// Every payment, by id.
pub(super) fn payments(conn: &Connection, shop: ShopId) -> Sql<Vec<Payment>> {
    let sql = select_payments!("WHERE shop_id = ?1 ORDER BY id");
    all(conn, sql, params![shop.as_bytes()], payment)
}
