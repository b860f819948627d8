//! What a stand needs beside its store: a gateway that answers at once, a courier that fetches
//! nothing, and a clock that can be set forward.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use shopcore::courier::{Courier, CourierError, Receipt};
use shopcore::gateway::{
    Capabilities, ChargeRequest, ChargeStatus, CreateMode, Gateway, GatewayError, GatewayName,
    OpenCharge, Support, VerifiedWebhook, WebhookError, WebhookRequest,
};
use shopcore::invoice::{Charge, PayWith};
use shopcore::message::{OutboxItem, Reach};
use shopcore::money::Currency;
use shopcore::time::{Clock, SystemClock, Timestamp};

/// Opens every charge at once and knows of no payment: payments are brought to the shop.
#[derive(Debug)]
pub struct Till {
    name: GatewayName,
    capabilities: Capabilities,
}

impl Till {
    /// A till for one currency.
    #[must_use]
    pub fn new(name: GatewayName, currency: Currency) -> Self {
        let capabilities = Capabilities {
            create: CreateMode::Idempotent,
            currencies: vec![currency],
            minimum: None,
            maximum: None,
            cancel: Support::No,
            refund: Support::No,
            statement: Support::No,
            webhooks: Support::No,
            simulate: Support::No,
        };
        Self { name, capabilities }
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
        Ok(OpenCharge {
            id: None,
            payable: request.amount,
            pay_with: PayWith::Qr(format!("till:{}", request.reference)),
        })
    }

    async fn charge_status(&self, _charge: &Charge) -> Result<ChargeStatus, GatewayError> {
        Err(GatewayError::UnknownCharge)
    }

    async fn cancel_charge(&self, _charge: &Charge) -> Result<(), GatewayError> {
        Err(GatewayError::Unsupported)
    }

    fn verify_webhook(
        &self,
        _request: WebhookRequest<'_>,
    ) -> Result<VerifiedWebhook, WebhookError> {
        Err(WebhookError::Signature)
    }
}

/// Serves no destination, so it is never given an item.
#[derive(Debug)]
pub struct Nobody;

#[async_trait]
impl Courier for Nobody {
    fn reach(&self) -> Vec<Reach> {
        Vec::new()
    }

    async fn bring(&self, _item: &OutboxItem) -> Result<Receipt, CourierError> {
        Ok(Receipt::default())
    }
}

/// The machine's clock, set forward.
#[derive(Debug, Default)]
pub struct ForwardClock {
    forward_micros: AtomicU64,
}

impl ForwardClock {
    /// Sets it forward by so much more.
    pub fn advance(&self, by: Duration) {
        let micros = u64::try_from(by.as_micros()).unwrap_or(u64::MAX);
        self.forward_micros.fetch_add(micros, Ordering::Relaxed);
    }
}

impl Clock for ForwardClock {
    fn now(&self) -> Timestamp {
        SystemClock.now() + Duration::from_micros(self.forward_micros.load(Ordering::Relaxed))
    }
}
