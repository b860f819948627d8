//! Invoices and their charges.

use async_trait::async_trait;
use uuid::Uuid;

use super::gather::{Question, gathered};
use super::payment::{ByEvent, payment, select_payments};
use super::rows::{Columns, Query, Sql, query, query_of};
use super::{PostgresStore, Read};
use crate::id::{ChargeId, CustomerId, InvoiceId, OrderId, PaymentId, ShopId, first_at};
use crate::invoice::{Charge, EventId, GatewayName, Invoice, Payment, Reference, Subject};
use crate::money::Money;
use crate::store::{InvoiceReader, Listing, Page};
use crate::time::Timestamp;

/// The columns that [`invoice`] reads.
macro_rules! select_invoices {
    ($rest:literal) => {
        concat!(
            "SELECT id, order_id, customer_id, amount, received, currency, state, expires_at, \
             created_at, version FROM invoices ",
            $rest
        )
    };
}

/// The columns that [`charge`] reads.
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

/// Every invoice, by id.
pub(super) const INVOICES: &str = select_invoices!("WHERE shop_id = $1 ORDER BY id");

/// Every charge, by id.
pub(super) const CHARGES: &str = select_charges!("WHERE shop_id = $1 ORDER BY id");

pub(super) fn invoice(columns: &mut Columns<'_>) -> Sql<Invoice> {
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
        version: columns.number()?,
    })
}

pub(super) fn charge(columns: &mut Columns<'_>) -> Sql<Charge> {
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
        polls: columns.number()?,
    })
}

/// An invoice.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ById(ShopId, InvoiceId);

impl Question for ById {
    type Row = Invoice;

    fn ask(questions: &[&Self]) -> Query {
        let sql = gathered!(
            "$2::uuid[]",
            "invoice_id",
            select_invoices!("AS i WHERE i.shop_id = asked.shop_id AND i.id = asked.invoice_id"),
            ""
        );
        let invoices = questions
            .iter()
            .map(|Self(_, invoice)| Uuid::from(*invoice));
        let invoices: Vec<_> = invoices.collect();
        query_of(sql, questions.iter().map(|Self(shop, _)| *shop)).bind(invoices)
    }

    fn read(columns: &mut Columns<'_>) -> Sql<Self::Row> {
        invoice(columns)
    }
}

/// The charges of an invoice, oldest first.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ByInvoice(ShopId, InvoiceId);

impl Question for ByInvoice {
    type Row = Charge;

    fn ask(questions: &[&Self]) -> Query {
        let sql = gathered!(
            "$2::uuid[]",
            "invoice_id",
            select_charges!(
                "AS c WHERE c.shop_id = asked.shop_id AND c.invoice_id = asked.invoice_id"
            ),
            ", found.id"
        );
        let invoices = questions
            .iter()
            .map(|Self(_, invoice)| Uuid::from(*invoice));
        let invoices: Vec<_> = invoices.collect();
        query_of(sql, questions.iter().map(|Self(shop, _)| *shop)).bind(invoices)
    }

    fn read(columns: &mut Columns<'_>) -> Sql<Self::Row> {
        charge(columns)
    }
}

/// The charge of a reference.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ByReference(ShopId, GatewayName, Reference);

impl Question for ByReference {
    type Row = Charge;

    fn ask(questions: &[&Self]) -> Query {
        let sql = gathered!(
            "$2::text[], $3::text[]",
            "gateway, reference",
            select_charges!(
                "AS c WHERE c.shop_id = asked.shop_id AND c.gateway = asked.gateway
                    AND c.reference = asked.reference"
            ),
            ""
        );
        let gateways = questions
            .iter()
            .map(|Self(_, gateway, _)| gateway.as_str().to_owned());
        let references = questions
            .iter()
            .map(|Self(_, _, reference)| reference.as_str().to_owned());
        let (gateways, references): (Vec<_>, Vec<_>) = (gateways.collect(), references.collect());
        let of = query_of(sql, questions.iter().map(|Self(shop, ..)| *shop));
        of.bind(gateways).bind(references)
    }

    fn read(columns: &mut Columns<'_>) -> Sql<Self::Row> {
        charge(columns)
    }
}

#[async_trait]
impl InvoiceReader for PostgresStore {
    async fn find_invoice(&self, shop: ShopId, id: InvoiceId) -> Read<Option<Invoice>> {
        self.gathered.invoices.find(ById(shop, id)).await
    }

    async fn find_invoice_of(&self, shop: ShopId, order: OrderId) -> Read<Option<Invoice>> {
        let sql = select_invoices!("WHERE shop_id = $1 AND order_id = $2");
        self.find(|| query(sql, shop).bind(Uuid::from(order)), invoice)
            .await
    }

