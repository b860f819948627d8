//! The signature of webhooks: `Stripe-Signature: t=…,v1=…`, where `v1` is the HMAC-SHA256 of
//! `t.body` under the endpoint's secret. Several `v1` may stand there while a secret is renewed.

use chrono::TimeDelta;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use shopcore::gateway::{WebhookError, WebhookRequest};
use shopcore::time::Timestamp;

use crate::call::Secret;
use crate::hex::unhex;

/// Whether a webhook was signed by Stripe, about now.
pub(super) fn check(
    secret: &Secret,
    request: WebhookRequest<'_>,
    now: Timestamp,
    tolerance: TimeDelta,
) -> Result<(), WebhookError> {
    let header = request
        .headers
        .iter()
        .find(|(name, _)| name == "stripe-signature");
    let (_, header) = header.ok_or(WebhookError::Signature)?;
    let parts = || {
        header
            .split(',')
            .filter_map(|part| part.trim().split_once('='))
    };
    let signed_at = parts().find_map(|(key, value)| (key == "t").then_some(value));
    let signed_at = signed_at.ok_or(WebhookError::Signature)?;
    let seconds = signed_at.parse().map_err(|_| WebhookError::Signature)?;
    let at = Timestamp::from_timestamp(seconds, 0).ok_or(WebhookError::Signature)?;
    let is_fresh = now.signed_duration_since(at).abs() <= tolerance;
    let key = secret.reveal().as_bytes();
    let mac = Hmac::<Sha256>::new_from_slice(key).map_err(|_| WebhookError::Signature)?;
    let mac = mac
        .chain_update(signed_at.as_bytes())
        .chain_update(b".")
        .chain_update(request.body);
    let mut given = parts()
        .filter(|(key, _)| *key == "v1")
        .filter_map(|(_, value)| unhex(value));
    // Each is compared in constant time.
    let is_genuine = given.any(|given| mac.clone().verify_slice(&given).is_ok());
    if is_fresh && is_genuine {
        Ok(())
    } else {
        Err(WebhookError::Signature)
    }
}
