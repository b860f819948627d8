//! Charges: the attempts to collect an invoice. A charge is recorded before its gateway is called
//! and completed after it answered; what a crash leaves in between is mended by reconciling.

use chrono::Duration;
use serde_json::json;
use thiserror::Error;

use super::checkout::{Checkout, CheckoutError};
use super::settling::{Bill, close_charge};
use super::{deciding, outdated};
use crate::audit::{Actor, Entity, Kind};
use crate::gateway::{
    ChargeRequest, ChargeStatus, CreateMode, Effect, Gateway, GatewayError, GatewayName,
    NotOffered, OpenCharge, PaymentMethod,
};
use crate::id::{ChargeId, InvoiceId};
use crate::invoice::{Charge, ChargeState, Invoice, InvoiceState, Reference, Subject};
use crate::message::{Destination, Task};
use crate::money::{Money, MoneyError};
use crate::store::{CommitError, InvoiceWrite, Rejection, StoreError};

/// Why there is no charge to pay.
#[derive(Debug, Error)]
pub enum ChargeError {
    /// No such invoice.
    #[error("there is no such invoice")]
    UnknownInvoice,
    /// The shop has no such gateway.
    #[error("the shop has no gateway of this name")]
    UnknownGateway,
    /// The invoice asks for nothing any more.
    #[error("the invoice is {}", .0.as_str())]
    NotOpen(InvoiceState),
    /// The gateway made the charge when another had taken its place.
    #[error("the charge was given up before the gateway made it")]
    GivenUp,
    /// The gateway does not take the shop's currency, or not so little or so much.
    #[error(transparent)]
    Amount(#[from] NotOffered),
    /// The gateway refused or can't be reached.
    #[error(transparent)]
    Gateway(#[from] GatewayError),
    /// The amounts can't be computed.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// The store can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store can't be written.
    #[error(transparent)]
    Commit(#[from] CommitError),
}
outdated!(ChargeError);

impl Checkout<'_> {
    /// The charge to pay an invoice with, through this gateway: the open one, else a new one. The
    /// charges of other gateways are closed.
    ///
    /// # Errors
    /// [`ChargeError`]. Where the gateway can't be reached the charge stays recorded; asking again
    /// or reconciling completes it. Where the only gateway refuses, the invoice fails and its
    /// order is cancelled.
    pub async fn charge(
        &self,
        invoice: InvoiceId,
        gateway: &GatewayName,
    ) -> Result<Charge, ChargeError> {
        let method = self.0.method(gateway).ok_or(ChargeError::UnknownGateway)?;
        let method = self.stand_in(invoice, method).await?;
        let charge = deciding(|| self.recorded_charge(invoice, method)).await?;
        match charge.state {
            ChargeState::Created => match method.gateway.capabilities().create {
                CreateMode::FindByReference => self.find_or_open(&charge).await,
                CreateMode::Idempotent | CreateMode::Neither => self.open(&charge).await,
            },
            ChargeState::Open
            | ChargeState::Paid
            | ChargeState::Closed
            | ChargeState::Abandoned => Ok(charge),
        }
    }

    /// The way to pay that was chosen; while its gateway can't be reached, and the invoice has no
    /// charge there that could be paid, the next one that can and takes the amount.
    async fn stand_in<'a>(
        &'a self,
        invoice: InvoiceId,
        chosen: &'a PaymentMethod,
    ) -> Result<&'a PaymentMethod, ChargeError> {
        if chosen.gateway.is_available() {
            return Ok(chosen);
        }
        let charges = self.0.store().list_charges(self.0.id(), invoice).await?;
        let is_open = |charge: &Charge| {
            charge.state == ChargeState::Open && charge.gateway == *chosen.gateway.name()
        };
        if charges.iter().any(is_open) {
            return Ok(chosen);
        }
        let outstanding = self.get_invoice(invoice).await?.outstanding()?;
        let mut others = self.0.methods().iter();
        let other =
            others.find(|method| method.gateway.is_available() && method.asks(outstanding).is_ok());
        Ok(other.unwrap_or(chosen))
    }

    /// Asks the gateway for a charge that is recorded but not completed.
    pub(crate) async fn open(&self, charge: &Charge) -> Result<Charge, ChargeError> {
        let port = self
            .0
            .gateway(&charge.gateway)
            .ok_or(ChargeError::UnknownGateway)?;
        let invoice = self.get_invoice(charge.invoice).await?;
        let request = ChargeRequest {
            reference: charge.reference.clone(),
            amount: charge.asked,
            description: self.description(&invoice).await?,
            expires_at: invoice.expires_at,
        };
        match self
            .0
            .patiently(port.name(), port.create_charge(&request))
            .await
        {
            Ok(opened) => deciding(|| self.complete(charge.id, &opened)).await,
            Err(error) => {
                self.not_opened(charge, port.as_ref(), &error).await?;
                Err(error.into())
            }
        }
    }

