//! Tripay's webhooks ("Callback").

use serde::Deserialize;
use serde_json::Value;
use shopcore::gateway::{GatewayName, WebhookError, WebhookRequest};
use shopcore::invoice::{EventId, PaymentEvent};
use shopcore::time::Timestamp;

use super::rupiah;
use super::told::{Status, moment, named};
use crate::sign::is_signed;

/// The header with the HMAC-SHA256 of the raw body.
const SIGNATURE: &str = "x-callback-signature";

/// What a webhook says, once it is known to be genuine.
#[derive(Deserialize)]
pub(super) struct Notice {
    reference: EventId,
    merchant_ref: Option<String>,
    total_amount: Value,
    status: Status,
    paid_at: Option<Value>,
}

/// Checks a webhook's signature and reads it.
pub(super) fn verified(request: WebhookRequest<'_>, key: &str) -> Result<Notice, WebhookError> {
    let mut headers = request.headers.iter();
    let signature = headers.find(|(name, _)| name == SIGNATURE);
    let (_, signature) = signature.ok_or(WebhookError::Signature)?;
    if !is_signed(key, request.body, signature) {
        return Err(WebhookError::Signature);
    }
    serde_json::from_slice(request.body).map_err(|_| WebhookError::Malformed)
}

impl Notice {
    /// The payment that it tells of, if any.
    pub(super) fn payments(
        self,
        gateway: &GatewayName,
        now: Timestamp,
    ) -> Result<Vec<PaymentEvent>, WebhookError> {
        match self.status {
            Status::Paid => {}
            Status::Unpaid | Status::Refund | Status::Ended => return Ok(Vec::new()),
        }
        let reference = named(self.merchant_ref.as_deref(), self.reference.as_str());
        Ok(vec![PaymentEvent {
            gateway: gateway.clone(),
            reference: reference.ok_or(WebhookError::Malformed)?,
            amount: rupiah(&self.total_amount).ok_or(WebhookError::Malformed)?,
            paid_at: self.paid_at.as_ref().and_then(moment).unwrap_or(now),
            event: self.reference,
        }])
    }
}