    async fn list_due_invoices(
        &self,
        shop: ShopId,
        at: Timestamp,
        limit: u32,
    ) -> Read<Vec<Invoice>> {
        let sql = select_invoices!(
            "WHERE shop_id = $1 AND state IN ('created', 'waiting') AND expires_at <= $2
            ORDER BY expires_at, id LIMIT $3"
        );
        let query = || {
            let due = query(sql, shop).bind(at.timestamp_micros());
            due.bind(i64::from(limit))
        };
        self.all(query, invoice).await
    }

    async fn list_open_deposits(&self, shop: ShopId, customer: CustomerId) -> Read<Vec<Invoice>> {
        let sql = select_invoices!(
            "WHERE shop_id = $1 AND customer_id = $2
                AND order_id IS NULL AND state IN ('created', 'waiting')
            ORDER BY id DESC"
        );
        self.all(|| query(sql, shop).bind(Uuid::from(customer)), invoice)
            .await
    }

    async fn list_unpaid_deposits(
        &self,
        shop: ShopId,
        customer: CustomerId,
        page: Page,
    ) -> Read<Listing<Invoice>> {
        let sql = "SELECT total, i.id, i.order_id, i.customer_id, i.amount, i.received, i.currency,
                i.state, i.expires_at, i.created_at, i.version
            FROM (SELECT count(*) AS total FROM invoices WHERE shop_id = $1 AND customer_id = $2
                AND order_id IS NULL AND state <> 'paid') AS counted
            LEFT JOIN (SELECT * FROM invoices WHERE shop_id = $1 AND customer_id = $2
                AND order_id IS NULL AND state <> 'paid'
                ORDER BY id DESC LIMIT $3 OFFSET $4) AS i ON TRUE
            ORDER BY i.id DESC";
        let query = || {
            let of = query(sql, shop).bind(Uuid::from(customer));
            of.bind(i64::from(page.limit)).bind(i64::from(page.offset))
        };
        self.list(query, invoice).await
    }

    async fn list_charges(&self, shop: ShopId, invoice: InvoiceId) -> Read<Vec<Charge>> {
        let question = ByInvoice(shop, invoice);
        self.gathered.charges_of.all(vec![question]).await
    }

    async fn get_charge(&self, shop: ShopId, id: ChargeId) -> Read<Option<Charge>> {
        let sql = select_charges!("WHERE shop_id = $1 AND id = $2");
        self.find(|| query(sql, shop).bind(Uuid::from(id)), charge)
            .await
    }

    async fn find_charge(
        &self,
        shop: ShopId,
        gateway: &GatewayName,
        reference: &Reference,
    ) -> Read<Option<Charge>> {
        let question = ByReference(shop, gateway.clone(), reference.clone());
        self.gathered.charges.find(question).await
    }

    async fn list_charges_to_poll(
        &self,
        shop: ShopId,
        at: Timestamp,
        limit: u32,
    ) -> Read<Vec<Charge>> {
        let sql =
            select_charges!("WHERE shop_id = $1 AND poll_at <= $2 ORDER BY poll_at, id LIMIT $3");
        let query = || {
            let due = query(sql, shop).bind(at.timestamp_micros());
            due.bind(i64::from(limit))
        };
        self.all(query, charge).await
    }

    async fn find_payment(
        &self,
        shop: ShopId,
        gateway: &GatewayName,
        event: &EventId,
    ) -> Read<Option<Payment>> {
        let question = ByEvent(shop, gateway.clone(), event.clone());
        self.gathered.payments.find(question).await
    }

    async fn list_payments_of(&self, shop: ShopId, invoice: InvoiceId) -> Read<Vec<Payment>> {
        let sql = select_payments!("WHERE shop_id = $1 AND invoice_id = $2 ORDER BY id");
        self.all(|| query(sql, shop).bind(Uuid::from(invoice)), payment)
            .await
    }

    async fn list_payments_through(
        &self,
        shop: ShopId,
        gateway: &GatewayName,
        from: Timestamp,
        to: Timestamp,
    ) -> Read<Vec<Payment>> {
        let sql = select_payments!(
            "WHERE shop_id = $1 AND id >= $2 AND id < $3 AND gateway = $4 ORDER BY id"
        );
        let (first, end): (PaymentId, PaymentId) = (first_at(from), first_at(to));
        let query = || {
            let within = query(sql, shop)
                .bind(Uuid::from(first))
                .bind(Uuid::from(end));
            within.bind(gateway.as_str().to_owned())
        };
        self.all(query, payment).await
    }

    async fn get_payment(&self, shop: ShopId, id: PaymentId) -> Read<Option<Payment>> {
        let sql = select_payments!("WHERE shop_id = $1 AND id = $2");
        self.find(|| query(sql, shop).bind(Uuid::from(id)), payment)
            .await
    }
}
