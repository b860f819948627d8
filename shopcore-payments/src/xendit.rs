//! Xendit: its invoice page, where customers choose how to pay, in rupiah.
//!
//! As its API reference tells (<https://developers.xendit.co/api-reference>: "Invoices", "Refunds",
//! "Webhook"). What may surprise:
//!
//! - Asking twice under one `external_id` makes two invoices, so one is looked for before it is asked
//!   for.
//! - An invoice is paid once and whole, so its payment goes by the invoice's own id.
//! - Webhooks carry a token of the account instead of a signature, the same in each: it keeps strangers
//!   out and proves nothing of the body. So a genuine one makes the shop ask.

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
use shopcore::invoice::{Charge, EventId, PaymentEvent};
use shopcore::money::{Currency, Money};
use shopcore::time::{Clock, SystemClock, Timestamp};

use crate::call::{Caller, Limits, NoClient, Repeat, Secret, undecided};

mod wire;

use wire::{Asked, Give, Given, Invoice, Listing, refused};

/// The least that can be asked for.
const MINIMUM: Money = Money::new(1_000, Currency::IDR);

/// How many invoices a page of the statement has.
const PAGE: usize = 100;

/// How Xendit is set up.
#[derive(Debug, Clone)]
pub struct XenditOptions {
    /// The gateway's name in the shop, and in the address of its webhooks.
    pub name: GatewayName,
    /// Where its API is.
    pub base: String,
    /// The secret key; that of a test mode moves no real money.
    pub secret_key: Secret,
    /// The token that its webhooks bring.
    pub callback_token: Secret,
    /// How long it is waited for, and how often it is asked.
    pub limits: Limits,
    /// Tells how long a charge has left, and when the circuit may close again.
    pub clock: Arc<dyn Clock>,
}

impl XenditOptions {
    /// Where Xendit is, in both modes.
    pub const BASE: &'static str = "https://api.xendit.co";

    /// An account, in the mode of its key.
    #[must_use]
    pub fn new(name: GatewayName, secret_key: Secret, callback_token: Secret) -> Self {
        Self {
            name,
            base: Self::BASE.to_owned(),
            secret_key,
            callback_token,
            limits: Limits::default(),
            clock: Arc::new(SystemClock),
        }
    }
}

/// Collects through Xendit.
pub struct Xendit {
    name: GatewayName,
    capabilities: Capabilities,
    secret_key: Secret,
    callback_token: Secret,
    caller: Caller,
    clock: Arc<dyn Clock>,
}

impl fmt::Debug for Xendit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Xendit({})", self.name)
    }
}

impl Xendit {
    /// Makes the gateway; nothing is called yet.
    ///
    /// # Errors
    /// [`NoClient`].
    pub fn new(options: XenditOptions) -> Result<Self, NoClient> {
        let caller = Caller::new(&options.base, options.limits, Arc::clone(&options.clock))?;
        Ok(Self {
            name: options.name,
            capabilities: Capabilities {
                create: CreateMode::FindByReference,
                currencies: vec![Currency::IDR],
                minimum: Some(MINIMUM),
                maximum: None,
                cancel: Support::Yes,
                refund: Support::Yes,
                statement: Support::Yes,
                webhooks: Support::Yes,
                simulate: Support::No,
            },
            secret_key: options.secret_key,
            callback_token: options.callback_token,
            caller,
            clock: options.clock,
        })
    }

    async fn call<T: DeserializeOwned>(
        &self,
        repeat: Repeat,
        request: RequestBuilder,
    ) -> Result<T, GatewayError> {
        let request = request.basic_auth(self.secret_key.reveal(), Some(""));
        self.caller.call(repeat, request).await
    }

    async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, String)],
    ) -> Result<T, GatewayError> {
        let request = self.caller.request(Method::GET, path).query(query);
        self.call(Repeat::Safe, request).await
    }

    /// The invoice of a charge: by its own id, else by the shop's reference.
    async fn find(&self, charge: &Charge) -> Result<Invoice, GatewayError> {
        let found = match &charge.gateway_id {
            Some(id) => self.get(&format!("/v2/invoices/{id}"), &[]).await?,
            None => {
                let query = [("external_id", charge.reference.to_string())];
                let found: Vec<Invoice> = self.get("/v2/invoices", &query).await?;
                let first = found.into_iter().next();
                first.ok_or(GatewayError::UnknownCharge)?
            }
        };
        found.check(&charge.reference, charge.asked)?;
        Ok(found)
    }

    fn payment(&self, invoice: &Invoice) -> Result<Option<PaymentEvent>, GatewayError> {
        let Some(amount) = invoice.paid()? else {
            return Ok(None);
        };
        let event = EventId::parse(&invoice.id);
        Ok(Some(PaymentEvent {
            gateway: self.name.clone(),
            event: event.map_err(|_| refused("the id of its invoice is too long"))?,
            reference: invoice.reference()?,
            amount,
            paid_at: invoice.paid_at().unwrap_or_else(|| self.clock.now()),
        }))
    }

    /// The refund that was asked for before, where it was.
    async fn found(
        &self,
        invoice: &str,
        request: &RefundRequest,
    ) -> Result<Option<Given>, GatewayError> {
        let query = [("invoice_id", invoice.to_owned())];
        let listing: Result<Listing<Given>, _> = self.get("/refunds", &query).await;
        let listing = listing.map_err(|error| undecided(error, Effect::Unknown))?;
        let mut given = listing.data.into_iter();
        Ok(given.find(|given| given.is(request.refund)))
    }
}

