//! A gateway from outside the shop: a till with an HTTP interface, as [`till`] tells. Its webhooks are
//! not signed, so nothing in them is believed: they make the shop ask.

use std::sync::Arc;

use async_trait::async_trait;
use reqwest::Method;
use serde::Deserialize;
use shopcore::gateway::{
    Capabilities, ChargeRequest, ChargeStatus, CreateMode, Gateway, GatewayError, GatewayName,
    OpenCharge, Support, VerifiedWebhook, WebhookError, WebhookRequest,
};
use shopcore::invoice::{Charge, EventId, PayWith, PaymentEvent, Reference};
use shopcore::money::{Currency, Money};
use shopcore::text::BadLabel;
use shopcore::time::Clock;
use shopcore_payments::call::{Caller, Limits, NoClient, Repeat};
use till::{Asked, Told};

pub mod till;

/// Collects rupiah through a till.
#[derive(Debug)]
pub struct Till {
    name: GatewayName,
    capabilities: Capabilities,
    base: String,
    caller: Caller,
}

/// What a webhook says.
#[derive(Deserialize)]
struct Notice {
    reference: Reference,
}

fn refused(error: BadLabel) -> GatewayError {
    GatewayError::Refused(error.to_string())
}

impl Till {
    /// The till at this address, such as `http://127.0.0.1:4001`; nothing is called yet.
    ///
    /// # Errors
    /// [`NoClient`].
    pub fn new(
        name: GatewayName,
        base: &str,
        limits: Limits,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, NoClient> {
        let capabilities = Capabilities {
            create: CreateMode::Idempotent,
            currencies: vec![Currency::IDR],
            minimum: None,
            maximum: None,
            cancel: Support::Yes,
            refund: Support::No,
            statement: Support::No,
            webhooks: Support::Yes,
            simulate: Support::No,
        };
        Ok(Self {
            name,
            capabilities,
            base: base.to_owned(),
            caller: Caller::new(base, limits, clock)?,
        })
    }

    async fn call(
        &self,
        method: Method,
        reference: &Reference,
        asked: Option<Asked>,
    ) -> Result<ChargeStatus, GatewayError> {
        let request = self
            .caller
            .request(method, &format!("/charges/{reference}"));
        let request = asked
            .iter()
            .fold(request, |request, asked| request.json(asked));
        let told: Told = self.caller.call(Repeat::Safe, request).await?;
        let open = told.is_open.then(|| OpenCharge {
            id: None,
            payable: Money::new(told.amount, Currency::IDR),
            pay_with: PayWith::Page(format!("{}/pay/{reference}", self.base)),
        });
        let payments = told.paid.iter().map(|paid| {
            Ok(PaymentEvent {
                gateway: self.name.clone(),
                event: EventId::parse(&paid.id).map_err(refused)?,
                reference: reference.clone(),
                amount: Money::new(paid.amount, Currency::IDR),
                paid_at: paid.at,
            })
        });
        let payments = payments.collect::<Result<_, _>>()?;
        Ok(ChargeStatus { open, payments })
    }
}

#[async_trait]
impl Gateway for Till {
    fn name(&self) -> &GatewayName {
        &self.name
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn create_charge(&self, request: &ChargeRequest) -> Result<OpenCharge, GatewayError> {
        let asked = Asked {
            amount: request.amount.minor(),
        };
        let told = self
            .call(Method::PUT, &request.reference, Some(asked))
            .await?;
        let closed = || GatewayError::Refused("it was given up before".to_owned());
        told.open.ok_or_else(closed)
    }

    async fn charge_status(&self, charge: &Charge) -> Result<ChargeStatus, GatewayError> {
        self.call(Method::GET, &charge.reference, None).await
    }

    async fn cancel_charge(&self, charge: &Charge) -> Result<(), GatewayError> {
        let told = self.call(Method::DELETE, &charge.reference, None).await;
        told.map(drop)
    }

    fn is_available(&self) -> bool {
        self.caller.is_available()
    }

    fn verify_webhook(&self, request: WebhookRequest<'_>) -> Result<VerifiedWebhook, WebhookError> {
        let notice: Result<Notice, _> = serde_json::from_slice(request.body);
        let notice = notice.map_err(|_| WebhookError::Malformed)?;
        Ok(VerifiedWebhook::Ask(notice.reference))
    }
}