    /// What the customer and the seller read at the gateway: the shop, and what is paid.
    async fn description(&self, invoice: &Invoice) -> Result<String, ChargeError> {
        let name = self.0.name();
        let order = match invoice.subject {
            Subject::Order(order) => self.0.store().find_order(self.0.id(), order).await?,
            Subject::Deposit => None,
        };
        Ok(order.map_or_else(
            || format!("{name}, deposit"),
            |order| format!("{name}, order {}", order.number),
        ))
    }

    /// Completes a charge that the gateway may know already: looks for it before asking again.
    pub(crate) async fn find_or_open(&self, charge: &Charge) -> Result<Charge, ChargeError> {
        let port = self
            .0
            .gateway(&charge.gateway)
            .ok_or(ChargeError::UnknownGateway)?;
        match self
            .0
            .patiently(port.name(), port.charge_status(charge))
            .await
        {
            Ok(ChargeStatus {
                open: Some(opened), ..
            }) => deciding(|| self.complete(charge.id, &opened)).await,
            Ok(ChargeStatus { open: None, .. }) => Ok(charge.clone()),
            Err(GatewayError::UnknownCharge) => self.open(charge).await,
            Err(error) => Err(error.into()),
        }
    }

    async fn recorded_charge(
        &self,
        invoice: InvoiceId,
        method: &PaymentMethod,
    ) -> Result<Charge, ChargeError> {
        let port = method.gateway.as_ref();
        let invoice = self.get_invoice(invoice).await?;
        let state = invoice.state_at(self.0.now());
        if !state.is_open() {
            return Err(ChargeError::NotOpen(state));
        }
        let bill = Bill::read(self.0, invoice).await?;
        let outstanding = bill.invoice.outstanding()?;
        let usable = |charge: &&Charge| {
            let live = match charge.state {
                ChargeState::Open => true,
                // The gateway may have it already, and would make a second one.
                ChargeState::Created => port.capabilities().create != CreateMode::Neither,
                ChargeState::Paid | ChargeState::Closed | ChargeState::Abandoned => false,
            };
            live && charge.gateway == *port.name() && charge.covers == outstanding
        };
        if let Some(charge) = bill.charges.iter().find(usable) {
            return Ok(charge.clone());
        }
        let charge = self.new_charge(&bill, method, outstanding).await?;
        let mut batch = self.0.batch(&Actor::Customer(bill.invoice.customer));
        bill.close_charges(&mut batch, None);
        bill.change(
            &mut batch,
            bill.invoice.state,
            bill.invoice.received,
            "charge made",
        );
        batch.push(InvoiceWrite::AddCharge(charge.clone()));
        match self.0.commit(batch).await {
            Ok(()) => Ok(charge),
            Err(CommitError::Rejected(Rejection::ReferenceTaken)) => {
                Err(CommitError::Conflict.into())
            }
            Err(error) => Err(error.into()),
        }
    }

    pub(super) async fn new_charge(
        &self,
        bill: &Bill,
        method: &PaymentMethod,
        covers: Money,
    ) -> Result<Charge, ChargeError> {
        let asked = method.asks(covers)?;
        let id: ChargeId = self.0.ids().next();
        let now = self.0.now();
        Ok(Charge {
            id,
            invoice: bill.invoice.id,
            gateway: method.gateway.name().clone(),
            reference: self.reference(&bill.invoice, id).await?,
            gateway_id: None,
            asked,
            payable: asked,
            covers,
            state: ChargeState::Created,
            pay_with: None,
            created_at: now,
            poll_at: Some(now + Duration::seconds(20)),
            polls: 0,
        })
    }

    /// `tg{person}-{8 hex}` for an order, `dp{person}-{8 hex}` for a deposit.
    async fn reference(
        &self,
        invoice: &Invoice,
        charge: ChargeId,
    ) -> Result<Reference, ChargeError> {
        let customer = self
            .0
            .store()
            .get_customer(self.0.id(), invoice.customer)
            .await?;
        let contact = customer.map(|customer| customer.contact);
        let person: String = contact
            .iter()
            .flat_map(|c| c.external.as_str().chars())
            .collect();
        let person: String = person
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(24)
            .collect();
        let prefix = match (invoice.subject, &contact) {
            (Subject::Deposit, _) => "dp",
            (Subject::Order(_), Some(contact)) if contact.frontend.as_str() == "telegram" => "tg",
            (Subject::Order(_), _) => "or",
        };
        let bytes = charge.as_bytes();
        let tail = bytes[12..]
            .iter()
            .fold(0_u32, |all, byte| (all << 8) | u32::from(*byte));
        let text = format!("{prefix}{person}-{tail:08x}");
        Reference::parse(&text).map_err(|_| ChargeError::UnknownInvoice)
    }

