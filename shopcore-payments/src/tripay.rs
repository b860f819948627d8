//! Tripay: closed payments by QRIS, virtual accounts, wallets and at Indonesian shops.
//!
//! As its guide tells (<https://tripay.co.id/developer>, sections "Closed Payment: Signature",
//! "Request Transaksi" and "Detail Transaksi", "Merchant: Daftar Transaksi", "Callback"). What may
//! surprise:
//!
//! - It may add a fee for the customer: the `amount` that it tells is then what is paid.
//! - It does not say what a second transaction of one `merchant_ref` does. So none is asked for
//!   twice: one whose reply was lost is looked for in the list of transactions.
//! - A transaction is paid once, and its payment goes by Tripay's own reference of it.
//! - It takes nothing back: a transaction ends by its `expired_time`.
//! - It wants an e-mail address of every customer. A chat has none, so the shop gives its own.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::{Method, RequestBuilder};
use serde::de::DeserializeOwned;
use shopcore::gateway::{
    Capabilities, ChargeRequest, ChargeStatus, CreateMode, Gateway, GatewayError, GatewayName,
    OpenCharge, Support, VerifiedWebhook, WebhookError, WebhookRequest,
};
use shopcore::invoice::{Charge, PaymentEvent, Reference};
use shopcore::money::{Currency, Money};
use shopcore::time::{Clock, SystemClock, Timestamp};

use crate::Mode;
use crate::call::{Caller, Limits, NoClient, Repeat, Secret};

mod ask;
mod channel;
mod list;
mod notice;
mod told;

use ask::Order;
pub use channel::{BadChannel, TripayChannel};
use told::{Status, Told, Transaction, refused};

/// A merchant of Tripay.
#[derive(Debug, Clone)]
pub struct TripayAccount {
    /// The merchant's code, such as `T0001`.
    pub merchant_code: String,
    /// Lets calls in.
    pub api_key: Secret,
    /// Signs transactions and webhooks.
    pub private_key: Secret,
}

/// How Tripay is set up.
#[derive(Debug, Clone)]
pub struct TripayOptions {
    /// The gateway's name in the shop, and in the address of its webhooks.
    pub name: GatewayName,
    /// Where it is.
    pub base: String,
    /// The merchant; each mode has its own keys.
    pub account: TripayAccount,
    /// How customers pay.
    pub channel: TripayChannel,
    /// The name that stands for every customer.
    pub customer_name: String,
    /// The e-mail address that stands for every customer.
    pub customer_email: String,
    /// The telephone number that stands for every customer, which some channels want.
    pub customer_phone: Option<String>,
    /// The least time that the channel gives a customer. A charge that has less left can be paid
    /// so long nevertheless.
    pub life_min: Duration,
    /// How long it is waited for, and how often it is asked.
    pub limits: Limits,
    /// Tells how long a charge has left, and when the circuit may close again.
    pub clock: Arc<dyn Clock>,
}

impl TripayOptions {
    /// QRIS for at least a quarter of an hour, at the address of this mode.
    #[must_use]
    pub fn new(
        name: GatewayName,
        mode: Mode,
        account: TripayAccount,
        customer_email: String,
    ) -> Self {
        let base = match mode {
            Mode::Live => "https://tripay.co.id/api",
            Mode::Sandbox => "https://tripay.co.id/api-sandbox",
        };
        Self {
            name,
            base: base.to_owned(),
            account,
            channel: TripayChannel::qris(),
            customer_name: "Customer".to_owned(),
            customer_email,
            customer_phone: None,
            life_min: Duration::from_secs(15 * 60),
            limits: Limits::default(),
            clock: Arc::new(SystemClock),
        }
    }
}

/// Collects through Tripay.
pub struct Tripay {
    capabilities: Capabilities,
    caller: Caller,
    options: TripayOptions,
}

impl fmt::Debug for Tripay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TripayOptions { name, channel, .. } = &self.options;
        write!(f, "Tripay({name}, {})", channel.as_str())
    }
}

impl Tripay {
    /// Makes the gateway; nothing is called yet.
    ///
    /// # Errors
    /// [`NoClient`].
    pub fn new(options: TripayOptions) -> Result<Self, NoClient> {
        let (limits, clock) = (options.limits.clone(), Arc::clone(&options.clock));
        Ok(Self {
            capabilities: capabilities(),
            caller: Caller::new(&options.base, limits, clock)?,
            options,
        })
    }

