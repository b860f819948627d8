//! Invoices and their charges.

use async_trait::async_trait;
use rusqlite::{Connection, Row, params};

use super::apply::Scope;
use super::failure::{Failure, or_taken};
use super::rows::{At, Code, Columns, Json, Sql, all, count, find, one, run};
use super::{Done, Read, SqliteStore, payment};
use crate::id::{ChargeId, CustomerId, InvoiceId, OrderId, PaymentId, ShopId, first_at};
use crate::invoice::{
    Charge, ChargeState, EventId, GatewayChargeId, GatewayName, Invoice, InvoiceState, PayWith,
    Payment, Reference, Subject,
};
use crate::money::Money;
use crate::store::{InvoiceReader, InvoiceWrite, Listing, Page, Rejection};
use crate::time::Timestamp;

pub(super) fn apply(scope: Scope<'_>, write: &InvoiceWrite) -> Done {
    match write {
        InvoiceWrite::Add(invoice) => add(scope, invoice),
        InvoiceWrite::Change {
            invoice,
            version,
            from,
            to,
            received,
        } => change(scope, *invoice, (*version, *from), (*to, *received)),
        InvoiceWrite::SetExpiry {
            invoice,
            version,
            expires_at,
        } => set_expiry(scope, *invoice, *version, *expires_at),
        InvoiceWrite::AddCharge(charge) => add_charge(scope, charge),
        InvoiceWrite::OpenCharge {
            charge,
            gateway_id,
            payable,
            pay_with,
            poll_at,
        } => {
            let told = (gateway_id.as_ref(), *payable, pay_with);
            open_charge(scope, *charge, told, *poll_at)
        }
        InvoiceWrite::MoveCharge { charge, from, to } => move_charge(scope, *charge, *from, *to),
        InvoiceWrite::PollCharge { charge, poll_at } => poll_charge(scope, *charge, *poll_at),
        InvoiceWrite::RecordPayment(payment) => payment::record(scope, payment),
    }
}

fn add(scope: Scope<'_>, invoice: &Invoice) -> Done {
    let sql =
        "INSERT INTO invoices (shop_id, id, order_id, customer_id, amount, received, currency,
            state, expires_at, created_at, version)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    let order = invoice.subject.order();
    let values = params![
        scope.key(),
        invoice.id.as_bytes(),
        order.as_ref().map(|id| id.as_bytes()),
        invoice.customer.as_bytes(),
        invoice.amount.minor(),
        invoice.received.minor(),
        Code(invoice.amount.currency()),
        invoice.state.as_str(),
        At(invoice.expires_at),
        At(invoice.created_at),
        invoice.version
    ];
    run(scope.conn, sql, values)?;
    Ok(())
}

fn change(
    scope: Scope<'_>,
    invoice: InvoiceId,
    (version, from): (u32, InvoiceState),
    (to, received): (InvoiceState, Money),
) -> Done {
    // guard: invoice_edge
    if from != to && !from.may_become(to) {
        return Err(Failure::Conflict);
    }
    let sql = "UPDATE invoices SET state = ?3, received = ?4, version = version + 1
        WHERE shop_id = ?1 AND id = ?2 AND currency = ?5
            AND version = ?6 -- guard: invoice_version
            AND state = ?7 -- guard: invoice_from";
    let values = params![
        scope.key(),
        invoice.as_bytes(),
        to.as_str(),
        received.minor(),
        Code(received.currency()),
        version,
        from.as_str()
    ];
    one(run(scope.conn, sql, values)?)
}

fn set_expiry(scope: Scope<'_>, invoice: InvoiceId, version: u32, expires_at: Timestamp) -> Done {
    let sql = "UPDATE invoices SET expires_at = ?3, version = version + 1
        WHERE shop_id = ?1 AND id = ?2
            AND version = ?4 -- guard: invoice_expiry_version
            AND state IN ('created', 'waiting') -- guard: invoice_expiry_open";
    let values = params![scope.key(), invoice.as_bytes(), At(expires_at), version];
    one(run(scope.conn, sql, values)?)
}

fn add_charge(scope: Scope<'_>, charge: &Charge) -> Done {
    let sql = "INSERT INTO charges (shop_id, id, invoice_id, gateway, reference, gateway_id, asked,
            payable, payable_currency, covers, covers_currency, state, pay_with, created_at,
            poll_at, polls)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";
    let values = params![
        scope.key(),
        charge.id.as_bytes(),
        charge.invoice.as_bytes(),
        charge.gateway.as_str(),
        charge.reference.as_str(),
        charge.gateway_id.as_ref().map(GatewayChargeId::as_str),
        charge.asked.minor(),
        charge.payable.minor(),
        Code(charge.payable.currency()),
        charge.covers.minor(),
        Code(charge.covers.currency()),
        charge.state.as_str(),
        charge.pay_with.as_ref().map(Json),
        At(charge.created_at),
        charge.poll_at.map(At),
        charge.polls
    ];
    run(scope.conn, sql, values).map_err(or_taken(Rejection::ReferenceTaken))?;
    Ok(())
}

