//! Invoices, charges and payments.

use async_trait::async_trait;

use super::tables::Tables;
use super::{Done, MemoryStore, Read, count, part, rows};
use crate::id::{ChargeId, CustomerId, InvoiceId, OrderId, PaymentId, ShopId, first_at};
use crate::invoice::{
    Charge, ChargeState, EventId, GatewayName, Invoice, InvoiceState, Payment, Reference, Subject,
};
use crate::money::Money;
use crate::store::{CommitError, InvoiceReader, InvoiceWrite, Listing, Page, Rejection};
use crate::time::Timestamp;

impl Tables {
    pub(super) fn write_invoice(&mut self, write: &InvoiceWrite) -> Done {
        match write {
            InvoiceWrite::Add(invoice) => self.add_invoice(invoice),
            InvoiceWrite::Change {
                invoice,
                version,
                from,
                to,
                received,
            } => self.change_invoice(*invoice, (*version, *from), (*to, *received)),
            InvoiceWrite::SetExpiry {
                invoice,
                version,
                expires_at,
            } => self.set_expiry(*invoice, *version, *expires_at),
            InvoiceWrite::AddCharge(charge) => self.add_charge(charge),
            InvoiceWrite::OpenCharge {
                charge,
                gateway_id,
                payable,
                pay_with,
                poll_at,
            } => {
                let open = |row: &mut Charge| {
                    row.gateway_id.clone_from(gateway_id);
                    row.payable = *payable;
                    row.pay_with = Some(pay_with.clone());
                    row.poll_at = Some(*poll_at);
                };
                let asked = self.charges.read(charge)?.asked.currency();
                if asked != payable.currency() {
                    return Err(CommitError::Conflict);
                }
                self.move_charge(*charge, ChargeState::Created, ChargeState::Open, open)
            }
            InvoiceWrite::MoveCharge { charge, from, to } => {
                self.move_charge(*charge, *from, *to, |_| {})
            }
            InvoiceWrite::PollCharge { charge, poll_at } => self.poll_charge(*charge, *poll_at),
            InvoiceWrite::RecordPayment(payment) => self.record_payment(payment),
        }
    }

    fn add_invoice(&mut self, invoice: &Invoice) -> Done {
        if let Some(order) = invoice.subject.order() {
            self.invoice_of.insert(order, invoice.id)?;
        }
        self.invoices.insert(invoice.id, invoice.clone())
    }

    fn change_invoice(
        &mut self,
        id: InvoiceId,
        (version, from): (u32, InvoiceState),
        (to, received): (InvoiceState, Money),
    ) -> Done {
        let mut invoice = self.invoices.read(&id)?;
        let as_read = invoice.version == version && invoice.state == from;
        if !as_read || !(from == to || from.may_become(to)) {
            return Err(CommitError::Conflict);
        }
        invoice.version = version.saturating_add(1);
        invoice.state = to;
        invoice.received = received;
        self.invoices.put(id, invoice);
        Ok(())
    }

    fn set_expiry(&mut self, id: InvoiceId, version: u32, expires_at: Timestamp) -> Done {
        let mut invoice = self.invoices.read(&id)?;
        if invoice.version != version || !invoice.state.is_open() {
            return Err(CommitError::Conflict);
        }
        invoice.version = version.saturating_add(1);
        invoice.expires_at = expires_at;
        self.invoices.put(id, invoice);
        Ok(())
    }

    fn add_charge(&mut self, charge: &Charge) -> Done {
        let key = (charge.gateway.clone(), charge.reference.clone());
        self.references
            .claim(key, charge.id, Rejection::ReferenceTaken)?;
        self.charges_of.put((charge.invoice, charge.id), ());
        self.charges.insert(charge.id, charge.clone())
    }

    fn move_charge(
        &mut self,
        id: ChargeId,
        from: ChargeState,
        to: ChargeState,
        change: impl FnOnce(&mut Charge),
    ) -> Done {
        let mut charge = self.charges.read(&id)?;
        if charge.state != from || !from.may_become(to) {
            return Err(CommitError::Conflict);
        }
        charge.state = to;
        change(&mut charge);
        self.charges.put(id, charge);
        Ok(())
    }

    fn poll_charge(&mut self, id: ChargeId, poll_at: Option<Timestamp>) -> Done {
        let mut charge = self.charges.read(&id)?;
        charge.poll_at = poll_at;
        charge.polls = charge.polls.saturating_add(1);
        self.charges.put(id, charge);
        Ok(())
    }

    fn record_payment(&mut self, payment: &Payment) -> Done {
        let key = (payment.gateway.clone(), payment.event.clone());
        self.events.claim(key, payment.id, Rejection::PaymentSeen)?;
        self.payments.insert(payment.id, payment.clone())
    }
}

#[async_trait]
impl InvoiceReader for MemoryStore {
    async fn find_invoice(&self, shop: ShopId, invoice: InvoiceId) -> Read<Option<Invoice>> {
        Ok(self.read(shop, |tables| tables.invoices.get(&invoice).cloned()))
    }