    async fn complete(&self, id: ChargeId, opened: &OpenCharge) -> Result<Charge, ChargeError> {
        let charge = self.get_charge(id).await?;
        match charge.state {
            ChargeState::Created => {}
            ChargeState::Open | ChargeState::Paid => return Ok(charge),
            ChargeState::Closed | ChargeState::Abandoned => return self.take_back(&charge).await,
        }
        let (payable, asked) = (opened.payable, charge.asked);
        if payable.currency() != asked.currency() || payable.minor() < asked.minor() {
            let reason = format!("the gateway asks for {payable} instead of {asked}");
            return Err(GatewayError::Refused(reason).into());
        }
        let invoice = self.get_invoice(charge.invoice).await?;
        let bill = Bill::read(self.0, invoice).await?;
        let mut batch = self.0.batch(&Actor::Gateway(charge.gateway.clone()));
        if !bill.invoice.state.is_open() {
            close_charge(&mut batch, &charge);
            let entity = Entity::new(Kind::Invoice, bill.invoice.id);
            batch.record(
                entity,
                "charge came too late",
                json!({ "reference": charge.reference }),
            );
            self.0.commit(batch).await?;
            return Err(ChargeError::NotOpen(bill.invoice.state));
        }
        let poll_at = self.0.now() + Duration::seconds(2);
        let OpenCharge {
            id: gateway_id,
            payable,
            pay_with,
        } = opened.clone();
        bill.change(
            &mut batch,
            InvoiceState::Waiting,
            bill.invoice.received,
            "charge opened",
        );
        batch.push(InvoiceWrite::OpenCharge {
            charge: id,
            gateway_id: gateway_id.clone(),
            payable,
            pay_with: pay_with.clone(),
            poll_at,
        });
        self.0.commit(batch).await?;
        let (pay_with, poll_at) = (Some(pay_with), Some(poll_at));
        Ok(Charge {
            state: ChargeState::Open,
            gateway_id,
            payable,
            pay_with,
            poll_at,
            ..charge
        })
    }

    /// Gives a charge up that its gateway made when nobody wanted it any more.
    async fn take_back(&self, charge: &Charge) -> Result<Charge, ChargeError> {
        let invoice = self.get_invoice(charge.invoice).await?;
        let mut batch = self.0.batch(&Actor::Gateway(charge.gateway.clone()));
        let (entity, id) = (Entity::new(Kind::Invoice, invoice.id), charge.id);
        let details = json!({ "reference": charge.reference });
        batch
            .enqueue(Destination::Gateway, id, Task::CancelCharge { charge: id })
            .record(entity, "charge came too late", details);
        self.0.commit(batch).await?;
        Err(if invoice.state.is_open() {
            ChargeError::GivenUp
        } else {
            ChargeError::NotOpen(invoice.state)
        })
    }

    /// A charge whose gateway refused it, or that can't be found again after a lost reply, is
    /// abandoned; a payment on it still finds its invoice.
    async fn not_opened(
        &self,
        charge: &Charge,
        port: &dyn Gateway,
        error: &GatewayError,
    ) -> Result<(), ChargeError> {
        let lost =
            error.effect() == Effect::Unknown && port.capabilities().create == CreateMode::Neither;
        let refused = !matches!(error, GatewayError::Unavailable { .. });
        let told: &(dyn std::error::Error + Send + Sync) = error;
        tracing::warn!(gateway = %charge.gateway, reference = %charge.reference, error = told, "a charge could not be opened");
        if !lost && !refused {
            return Ok(());
        }
        deciding(|| self.abandon(charge.id)).await?;
        if refused && self.0.methods().len() == 1 {
            self.fail(charge.invoice).await?;
        }
        Ok(())
    }

    pub(crate) async fn abandon(&self, id: ChargeId) -> Result<(), ChargeError> {
        let charge = self.get_charge(id).await?;
        if charge.state != ChargeState::Created {
            return Ok(());
        }
        let mut batch = self.0.batch(&Actor::Gateway(charge.gateway.clone()));
        let (from, to) = (ChargeState::Created, ChargeState::Abandoned);
        let details = json!({ "reference": charge.reference });
        batch
            .push(InvoiceWrite::MoveCharge {
                charge: id,
                from,
                to,
            })
            .record(
                Entity::new(Kind::Invoice, charge.invoice),
                "charge abandoned",
                details,
            );
        Ok(self.0.commit(batch).await?)
    }

    async fn get_invoice(&self, invoice: InvoiceId) -> Result<Invoice, ChargeError> {
        let found = self.0.store().find_invoice(self.0.id(), invoice).await?;
        found.ok_or(ChargeError::UnknownInvoice)
    }

    async fn get_charge(&self, charge: ChargeId) -> Result<Charge, ChargeError> {
        let found = self.0.store().get_charge(self.0.id(), charge).await?;
        found.ok_or(ChargeError::UnknownInvoice)
    }

    /// The gateways that take what an invoice still asks for, in the order of offer; those that
    /// can't be reached by now only where there are no others.
    ///
    /// # Errors
    /// [`CheckoutError::Totals`] when the amounts can't be computed.
    pub fn gateways_for(&self, invoice: &Invoice) -> Result<Vec<GatewayName>, CheckoutError> {
        let outstanding = invoice.outstanding()?;
        let methods = self.0.methods().iter();
        let take: Vec<_> = methods
            .filter(|method| method.asks(outstanding).is_ok())
            .collect();
        let reached = take.iter().any(|method| method.gateway.is_available());
        let offered = take
            .iter()
            .filter(|method| method.gateway.is_available() || !reached);
        Ok(offered
            .map(|method| method.gateway.name().clone())
            .collect())
    }
}