#[async_trait]
impl Gateway for Xendit {
    fn name(&self) -> &GatewayName {
        &self.name
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn create_charge(&self, request: &ChargeRequest) -> Result<OpenCharge, GatewayError> {
        let asked = Asked::new(request, self.clock.now())?;
        let call = self.caller.request(Method::POST, "/v2/invoices/");
        let made: Invoice = self.call(Repeat::Never, call.json(&asked)).await?;
        made.check(&request.reference, request.amount)?;
        made.opened()?.ok_or_else(|| refused("its invoice is over"))
    }

    async fn charge_status(&self, charge: &Charge) -> Result<ChargeStatus, GatewayError> {
        let invoice = self.find(charge).await?;
        Ok(ChargeStatus {
            open: invoice.opened()?,
            payments: self.payment(&invoice)?.into_iter().collect(),
        })
    }

    async fn cancel_charge(&self, charge: &Charge) -> Result<(), GatewayError> {
        let invoice = self.find(charge).await?;
        let path = format!("/invoices/{}/expire!", invoice.id);
        let call = self.caller.request(Method::POST, &path);
        self.call::<Invoice>(Repeat::Safe, call).await.map(drop)
    }

    async fn refund(&self, request: &RefundRequest) -> Result<RefundProgress, GatewayError> {
        // A payment goes by its invoice's id.
        let invoice = request.payment.as_str();
        if let Some(given) = self.found(invoice, request).await? {
            return given.progress();
        }
        let give = Give::new(invoice, request);
        let call = self.caller.request(Method::POST, "/refunds");
        let call = call.header("idempotency-key", request.refund.to_string());
        let given: Given = self.call(Repeat::Safe, call.json(&give)).await?;
        given.progress()
    }

    async fn list_payments(
        &self,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<PaymentEvent>, GatewayError> {
        let (mut listed, mut last) = (Vec::new(), None);
        loop {
            let mut query = vec![
                ("statuses", r#"["PAID","SETTLED"]"#.to_owned()),
                // It leaves out the moment itself.
                ("paid_after", (from - TimeDelta::seconds(1)).to_rfc3339()),
                ("paid_before", to.to_rfc3339()),
                ("limit", PAGE.to_string()),
            ];
            query.extend(last.map(|last| ("last_invoice", last)));
            let page: Vec<Invoice> = self.get("/v2/invoices", &query).await?;
            for invoice in &page {
                match self.payment(invoice) {
                    Ok(paid) => listed.extend(paid),
                    // The account may sell elsewhere, too, under other names and in other currencies.
                    Err(error) => {
                        tracing::warn!(gateway = %self.name, %error, "an invoice of its books is left out")
                    }
                }
            }
            last = page.last().map(|invoice| invoice.id.clone());
            if page.len() < PAGE {
                listed.retain(|payment| from <= payment.paid_at && payment.paid_at < to);
                return Ok(listed);
            }
        }
    }

    fn is_available(&self) -> bool {
        self.caller.is_available()
    }

    fn verify_webhook(&self, request: WebhookRequest<'_>) -> Result<VerifiedWebhook, WebhookError> {
        let mut headers = request.headers.iter();
        let token = headers.find(|(name, _)| name == "x-callback-token");
        let given = token.map_or("", |(_, value)| value);
        if !self.callback_token.is(given) {
            return Err(WebhookError::Signature);
        }
        let invoice: Invoice =
            serde_json::from_slice(request.body).map_err(|_| WebhookError::Malformed)?;
        let reference = invoice.reference().map_err(|_| WebhookError::Malformed)?;
        Ok(match invoice.is_paid() {
            true => VerifiedWebhook::Ask(reference),
            false => VerifiedWebhook::Payments(Vec::new()),
        })
    }
}
