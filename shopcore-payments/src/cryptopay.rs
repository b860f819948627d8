//! Crypto Pay: invoices in a fiat currency that customers pay with crypto-currencies in Telegram's
//! @CryptoBot.
//!
//! As its API tells (<https://help.crypt.bot/crypto-pay-api>: "createInvoice", "getInvoices",
//! "deleteInvoice", "Webhooks"). What may surprise:
//!
//! - Invoices have no key of the shop's. The reference stands in the payload, and an invoice whose
//!   reply was lost is looked for among the newest ones.
//! - An invoice is paid once and whole, in an asset the customer chooses; what the shop is owed is the
//!   amount in fiat. So its payment goes by the invoice's id, and its amount is what was asked for.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use shopcore::gateway::{
    Capabilities, ChargeRequest, ChargeStatus, CreateMode, Gateway, GatewayError, GatewayName,
    OpenCharge, Support, VerifiedWebhook, WebhookError, WebhookRequest,
};
use shopcore::invoice::{Charge, EventId, PaymentEvent};
use shopcore::money::Currency;
use shopcore::time::{Clock, SystemClock, Timestamp};

use crate::Mode;
use crate::call::{Caller, Limits, NoClient, Repeat, Secret};
use crate::hex::unhex;

mod wire;

use wire::{Ask, Asked, Invoice, Items, Named, Told, Update, refused};

/// How many invoices a page has.
const PAGE: u32 = 100;

/// Among how many of the newest invoices one is looked for.
const SEARCHED: u32 = 1_000;

/// The longest that an invoice can be paid.
const LIFE_MAX: TimeDelta = TimeDelta::days(31);

/// How Crypto Pay is set up.
#[derive(Debug, Clone)]
pub struct CryptoPayOptions {
    /// The gateway's name in the shop, and in the address of its webhooks.
    pub name: GatewayName,
    /// Where its API is.
    pub base: String,
    /// The app's token.
    pub token: Secret,
    /// The fiat currency of the invoices.
    pub currency: Currency,
    /// The assets that customers may pay with, such as `USDT`; none: all.
    pub assets: Vec<String>,
    /// How long it is waited for, and how often it is asked.
    pub limits: Limits,
    /// Tells how long a charge has left, and when the circuit may close again.
    pub clock: Arc<dyn Clock>,
}

impl CryptoPayOptions {
    /// An app of this mode: the sandbox is the testnet of @CryptoTestnetBot.
    #[must_use]
    pub fn new(name: GatewayName, mode: Mode, token: Secret, currency: Currency) -> Self {
        let base = match mode {
            Mode::Live => "https://pay.crypt.bot",
            Mode::Sandbox => "https://testnet-pay.crypt.bot",
        };
        Self {
            name,
            base: base.to_owned(),
            token,
            currency,
            assets: Vec::new(),
            limits: Limits::default(),
            clock: Arc::new(SystemClock),
        }
    }
}

/// Collects through Crypto Pay.
pub struct CryptoPay {
    name: GatewayName,
    capabilities: Capabilities,
    token: Secret,
    currency: Currency,
    assets: Option<String>,
    caller: Caller,
    clock: Arc<dyn Clock>,
}

impl fmt::Debug for CryptoPay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CryptoPay({})", self.name)
    }
}

impl CryptoPay {
    /// Makes the gateway; nothing is called yet.
    ///
    /// # Errors
    /// [`NoClient`].
    pub fn new(options: CryptoPayOptions) -> Result<Self, NoClient> {
        let caller = Caller::new(&options.base, options.limits, Arc::clone(&options.clock))?;
        Ok(Self {
            name: options.name,
            capabilities: Capabilities {
                create: CreateMode::FindByReference,
                currencies: vec![options.currency],
                minimum: None,
                maximum: None,
                cancel: Support::Yes,
                refund: Support::No,
                statement: Support::Yes,
                webhooks: Support::Yes,
                simulate: Support::No,
            },
            token: options.token,
            currency: options.currency,
            assets: (!options.assets.is_empty()).then(|| options.assets.join(",")),
            caller,
            clock: options.clock,
        })
    }

    async fn call<T: DeserializeOwned>(
        &self,
        repeat: Repeat,
        method: &str,
        body: &(impl Serialize + Sync),
    ) -> Result<T, GatewayError> {
        let call = self
            .caller
            .request(Method::POST, &format!("/api/{method}"))
            .header("crypto-pay-api-token", self.token.reveal())
            .json(body);
        let told: Told<T> = self.caller.call(repeat, call).await?;
        told.result.ok_or_else(|| refused("it refused"))
    }

    async fn list(&self, ask: &Ask) -> Result<Vec<Invoice>, GatewayError> {
        let told: Items = self.call(Repeat::Safe, "getInvoices", ask).await?;
        Ok(told.items)
    }

