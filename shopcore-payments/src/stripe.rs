//! Stripe: its Checkout page, or a PaymentIntent on a page of the shop's own.
//!
//! As its API reference tells (<https://docs.stripe.com/api>: "Checkout Sessions", "PaymentIntents",
//! "Refunds", "Charges", "Idempotent requests") and <https://docs.stripe.com/webhooks/signature> on
//! webhooks, <https://docs.stripe.com/currencies> on units. What may surprise:
//!
//! - The shop's reference is the idempotency key, so asking twice makes one charge; Stripe keeps keys
//!   for a day at least, and refuses one that comes with other parameters. So nothing that changes
//!   from one attempt to the next is sent, and sessions end by being expired, not by a time.
//! - A payment goes by its PaymentIntent, whichever of Stripe's events tells of it.
//! - Amounts are in units of Stripe's own: rupiah have two decimals there.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::TimeDelta;
use reqwest::{Method, RequestBuilder};
use serde::de::DeserializeOwned;
use shopcore::gateway::{
    Capabilities, ChargeRequest, ChargeStatus, CreateMode, Effect, Gateway, GatewayError,
    GatewayName, OpenCharge, RefundProgress, RefundRequest, Support, VerifiedWebhook, WebhookError,
    WebhookRequest,
};
use shopcore::invoice::{Charge, EventId, GatewayChargeId, PayWith, PaymentEvent, Reference};
use shopcore::money::{Currency, Money};
use shopcore::time::{Clock, SystemClock, Timestamp};

use crate::call::{Caller, Limits, NoClient, Repeat, Secret, undecided};

mod signature;
mod units;
mod wire;

use wire::{Event, Intent, Listed, MadeRefund, Object, Page, Session, refused};

/// How customers pay through Stripe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StripeProduct {
    /// On Stripe's Checkout page, from where they come back to this address.
    Checkout {
        /// Where Stripe sends them after paying.
        return_url: String,
    },
    /// On a page of the shop's own that confirms a PaymentIntent with Stripe.js: its client secret
    /// stands behind the `#` of this address.
    Intent {
        /// The page.
        page: String,
    },
}

/// How Stripe is set up.
#[derive(Debug, Clone)]
pub struct StripeOptions {
    /// The gateway's name in the shop, and in the address of its webhooks.
    pub name: GatewayName,
    /// Where its API is.
    pub base: String,
    /// The secret key; that of a test mode moves no real money.
    pub secret_key: Secret,
    /// The signing secret of the webhook endpoint.
    pub webhook_secret: Secret,
    /// How customers pay.
    pub product: StripeProduct,
    /// The currencies that the account takes.
    pub currencies: Vec<Currency>,
    /// How old a webhook may be.
    pub tolerance: TimeDelta,
    /// How long it is waited for, and how often it is asked.
    pub limits: Limits,
    /// Tells how old a webhook is, and when the circuit may close again.
    pub clock: Arc<dyn Clock>,
}

impl StripeOptions {
    /// Where Stripe is.
    pub const BASE: &'static str = "https://api.stripe.com";

    /// An account that takes one currency; webhooks may be five minutes old.
    #[must_use]
    pub fn new(
        name: GatewayName,
        currency: Currency,
        product: StripeProduct,
        secret_key: Secret,
        webhook_secret: Secret,
    ) -> Self {
        Self {
            name,
            base: Self::BASE.to_owned(),
            secret_key,
            webhook_secret,
            product,
            currencies: vec![currency],
            tolerance: TimeDelta::minutes(5),
            limits: Limits::default(),
            clock: Arc::new(SystemClock),
        }
    }
}

/// Collects through Stripe.
pub struct Stripe {
    name: GatewayName,
    capabilities: Capabilities,
    product: StripeProduct,
    secret_key: Secret,
    webhook_secret: Secret,
    tolerance: TimeDelta,
    caller: Caller,
    clock: Arc<dyn Clock>,
}

impl fmt::Debug for Stripe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stripe({})", self.name)
    }
}

impl Stripe {
    /// Makes the gateway; nothing is called yet.
    ///
    /// # Errors
    /// [`NoClient`].
    pub fn new(options: StripeOptions) -> Result<Self, NoClient> {
        let caller = Caller::new(&options.base, options.limits, Arc::clone(&options.clock))?;
        Ok(Self {
            name: options.name,
            capabilities: capabilities(options.currencies),
            product: options.product,
            secret_key: options.secret_key,
            webhook_secret: options.webhook_secret,
            tolerance: options.tolerance,
            caller,
            clock: options.clock,
        })
    }