    async fn find_invoice_of(&self, shop: ShopId, order: OrderId) -> Read<Option<Invoice>> {
        Ok(self.read(shop, |tables| {
            let id = tables.invoice_of.get(&order)?;
            tables.invoices.get(id).cloned()
        }))
    }

    async fn list_due_invoices(
        &self,
        shop: ShopId,
        at: Timestamp,
        limit: u32,
    ) -> Read<Vec<Invoice>> {
        Ok(self.read(shop, |tables| {
            let due = |invoice: &&Invoice| invoice.state.is_open() && invoice.expires_at <= at;
            let mut found: Vec<_> = tables.invoices.values().filter(due).collect();
            found.sort_by_key(|invoice| (invoice.expires_at, invoice.id));
            found.into_iter().take(rows(limit)).cloned().collect()
        }))
    }

    async fn list_open_deposits(&self, shop: ShopId, customer: CustomerId) -> Read<Vec<Invoice>> {
        Ok(self.read(shop, |tables| {
            let open = |invoice: &&Invoice| {
                invoice.customer == customer
                    && invoice.subject == Subject::Deposit
                    && invoice.state.is_open()
            };
            tables
                .invoices
                .values()
                .rev()
                .filter(open)
                .cloned()
                .collect()
        }))
    }

    async fn list_unpaid_deposits(
        &self,
        shop: ShopId,
        customer: CustomerId,
        page: Page,
    ) -> Read<Listing<Invoice>> {
        Ok(self.read(shop, |tables| {
            let unpaid = |invoice: &&Invoice| {
                invoice.customer == customer
                    && invoice.subject == Subject::Deposit
                    && invoice.state != InvoiceState::Paid
            };
            let newest = tables.invoices.values().rev();
            let all: Vec<_> = newest.filter(unpaid).cloned().collect();
            Listing {
                total: count(all.len()),
                items: part(all.into_iter(), page),
            }
        }))
    }

    async fn list_charges(&self, shop: ShopId, invoice: InvoiceId) -> Read<Vec<Charge>> {
        Ok(self.read(shop, |tables| {
            let ids = tables.charges_of.under(invoice);
            ids.filter_map(|id| tables.charges.get(&id).cloned())
                .collect()
        }))
    }

    async fn get_charge(&self, shop: ShopId, charge: ChargeId) -> Read<Option<Charge>> {
        Ok(self.read(shop, |tables| tables.charges.get(&charge).cloned()))
    }

    async fn find_charge(
        &self,
        shop: ShopId,
        gateway: &GatewayName,
        reference: &Reference,
    ) -> Read<Option<Charge>> {
        let key = (gateway.clone(), reference.clone());
        Ok(self.read(shop, |tables| {
            let id = tables.references.get(&key)?;
            tables.charges.get(id).cloned()
        }))
    }

    async fn list_charges_to_poll(
        &self,
        shop: ShopId,
        at: Timestamp,
        limit: u32,
    ) -> Read<Vec<Charge>> {
        Ok(self.read(shop, |tables| {
            let due = |charge: &&Charge| charge.poll_at.is_some_and(|poll_at| poll_at <= at);
            let mut found: Vec<_> = tables.charges.values().filter(due).collect();
            found.sort_by_key(|charge| (charge.poll_at, charge.id));
            found.into_iter().take(rows(limit)).cloned().collect()
        }))
    }

    async fn find_payment(
        &self,
        shop: ShopId,
        gateway: &GatewayName,
        event: &EventId,
    ) -> Read<Option<Payment>> {
        let key = (gateway.clone(), event.clone());
        Ok(self.read(shop, |tables| {
            let id = tables.events.get(&key)?;
            tables.payments.get(id).cloned()
        }))
    }

    async fn list_payments_of(&self, shop: ShopId, invoice: InvoiceId) -> Read<Vec<Payment>> {
        Ok(self.read(shop, |tables| {
            let payments = tables.payments.values();
            let of = payments.filter(|payment| payment.invoice == Some(invoice));
            of.cloned().collect()
        }))
    }

    async fn list_payments_through(
        &self,
        shop: ShopId,
        gateway: &GatewayName,
        from: Timestamp,
        to: Timestamp,
    ) -> Read<Vec<Payment>> {
        let (first, end): (PaymentId, PaymentId) = (first_at(from), first_at(to));
        Ok(self.read(shop, |tables| {
            let payments = tables.payments.values();
            let through = payments.filter(|payment| {
                payment.gateway == *gateway && first <= payment.id && payment.id < end
            });
            through.cloned().collect()
        }))
    }

    async fn get_payment(&self, shop: ShopId, payment: PaymentId) -> Read<Option<Payment>> {
        Ok(self.read(shop, |tables| tables.payments.get(&payment).cloned()))
    }
}