    /// The invoice of a charge: by its own id, else by the reference in its payload.
    async fn find(&self, charge: &Charge) -> Result<Invoice, GatewayError> {
        let found = match &charge.gateway_id {
            Some(id) => self.list(&Ask::one(id.as_str())).await?.into_iter().next(),
            None => self.search(charge).await?,
        };
        let found = found.ok_or(GatewayError::UnknownCharge)?;
        found.check(&charge.reference, charge.asked)?;
        Ok(found)
    }

    async fn search(&self, charge: &Charge) -> Result<Option<Invoice>, GatewayError> {
        let mut offset = 0;
        while offset < SEARCHED {
            let page = self.list(&Ask::page(None, offset, PAGE)).await?;
            let is_last = page.len() < usize::try_from(PAGE).unwrap_or(usize::MAX);
            let mut named = page.into_iter();
            let found = named.find(|invoice| invoice.names(&charge.reference));
            if found.is_some() || is_last {
                return Ok(found);
            }
            offset = offset.saturating_add(PAGE);
        }
        Ok(None)
    }

    fn payment(&self, invoice: &Invoice) -> Result<Option<PaymentEvent>, GatewayError> {
        if !invoice.is_paid() {
            return Ok(None);
        }
        let Some(reference) = invoice.reference() else {
            return Ok(None);
        };
        let event = EventId::parse(&invoice.id());
        Ok(Some(PaymentEvent {
            gateway: self.name.clone(),
            event: event.map_err(|_| refused("the id of its invoice is too long"))?,
            reference,
            amount: invoice.money(self.currency)?,
            paid_at: invoice.paid_at().unwrap_or_else(|| self.clock.now()),
        }))
    }
}

#[async_trait]
impl Gateway for CryptoPay {
    fn name(&self) -> &GatewayName {
        &self.name
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn create_charge(&self, request: &ChargeRequest) -> Result<OpenCharge, GatewayError> {
        let asked = Asked::new(request, self.assets.as_deref(), self.clock.now())?;
        let made: Invoice = self.call(Repeat::Never, "createInvoice", &asked).await?;
        made.check(&request.reference, request.amount)?;
        made.opened(self.currency)?
            .ok_or_else(|| refused("its invoice is over"))
    }

    async fn charge_status(&self, charge: &Charge) -> Result<ChargeStatus, GatewayError> {
        let invoice = self.find(charge).await?;
        Ok(ChargeStatus {
            open: invoice.opened(self.currency)?,
            payments: self.payment(&invoice)?.into_iter().collect(),
        })
    }

    async fn cancel_charge(&self, charge: &Charge) -> Result<(), GatewayError> {
        let invoice = self.find(charge).await?;
        let named = Named::new(&invoice);
        let done: bool = self.call(Repeat::Safe, "deleteInvoice", &named).await?;
        match done {
            true => Ok(()),
            false => Err(refused("it did not delete the invoice")),
        }
    }

    async fn list_payments(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<PaymentEvent>, GatewayError> {
        let (mut listed, mut offset): (Vec<_>, u32) = (Vec::new(), 0);
        loop {
            let page = self.list(&Ask::page(Some("paid"), offset, PAGE)).await?;
            for invoice in &page {
                match self.payment(invoice) {
                    Ok(paid) => listed.extend(paid),
                    // The app may sell elsewhere, too, in other currencies.
                    Err(error) => {
                        tracing::warn!(gateway = %self.name, %error, "an invoice of its books is left out")
                    }
                }
            }
            // Newest first: those that are older were over before that time.
            let oldest = from - LIFE_MAX;
            let is_past = |invoice: &Invoice| invoice.created_at().is_some_and(|at| at < oldest);
            let is_last = page.len() < usize::try_from(PAGE).unwrap_or(usize::MAX);
            if is_last || page.last().is_some_and(is_past) {
                listed.retain(|payment| from <= payment.paid_at && payment.paid_at < to);
                return Ok(listed);
            }
            offset = offset.saturating_add(PAGE);
        }
    }

    fn is_available(&self) -> bool {
        self.caller.is_available()
    }

    fn verify_webhook(&self, request: WebhookRequest<'_>) -> Result<VerifiedWebhook, WebhookError> {
        let mut headers = request.headers.iter();
        let header = headers.find(|(name, _)| name == "crypto-pay-api-signature");
        let given = header.and_then(|(_, value)| unhex(value));
        let given = given.ok_or(WebhookError::Signature)?;
        let key = Sha256::digest(self.token.reveal());
        let mac = Hmac::<Sha256>::new_from_slice(&key).map_err(|_| WebhookError::Signature)?;
        let mac = mac.chain_update(request.body);
        mac.verify_slice(&given)
            .map_err(|_| WebhookError::Signature)?;
        let update: Update =
            serde_json::from_slice(request.body).map_err(|_| WebhookError::Malformed)?;
        let paid = match update.paid() {
            Some(invoice) => {
                let invoice = invoice.map_err(|_| WebhookError::Malformed)?;
                self.payment(&invoice)
                    .map_err(|_| WebhookError::Malformed)?
            }
            None => None,
        };
        Ok(VerifiedWebhook::Payments(paid.into_iter().collect()))
    }
}
