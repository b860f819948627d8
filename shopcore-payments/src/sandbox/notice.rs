//! The sandbox's webhooks: their body, their signature, and sending them.

use std::fmt;
use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::Path;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use shopcore::gateway::{GatewayName, WebhookError, WebhookRequest};
use shopcore::invoice::{EventId, PaymentEvent, Reference};
use shopcore::money::Money;
use shopcore::time::Timestamp;
use thiserror::Error;

use super::SandboxError;
use crate::call::client_builder;
use crate::hex::{hex, unhex};

/// The header that carries a webhook's signature: HMAC-SHA256 of the raw body, in hexadecimal.
pub const SIGNATURE_HEADER: &str = "x-sandbox-signature";

/// Longer than any shop should take to answer a webhook.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why a webhook was not delivered.
#[derive(Debug, Error)]
pub enum NotifyError {
    /// The shop can't be reached there; it may learn of the payment by asking.
    #[error("the shop can't be reached at its webhook address")]
    Unreachable(#[source] reqwest::Error),
    /// The shop did not take it.
    #[error("the shop answered the webhook with status {0}")]
    Refused(u16),
    /// The payment can't be written down.
    #[error("the webhook can't be written")]
    Unwritable(#[source] serde_json::Error),
}

/// A webhook as the sandbox posts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SandboxWebhook {
    /// What [`SIGNATURE_HEADER`] says.
    pub signature: String,
    /// The body, JSON.
    pub body: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct Notice {
    payments: Vec<Paid>,
}

#[derive(Serialize, Deserialize)]
struct Paid {
    event: EventId,
    reference: Reference,
    amount: Money,
    paid_at: Timestamp,
}

/// The body of the webhook about these payments.
pub(super) fn body(payments: &[PaymentEvent]) -> Result<Vec<u8>, NotifyError> {
    let paid = payments.iter().cloned().map(|payment| Paid {
        event: payment.event,
        reference: payment.reference,
        amount: payment.amount,
        paid_at: payment.paid_at,
    });
    let notice = Notice {
        payments: paid.collect(),
    };
    serde_json::to_vec(&notice).map_err(NotifyError::Unwritable)
}

/// Reads a body whose signature was checked.
pub(super) fn read(gateway: &GatewayName, body: &[u8]) -> Result<Vec<PaymentEvent>, WebhookError> {
    let notice: Notice = serde_json::from_slice(body).map_err(|_| WebhookError::Malformed)?;
    let events = notice.payments.into_iter().map(|paid| PaymentEvent {
        gateway: gateway.clone(),
        event: paid.event,
        reference: paid.reference,
        amount: paid.amount,
        paid_at: paid.paid_at,
    });
    Ok(events.collect())
}

/// Posts a webhook, straight to the shop: a proxy would not know the way to this machine.
pub(super) async fn send(url: &str, webhook: SandboxWebhook) -> Result<(), NotifyError> {
    let client = client_builder().no_proxy().timeout(PATIENCE);
    let request = client
        .build()
        .map_err(NotifyError::Unreachable)?
        .post(url)
        .header("content-type", "application/json")
        .header(SIGNATURE_HEADER, webhook.signature)
        .body(webhook.body);
    let status = request
        .send()
        .await
        .map_err(NotifyError::Unreachable)?
        .status();
    if status.is_success() {
        return Ok(());
    }
    Err(NotifyError::Refused(status.as_u16()))
}

/// Holds the key of the webhooks.
pub(super) struct Signer(Hmac<Sha256>);

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signer(…)")
    }
}

impl Signer {
    /// A signer with a new random key.
    pub(super) fn generate() -> Result<Self, SandboxError> {
        Self::new(&random_key()?)
    }

    /// A signer with the key in the file at `path`, which is made where there is none. Call it
    /// while no other process does.
    pub(super) fn load(path: &Path) -> Result<Self, SandboxError> {
        match std::fs::read_to_string(path) {
            Ok(text) => {
                let damaged = || SandboxError::Key {
                    path: path.to_owned(),
                };
                let key = unhex(text.trim()).ok_or_else(damaged)?;
                let key: [u8; 32] = key.try_into().map_err(|_| damaged())?;
                Self::new(&key)
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                let key = random_key()?;
                keep(path, &key).map_err(|source| io_error(path, source))?;
                Self::new(&key)
            }
            Err(source) => Err(io_error(path, source)),
        }
    }

    fn new(key: &[u8; 32]) -> Result<Self, SandboxError> {
        Hmac::new_from_slice(key)
            .map(Self)
            .map_err(|_| SandboxError::NoEntropy)
    }

    pub(super) fn sign(&self, body: &[u8]) -> String {
        let mut mac = self.0.clone();
        mac.update(body);
        hex(&mac.finalize().into_bytes())
    }

    /// Compares in constant time.
    pub(super) fn verify(&self, request: WebhookRequest<'_>) -> Result<(), WebhookError> {
        let mut headers = request.headers.iter();
        let given = headers
            .find(|(name, _)| name == SIGNATURE_HEADER)
            .and_then(|(_, value)| unhex(value))
            .ok_or(WebhookError::Signature)?;
        let mut mac = self.0.clone();
        mac.update(request.body);
        mac.verify_slice(&given)
            .map_err(|_| WebhookError::Signature)
    }
}

fn random_key() -> Result<[u8; 32], SandboxError> {
    let mut key = [0; 32];
    getrandom::fill(&mut key).map_err(|_| SandboxError::NoEntropy)?;
    Ok(key)
}

fn keep(path: &Path, key: &[u8; 32]) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(hex(key).as_bytes())?;
    file.sync_all()
}

fn io_error(path: &Path, source: std::io::Error) -> SandboxError {
    SandboxError::Io {
        path: path.to_owned(),
        source,
    }
}
