//! Pakasir: QRIS codes and virtual accounts of Indonesian banks, in rupiah.
//!
//! As its integration guide tells (<https://pakasir.com/p/docs>, sections C "Integrasi Via API",
//! D "Webhook" and E "Transaction Detail API"). What may surprise:
//!
//! - The shop sends the base amount ([`Charge::asked`]); Pakasir adds its fee, and the customer pays
//!   its `total_payment` ([`Charge::payable`]). Everything it tells later names the base amount.
//! - A transaction is named by project, `order_id` and base amount together, and is paid once and
//!   whole, so its payment goes by the shop's reference.
//! - Webhooks are not signed: one makes the shop ask, and nothing in it is believed.
//! - There is no other host for its sandbox: a project is in that mode, or not.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use reqwest::{Method, RequestBuilder};
use shopcore::gateway::{
    Capabilities, ChargeRequest, ChargeStatus, CreateMode, Gateway, GatewayError, GatewayName,
    OpenCharge, Support, VerifiedWebhook, WebhookError, WebhookRequest,
};
use shopcore::invoice::{BankAccount, Charge, EventId, PayWith, PaymentEvent, Reference};
use shopcore::money::{Currency, Money};
use shopcore::time::{Clock, SystemClock};

use crate::Mode;
use crate::call::{Caller, Limits, NoClient, Repeat, Secret};

mod method;
mod wire;

pub use method::{PakasirMethod, UnknownPakasirMethod};
use wire::{Done, Notice, Opened, Order, Status, Told, Transaction, refused};

/// The least that can be asked for.
const MINIMUM: Money = Money::new(500, Currency::IDR);

/// How Pakasir is set up.
#[derive(Debug, Clone)]
pub struct PakasirOptions {
    /// The gateway's name in the shop, and in the address of its webhooks.
    pub name: GatewayName,
    /// Where it is.
    pub base: String,
    /// The project's slug.
    pub project: String,
    /// The project's API key.
    pub api_key: Secret,
    /// How customers pay.
    pub method: PakasirMethod,
    /// The mode the project is in.
    pub mode: Mode,
    /// How long it is waited for, and how often it is asked.
    pub limits: Limits,
    /// Tells when the circuit may close again, and when a payment was made that has no time.
    pub clock: Arc<dyn Clock>,
}

impl PakasirOptions {
    /// Where Pakasir is, in both modes.
    pub const BASE: &'static str = "https://app.pakasir.com";

    /// QRIS in a project that moves real money.
    #[must_use]
    pub fn new(name: GatewayName, project: String, api_key: Secret) -> Self {
        Self {
            name,
            base: Self::BASE.to_owned(),
            project,
            api_key,
            method: PakasirMethod::Qris,
            mode: Mode::Live,
            limits: Limits::default(),
            clock: Arc::new(SystemClock),
        }
    }
}

/// Collects through Pakasir.
pub struct Pakasir {
    name: GatewayName,
    capabilities: Capabilities,
    project: String,
    api_key: Secret,
    method: PakasirMethod,
    caller: Caller,
    clock: Arc<dyn Clock>,
}

impl fmt::Debug for Pakasir {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pakasir({}, {})", self.name, self.project)
    }
}

impl Pakasir {
    /// Makes the gateway; nothing is called yet.
    ///
    /// # Errors
    /// [`NoClient`].
    pub fn new(options: PakasirOptions) -> Result<Self, NoClient> {
        let caller = Caller::new(&options.base, options.limits, Arc::clone(&options.clock))?;
        Ok(Self {
            name: options.name,
            capabilities: capabilities(options.mode),
            project: options.project,
            api_key: options.api_key,
            method: options.method,
            caller,
            clock: options.clock,
        })
    }

    fn order<'a>(&'a self, reference: &'a Reference, asked: Money) -> Order<'a> {
        Order {
            project: &self.project,
            order_id: reference.as_str(),
            amount: asked.minor(),
            api_key: self.api_key.reveal(),
        }
    }

    fn post(&self, path: &str, order: &Order<'_>) -> RequestBuilder {
        self.caller.request(Method::POST, path).json(order)
    }

    /// Makes a call about a charge that answers whether it was done.
    async fn tell(&self, path: &str, charge: &Charge) -> Result<(), GatewayError> {
        let request = self.post(path, &self.order(&charge.reference, charge.asked));
        let done: Done = self.caller.call(Repeat::Safe, request).await?;
        match done.success {
            true => Ok(()),
            false => Err(refused("it was not done")),
        }
    }