    async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, String)],
    ) -> Result<T, GatewayError> {
        let request = self.caller.request(Method::GET, path).query(query);
        self.call(request).await
    }

    /// Posts a form; asking again under the same key does nothing new.
    async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        key: &str,
        form: &[(&str, String)],
    ) -> Result<T, GatewayError> {
        let request = self.caller.request(Method::POST, path);
        let request = request.header("idempotency-key", key).form(form);
        self.call(request).await
    }

    async fn call<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, GatewayError> {
        let request = request.bearer_auth(self.secret_key.reveal());
        self.caller.call(Repeat::Safe, request).await
    }

    async fn session(
        &self,
        asked: &ChargeRequest,
        return_url: &str,
    ) -> Result<OpenCharge, GatewayError> {
        let (reference, units) = (asked.reference.to_string(), units::of(asked.amount)?);
        let form = [
            ("mode", "payment".to_owned()),
            ("client_reference_id", reference.clone()),
            ("success_url", return_url.to_owned()),
            ("line_items[0][quantity]", "1".to_owned()),
            (
                "line_items[0][price_data][currency]",
                units::code(asked.amount.currency()),
            ),
            ("line_items[0][price_data][unit_amount]", units.to_string()),
            (
                "line_items[0][price_data][product_data][name]",
                asked.description.clone(),
            ),
            (
                "payment_intent_data[metadata][reference]",
                reference.clone(),
            ),
        ];
        let made: Session = self
            .post("/v1/checkout/sessions", &reference, &form)
            .await?;
        made.opened(asked.amount)
    }

    async fn intent(&self, asked: &ChargeRequest, page: &str) -> Result<OpenCharge, GatewayError> {
        let (reference, units) = (asked.reference.to_string(), units::of(asked.amount)?);
        let form = [
            ("amount", units.to_string()),
            ("currency", units::code(asked.amount.currency())),
            ("metadata[reference]", reference.clone()),
            ("metadata[description]", asked.description.clone()),
        ];
        let made: Intent = self.post("/v1/payment_intents", &reference, &form).await?;
        if made.asked()? != asked.amount {
            return Err(refused("it asks for another amount"));
        }
        let secret = made
            .client_secret
            .ok_or_else(|| refused("it gave no client secret"))?;
        Ok(OpenCharge {
            id: Some(charge_id(&made.id)?),
            payable: asked.amount,
            pay_with: PayWith::Page(format!("{page}#{secret}")),
        })
    }

    /// What Stripe calls the charge; one that was never told can only be asked for again.
    fn path(&self, charge: &Charge) -> Result<String, GatewayError> {
        let id = charge
            .gateway_id
            .as_ref()
            .ok_or(GatewayError::UnknownCharge)?;
        Ok(match self.product {
            StripeProduct::Checkout { .. } => format!("/v1/checkout/sessions/{id}"),
            StripeProduct::Intent { .. } => format!("/v1/payment_intents/{id}"),
        })
    }

    /// A payment, by its PaymentIntent.
    fn payment(
        &self,
        intent: &str,
        reference: Reference,
        amount: Money,
        paid_at: Timestamp,
    ) -> Result<PaymentEvent, GatewayError> {
        let event = EventId::parse(intent);
        Ok(PaymentEvent {
            gateway: self.name.clone(),
            event: event.map_err(|_| refused("the id of its payment is too long"))?,
            reference,
            amount,
            paid_at,
        })
    }

    /// What a genuine event tells was paid.
    fn told(&self, event: &Event) -> Result<Option<PaymentEvent>, GatewayError> {
        let at = event.created();
        let object = match event.object() {
            Some(object) => object?,
            None => return Ok(None),
        };
        // Payments that the account takes beside the shop's name nothing of it.
        let Some(reference) = object.reference() else {
            return Ok(None);
        };
        let paid = match &object {
            Object::Session(session) => session.paid()?,
            Object::Intent(intent) => intent.paid()?,
        };
        let Some((intent, amount)) = paid else {
            return Ok(None);
        };
        self.payment(intent, reference, amount, at).map(Some)
    }

    /// The refund that was asked for before, where it was.
    async fn found(&self, request: &RefundRequest) -> Result<Option<MadeRefund>, GatewayError> {
        let query = [
            ("payment_intent", request.payment.to_string()),
            ("limit", "100".to_owned()),
        ];
        let page: Result<Page<MadeRefund>, _> = self.get("/v1/refunds", &query).await;
        let page = page.map_err(|error| undecided(error, Effect::Unknown))?;
        let id = request.refund.to_string();
        let mut made = page.data.into_iter();
        Ok(made.find(|refund| refund.metadata.get("refund") == Some(&id)))
    }
}