fn open_charge(
    scope: Scope<'_>,
    charge: ChargeId,
    (gateway_id, payable, pay_with): (Option<&GatewayChargeId>, Money, &PayWith),
    poll_at: Timestamp,
) -> Done {
    let sql = "UPDATE charges SET state = 'open', gateway_id = ?3, payable = ?4, pay_with = ?5,
            poll_at = ?6
        WHERE shop_id = ?1 AND id = ?2
            AND payable_currency = ?7 AND state = 'created' -- guard: charge_open_from";
    let values = params![
        scope.key(),
        charge.as_bytes(),
        gateway_id.map(GatewayChargeId::as_str),
        payable.minor(),
        Json(pay_with),
        At(poll_at),
        Code(payable.currency())
    ];
    one(run(scope.conn, sql, values)?)
}

fn move_charge(scope: Scope<'_>, charge: ChargeId, from: ChargeState, to: ChargeState) -> Done {
    // guard: charge_edge
    if !from.may_become(to) {
        return Err(Failure::Conflict);
    }
    let sql = "UPDATE charges SET state = ?3
        WHERE shop_id = ?1 AND id = ?2
            AND state = ?4 -- guard: charge_from";
    let (from, to) = (from.as_str(), to.as_str());
    one(run(
        scope.conn,
        sql,
        params![scope.key(), charge.as_bytes(), to, from],
    )?)
}

fn poll_charge(scope: Scope<'_>, charge: ChargeId, poll_at: Option<Timestamp>) -> Done {
    let sql = "UPDATE charges SET poll_at = ?3, polls = polls + 1 WHERE shop_id = ?1 AND id = ?2";
    let values = params![scope.key(), charge.as_bytes(), poll_at.map(At)];
    one(run(scope.conn, sql, values)?)
}

macro_rules! select_invoices {
    ($rest:literal) => {
        concat!(
            "SELECT id, order_id, customer_id, amount, received, currency, state, expires_at, \
             created_at, version FROM invoices ",
            $rest
        )
    };
}

macro_rules! select_charges {
    ($rest:literal) => {
        concat!(
            "SELECT id, invoice_id, gateway, reference, gateway_id, asked, payable, \
             payable_currency, covers, covers_currency, state, pay_with, created_at, poll_at, \
             polls FROM charges ",
            $rest
        )
    };
}

fn invoice(row: &Row<'_>) -> Sql<Invoice> {
    let mut columns = Columns::of(row);
    let (id, order, customer) = (columns.id()?, columns.find_id()?, columns.id()?);
    let (amount, received) = (columns.value()?, columns.value()?);
    let currency = columns.currency()?;
    Ok(Invoice {
        id,
        subject: order.map_or(Subject::Deposit, Subject::Order),
        customer,
        amount: Money::new(amount, currency),
        received: Money::new(received, currency),
        state: columns.label()?,
        expires_at: columns.at()?,
        created_at: columns.at()?,
        version: columns.value()?,
    })
}

fn charge(row: &Row<'_>) -> Sql<Charge> {
    let mut columns = Columns::of(row);
    let (id, invoice, gateway) = (columns.id()?, columns.id()?, columns.text()?);
    let (reference, gateway_id) = (columns.text()?, columns.find_text()?);
    let (asked, payable) = (columns.value()?, columns.money()?);
    Ok(Charge {
        id,
        invoice,
        gateway,
        reference,
        gateway_id,
        asked: Money::new(asked, payable.currency()),
        payable,
        covers: columns.money()?,
        state: columns.label()?,
        pay_with: columns.find_json()?,
        created_at: columns.at()?,
        poll_at: columns.find_at()?,
        polls: columns.value()?,
    })
}

/// Every invoice, by id.
pub(super) fn invoices(conn: &Connection, shop: ShopId) -> Sql<Vec<Invoice>> {
    let sql = select_invoices!("WHERE shop_id = ?1 ORDER BY id");
    all(conn, sql, params![shop.as_bytes()], invoice)
}

/// Every charge, by id.
pub(super) fn charges(conn: &Connection, shop: ShopId) -> Sql<Vec<Charge>> {
    let sql = select_charges!("WHERE shop_id = ?1 ORDER BY id");
    all(conn, sql, params![shop.as_bytes()], charge)
}

fn unpaid_deposits(
    conn: &Connection,
    shop: ShopId,
    customer: CustomerId,
    page: Page,
) -> Sql<Listing<Invoice>> {
    let total = "SELECT count(*) FROM invoices INDEXED BY deposits_unpaid
        WHERE shop_id = ?1 AND customer_id = ?2 AND order_id IS NULL AND state <> 'paid'";
    let sql = select_invoices!(
        "INDEXED BY deposits_unpaid
        WHERE shop_id = ?1 AND customer_id = ?2 AND order_id IS NULL AND state <> 'paid'
        ORDER BY id DESC LIMIT ?3 OFFSET ?4"
    );
    let (shop, customer) = (shop.as_bytes(), customer.as_bytes());
    let values = params![shop, customer, page.limit, page.offset];
    Ok(Listing {
        items: all(conn, sql, values, invoice)?,
        total: count(conn, total, params![shop, customer])?,
    })
}

