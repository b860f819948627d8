//! Midtrans' webhooks ("HTTP(S) Notification / Webhooks").

use serde::Deserialize;
use sha2::{Digest, Sha512};
use shopcore::gateway::{VerifiedWebhook, WebhookError};
use shopcore::invoice::Reference;
use subtle::ConstantTimeEq;

use super::told::{Fraud, Stand, Status};
use crate::hex::unhex;

#[derive(Deserialize)]
struct Notice {
    order_id: String,
    status_code: String,
    gross_amount: String,
    #[serde(default)]
    signature_key: String,
    transaction_status: Status,
    fraud_status: Option<Fraud>,
}

/// Checks a webhook's signature: SHA-512 of order id, status code, gross amount (as received) and
/// server key. One about a payment makes the shop ask, and any other is done with.
pub(super) fn verify(body: &[u8], server_key: &str) -> Result<VerifiedWebhook, WebhookError> {
    let notice: Notice = serde_json::from_slice(body).map_err(|_| WebhookError::Malformed)?;
    let signature = Sha512::new()
        .chain_update(&notice.order_id)
        .chain_update(&notice.status_code)
        .chain_update(&notice.gross_amount)
        .chain_update(server_key)
        .finalize();
    let given = unhex(&notice.signature_key).ok_or(WebhookError::Signature)?;
    if !bool::from(signature.as_slice().ct_eq(&given)) {
        return Err(WebhookError::Signature);
    }
    let reference = Reference::parse(&notice.order_id).map_err(|_| WebhookError::Malformed)?;
    Ok(match notice.transaction_status.stand(notice.fraud_status) {
        Stand::Paid => VerifiedWebhook::Ask(reference),
        Stand::Open | Stand::Ended => VerifiedWebhook::Payments(Vec::new()),
    })
}