    /// Makes a call; a refusal may come with any status.
    async fn call<T: DeserializeOwned>(
        &self,
        repeat: Repeat,
        request: RequestBuilder,
    ) -> Result<Told<T>, GatewayError> {
        let request = request.bearer_auth(self.options.account.api_key.reveal());
        let told: Told<T> = self.caller.call(repeat, request).await?;
        match told.success {
            true => Ok(told),
            false => Err(refused("it did not do what it was asked")),
        }
    }

    async fn detail(&self, id: &str) -> Result<Transaction, GatewayError> {
        let request = self.caller.request(Method::GET, "/transaction/detail");
        let request = request.query(&[("reference", id)]);
        self.call(Repeat::Safe, request).await?.data()
    }

    /// Every transaction of a charge: one, unless a reply was lost.
    async fn transactions(&self, charge: &Charge) -> Result<Vec<Transaction>, GatewayError> {
        let found = match &charge.gateway_id {
            Some(id) => vec![self.detail(id.as_str()).await?],
            None => self.named(&charge.reference).await?,
        };
        if found.is_empty() {
            return Err(GatewayError::UnknownCharge);
        }
        for transaction in &found {
            transaction.check(&charge.reference, charge.asked)?;
        }
        Ok(found)
    }

    /// The charge as it can be paid. The list of transactions leaves the text of codes out.
    async fn opened(&self, found: &Transaction) -> Result<OpenCharge, GatewayError> {
        let whole = match found.is_whole() {
            true => None,
            false => Some(self.detail(&found.reference).await?),
        };
        whole
            .as_ref()
            .unwrap_or(found)
            .opened(&self.options.channel)
    }

    fn payment(
        &self,
        paid: &Transaction,
        reference: &Reference,
    ) -> Result<PaymentEvent, GatewayError> {
        let (name, now) = (&self.options.name, self.options.clock.now());
        paid.payment(name, reference, now)
    }
}

fn capabilities() -> Capabilities {
    Capabilities {
        create: CreateMode::FindByReference,
        currencies: vec![Currency::IDR],
        minimum: None,
        maximum: None,
        cancel: Support::No,
        refund: Support::No,
        statement: Support::Yes,
        webhooks: Support::Yes,
        simulate: Support::No,
    }
}

#[async_trait]
impl Gateway for Tripay {
    fn name(&self) -> &GatewayName {
        &self.options.name
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn create_charge(&self, request: &ChargeRequest) -> Result<OpenCharge, GatewayError> {
        let order = Order::new(request, &self.options)?;
        let call = self.caller.request(Method::POST, "/transaction/create");
        let made = self.call(Repeat::Never, call.json(&order)).await?;
        let made: Transaction = made.data()?;
        made.check(&request.reference, request.amount)?;
        made.opened(&self.options.channel)
    }

    async fn charge_status(&self, charge: &Charge) -> Result<ChargeStatus, GatewayError> {
        let (mut open, mut payments) = (None, Vec::new());
        for found in self.transactions(charge).await? {
            match found.status {
                Status::Unpaid if open.is_none() => open = Some(self.opened(&found).await?),
                Status::Paid | Status::Refund => {
                    payments.push(self.payment(&found, &charge.reference)?);
                }
                Status::Unpaid | Status::Ended => {}
            }
        }
        Ok(ChargeStatus { open, payments })
    }

    async fn cancel_charge(&self, _charge: &Charge) -> Result<(), GatewayError> {
        Err(GatewayError::Unsupported)
    }

    async fn list_payments(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<PaymentEvent>, GatewayError> {
        self.paid_within(from, to).await
    }

    fn is_available(&self) -> bool {
        self.caller.is_available()
    }

    fn verify_webhook(&self, request: WebhookRequest<'_>) -> Result<VerifiedWebhook, WebhookError> {
        let TripayOptions { name, account, .. } = &self.options;
        let notice = notice::verified(request, account.private_key.reveal())?;
        let payments = notice.payments(name, self.options.clock.now())?;
        Ok(VerifiedWebhook::Payments(payments))
    }
}

/// An amount that must be one of rupiah.
fn rupiah(value: &serde_json::Value) -> Option<Money> {
    crate::call::amount(value, Currency::IDR).ok()
}