#[async_trait]
impl InvoiceReader for SqliteStore {
    async fn find_invoice(&self, shop: ShopId, id: InvoiceId) -> Read<Option<Invoice>> {
        let sql = select_invoices!("WHERE shop_id = ?1 AND id = ?2");
        self.look_up(|conn| find(conn, sql, params![shop.as_bytes(), id.as_bytes()], invoice))
            .await
    }

    async fn find_invoice_of(&self, shop: ShopId, order: OrderId) -> Read<Option<Invoice>> {
        let sql = select_invoices!("WHERE shop_id = ?1 AND order_id = ?2");
        self.look_up(|conn| {
            find(
                conn,
                sql,
                params![shop.as_bytes(), order.as_bytes()],
                invoice,
            )
        })
        .await
    }

    async fn list_due_invoices(
        &self,
        shop: ShopId,
        at: Timestamp,
        limit: u32,
    ) -> Read<Vec<Invoice>> {
        let sql = select_invoices!(
            "INDEXED BY invoices_due
            WHERE shop_id = ?1 AND state IN ('created', 'waiting') AND expires_at <= ?2
            ORDER BY expires_at, id LIMIT ?3"
        );
        self.scan(move |conn| all(conn, sql, params![shop.as_bytes(), At(at), limit], invoice))
            .await
    }

    async fn list_open_deposits(&self, shop: ShopId, customer: CustomerId) -> Read<Vec<Invoice>> {
        let sql = select_invoices!(
            "INDEXED BY deposits_unpaid
            WHERE shop_id = ?1 AND customer_id = ?2 AND order_id IS NULL
                AND state <> 'paid' AND state IN ('created', 'waiting')
            ORDER BY id DESC"
        );
        let values = (shop.as_bytes(), customer.as_bytes());
        self.look_up(|conn| all(conn, sql, values, invoice)).await
    }

    async fn list_unpaid_deposits(
        &self,
        shop: ShopId,
        customer: CustomerId,
        page: Page,
    ) -> Read<Listing<Invoice>> {
        self.scan(move |conn| unpaid_deposits(conn, shop, customer, page))
            .await
    }

    async fn list_charges(&self, shop: ShopId, invoice: InvoiceId) -> Read<Vec<Charge>> {
        let sql = select_charges!(
            "INDEXED BY charges_by_invoice WHERE shop_id = ?1 AND invoice_id = ?2 ORDER BY id"
        );
        let values = (shop.as_bytes(), invoice.as_bytes());
        self.look_up(|conn| all(conn, sql, values, charge)).await
    }

    async fn get_charge(&self, shop: ShopId, id: ChargeId) -> Read<Option<Charge>> {
        let sql = select_charges!("WHERE shop_id = ?1 AND id = ?2");
        self.look_up(|conn| find(conn, sql, params![shop.as_bytes(), id.as_bytes()], charge))
            .await
    }

    async fn find_charge(
        &self,
        shop: ShopId,
        gateway: &GatewayName,
        reference: &Reference,
    ) -> Read<Option<Charge>> {
        let sql = select_charges!("WHERE shop_id = ?1 AND gateway = ?2 AND reference = ?3");
        let values = (shop.as_bytes(), gateway.as_str(), reference.as_str());
        self.look_up(|conn| find(conn, sql, values, charge)).await
    }

    async fn list_charges_to_poll(
        &self,
        shop: ShopId,
        at: Timestamp,
        limit: u32,
    ) -> Read<Vec<Charge>> {
        let sql = select_charges!(
            "INDEXED BY charges_to_poll WHERE shop_id = ?1 AND poll_at <= ?2
            ORDER BY poll_at, id LIMIT ?3"
        );
        self.scan(move |conn| all(conn, sql, params![shop.as_bytes(), At(at), limit], charge))
            .await
    }

    async fn find_payment(
        &self,
        shop: ShopId,
        gateway: &GatewayName,
        event: &EventId,
    ) -> Read<Option<Payment>> {
        self.look_up(|conn| payment::find_by_event(conn, shop, gateway, event))
            .await
    }

    async fn list_payments_of(&self, shop: ShopId, invoice: InvoiceId) -> Read<Vec<Payment>> {
        self.look_up(|conn| payment::of_invoice(conn, shop, invoice))
            .await
    }

    async fn list_payments_through(
        &self,
        shop: ShopId,
        gateway: &GatewayName,
        from: Timestamp,
        to: Timestamp,
    ) -> Read<Vec<Payment>> {
        let (gateway, ids) = (gateway.clone(), (first_at(from), first_at(to)));
        self.scan(move |conn| payment::through(conn, shop, &gateway, ids))
            .await
    }

    async fn get_payment(&self, shop: ShopId, id: PaymentId) -> Read<Option<Payment>> {
        self.look_up(|conn| payment::find_by_id(conn, shop, id))
            .await
    }
}