fn capabilities(currencies: Vec<Currency>) -> Capabilities {
    Capabilities {
        create: CreateMode::Idempotent,
        currencies,
        minimum: None,
        maximum: None,
        cancel: Support::Yes,
        refund: Support::Yes,
        statement: Support::Yes,
        webhooks: Support::Yes,
        simulate: Support::No,
    }
}

fn charge_id(id: &str) -> Result<GatewayChargeId, GatewayError> {
    GatewayChargeId::parse(id).map_err(|_| refused("the id of its charge is too long"))
}

/// What is left of a charge to be paid, as Stripe told when it was made.
fn still_open(charge: &Charge) -> Option<OpenCharge> {
    Some(OpenCharge {
        id: charge.gateway_id.clone(),
        payable: charge.payable,
        pay_with: charge.pay_with.clone()?,
    })
}

#[async_trait]
impl Gateway for Stripe {
    fn name(&self) -> &GatewayName {
        &self.name
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn create_charge(&self, request: &ChargeRequest) -> Result<OpenCharge, GatewayError> {
        match &self.product {
            StripeProduct::Checkout { return_url } => self.session(request, return_url).await,
            StripeProduct::Intent { page } => self.intent(request, page).await,
        }
    }

    async fn charge_status(&self, charge: &Charge) -> Result<ChargeStatus, GatewayError> {
        let path = self.path(charge)?;
        let (is_open, paid) = match self.product {
            StripeProduct::Checkout { .. } => {
                let session: Session = self.get(&path, &[]).await?;
                session.check(&charge.reference)?;
                let paid = session.paid()?.map(|(id, amount)| (id.to_owned(), amount));
                (session.is_open(), paid)
            }
            StripeProduct::Intent { .. } => {
                let intent: Intent = self.get(&path, &[]).await?;
                intent.check(&charge.reference)?;
                let paid = intent.paid()?.map(|(id, amount)| (id.to_owned(), amount));
                (intent.is_open(), paid)
            }
        };
        let payments = match paid {
            None => Vec::new(),
            Some((id, amount)) => {
                let reference = charge.reference.clone();
                vec![self.payment(&id, reference, amount, self.clock.now())?]
            }
        };
        Ok(ChargeStatus {
            open: still_open(charge).filter(|_| is_open),
            payments,
        })
    }

    async fn cancel_charge(&self, charge: &Charge) -> Result<(), GatewayError> {
        let (path, key) = (self.path(charge)?, format!("{}-end", charge.reference));
        match self.product {
            StripeProduct::Checkout { .. } => {
                let path = format!("{path}/expire");
                self.post::<Session>(&path, &key, &[]).await.map(drop)
            }
            StripeProduct::Intent { .. } => {
                let path = format!("{path}/cancel");
                self.post::<Intent>(&path, &key, &[]).await.map(drop)
            }
        }
    }

    async fn refund(&self, request: &RefundRequest) -> Result<RefundProgress, GatewayError> {
        if let Some(made) = self.found(request).await? {
            return made.progress();
        }
        let id = request.refund.to_string();
        let form = [
            ("payment_intent", request.payment.to_string()),
            ("amount", units::of(request.amount)?.to_string()),
            ("metadata[refund]", id.clone()),
        ];
        let made: MadeRefund = self.post("/v1/refunds", &id, &form).await?;
        made.progress()
    }

    async fn list_payments(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<PaymentEvent>, GatewayError> {
        let (mut listed, mut after) = (Vec::new(), None);
        loop {
            let mut query = vec![
                ("created[gte]", from.timestamp().to_string()),
                ("created[lt]", to.timestamp().to_string()),
                ("limit", "100".to_owned()),
            ];
            query.extend(after.map(|after| ("starting_after", after)));
            let page: Page<Listed> = self.get("/v1/charges", &query).await?;
            for charge in &page.data {
                if let Some((intent, reference, amount)) = charge.paid()? {
                    listed.push(self.payment(intent, reference, amount, charge.created())?);
                }
            }
            after = page.data.last().map(|charge| charge.id.clone());
            if !page.has_more || after.is_none() {
                return Ok(listed);
            }
        }
    }

    fn is_available(&self) -> bool {
        self.caller.is_available()
    }

    fn verify_webhook(&self, request: WebhookRequest<'_>) -> Result<VerifiedWebhook, WebhookError> {
        let now = self.clock.now();
        signature::check(&self.webhook_secret, request, now, self.tolerance)?;
        let event: Event =
            serde_json::from_slice(request.body).map_err(|_| WebhookError::Malformed)?;
        let told = self.told(&event).map_err(|_| WebhookError::Malformed)?;
        Ok(VerifiedWebhook::Payments(told.into_iter().collect()))
    }
}