    fn pay_with(&self, number: String) -> PayWith {
        match self.method.bank() {
            None => PayWith::Qr(number),
            Some(bank) => PayWith::Account(BankAccount {
                bank: bank.to_owned(),
                number,
                holder: None,
            }),
        }
    }

    /// The payment of a transaction that is whole: what the customer paid is the gateway's total.
    fn payment(&self, charge: &Charge, paid: &Transaction) -> Result<PaymentEvent, GatewayError> {
        let event = EventId::parse(charge.reference.as_str());
        Ok(PaymentEvent {
            gateway: self.name.clone(),
            event: event.map_err(|_| refused("its reference is too long"))?,
            reference: charge.reference.clone(),
            amount: charge.payable,
            paid_at: paid.completed_at().unwrap_or_else(|| self.clock.now()),
        })
    }
}

fn capabilities(mode: Mode) -> Capabilities {
    Capabilities {
        create: CreateMode::Idempotent,
        currencies: vec![Currency::IDR],
        minimum: Some(MINIMUM),
        maximum: None,
        cancel: Support::Yes,
        refund: Support::No,
        statement: Support::No,
        webhooks: Support::Yes,
        simulate: match mode {
            Mode::Live => Support::No,
            Mode::Sandbox => Support::Yes,
        },
    }
}

/// What is left of a charge to be paid, as the gateway told when it was made.
fn still_open(charge: &Charge) -> Option<OpenCharge> {
    let pay_with = charge.pay_with.clone()?;
    Some(OpenCharge {
        id: None,
        payable: charge.payable,
        pay_with,
    })
}

#[async_trait]
impl Gateway for Pakasir {
    fn name(&self) -> &GatewayName {
        &self.name
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn create_charge(&self, request: &ChargeRequest) -> Result<OpenCharge, GatewayError> {
        let order = self.order(&request.reference, request.amount);
        let path = format!("/api/transactioncreate/{}", self.method.as_str());
        let told: Opened = self
            .caller
            .call(Repeat::Safe, self.post(&path, &order))
            .await?;
        let payment = told
            .payment
            .ok_or_else(|| refused("it made no transaction"))?;
        Ok(OpenCharge {
            id: None,
            payable: payment.total(&order)?,
            pay_with: self.pay_with(payment.payment_number),
        })
    }

    async fn charge_status(&self, charge: &Charge) -> Result<ChargeStatus, GatewayError> {
        let order = self.order(&charge.reference, charge.asked);
        let request = self
            .caller
            .request(Method::GET, "/api/transactiondetail")
            .query(&order);
        let told: Told = self.caller.call(Repeat::Safe, request).await?;
        let found = told.transaction;
        let found = found.ok_or_else(|| refused("it tells of no transaction"))?;
        found.check(&order)?;
        let (open, payments) = match found.status {
            Status::Completed => (None, vec![self.payment(charge, &found)?]),
            Status::Pending => (still_open(charge), Vec::new()),
            Status::Ended => (None, Vec::new()),
        };
        Ok(ChargeStatus { open, payments })
    }

    async fn cancel_charge(&self, charge: &Charge) -> Result<(), GatewayError> {
        self.tell("/api/transactioncancel", charge).await
    }

    fn is_available(&self) -> bool {
        self.caller.is_available()
    }

    fn verify_webhook(&self, request: WebhookRequest<'_>) -> Result<VerifiedWebhook, WebhookError> {
        let notice: Notice =
            serde_json::from_slice(request.body).map_err(|_| WebhookError::Malformed)?;
        if notice.project != self.project {
            return Err(WebhookError::OtherAccount);
        }
        Ok(match notice.status {
            Status::Completed => VerifiedWebhook::Ask(notice.order_id),
            Status::Pending | Status::Ended => VerifiedWebhook::Payments(Vec::new()),
        })
    }

    async fn simulate_payment(&self, charge: &Charge, amount: Money) -> Result<(), GatewayError> {
        if self.capabilities.simulate == Support::No {
            return Err(GatewayError::Unsupported);
        }
        if amount != charge.payable {
            return Err(refused("it simulates whole payments only"));
        }
        self.tell("/api/paymentsimulation", charge).await
    }
}
