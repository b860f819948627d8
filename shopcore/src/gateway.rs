//! The port of payment gateways: what one must do to collect money for a shop.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use thiserror::Error;

use crate::id::RefundId;
pub use crate::invoice::GatewayName;
use crate::invoice::{Charge, EventId, GatewayChargeId, PayWith, PaymentEvent, Reference};
use crate::money::{Currency, Money};
use crate::store::BoxError;
use crate::time::Timestamp;

mod terms;

pub use terms::{BadTerms, Fee, NotOffered, PaymentTerms, Rate, RateError};

/// A gateway, and the terms on which a shop offers it.
#[derive(Debug, Clone)]
pub struct PaymentMethod {
    /// The gateway.
    pub gateway: Arc<dyn Gateway>,
    /// The terms.
    pub terms: PaymentTerms,
}

impl PaymentMethod {
    /// What the gateway is asked for, so that `covers` of an invoice is paid.
    ///
    /// # Errors
    /// [`NotOffered`].
    pub fn asks(&self, covers: Money) -> Result<Money, NotOffered> {
        self.terms.asks(covers, self.gateway.capabilities())
    }

    /// Whether the gateway can be asked at all in a shop of this currency.
    ///
    /// # Errors
    /// [`BadTerms`].
    pub fn check(&self, shop: Currency) -> Result<(), BadTerms> {
        self.terms.check(shop, self.gateway.capabilities())
    }
}

/// What happens when a charge is asked for twice under one reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreateMode {
    /// The gateway answers with the charge it has: a lost reply is mended by asking again.
    Idempotent,
    /// The gateway can be asked for a charge by its reference.
    FindByReference,
    /// Neither: a charge whose reply was lost is abandoned, and another one made.
    Neither,
}

/// What a gateway can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// What happens when a charge is asked for twice.
    pub create: CreateMode,
    /// The currencies it takes.
    pub currencies: Vec<Currency>,
    /// The least it takes, where it says so.
    pub minimum: Option<Money>,
    /// The most it takes, where it says so.
    pub maximum: Option<Money>,
    /// Whether [`Gateway::cancel_charge`] does something.
    pub cancel: Support,
    /// Whether [`Gateway::refund`] does something.
    pub refund: Support,
    /// Whether [`Gateway::list_payments`] does something.
    pub statement: Support,
    /// Whether it tells of every payment by a webhook, once it is set up there. Where none comes,
    /// the owner is told.
    pub webhooks: Support,
    /// Whether [`Gateway::simulate_payment`] does something: only where no real money moves.
    pub simulate: Support,
}

/// Whether something can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Support {
    /// It can.
    Yes,
    /// It can't.
    No,
}

/// What a gateway is asked to collect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChargeRequest {
    /// The shop's reference.
    pub reference: Reference,
    /// How much, in a currency the gateway takes.
    pub amount: Money,
    /// What the customer reads on the gateway's page.
    pub description: String,
    /// When the charge should expire.
    pub expires_at: Timestamp,
}

/// A charge as its gateway made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenCharge {
    /// The gateway's own id of it, where it has one beside the shop's reference.
    pub id: Option<GatewayChargeId>,
    /// What the customer has to pay: the gateway's own total, its fee included.
    pub payable: Money,
    /// How it is paid.
    pub pay_with: PayWith,
}

/// What a gateway tells of a charge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChargeStatus {
    /// The charge as it can be paid, while it can.
    pub open: Option<OpenCharge>,
    /// The payments on it so far; their event ids are those of the webhooks.
    pub payments: Vec<PaymentEvent>,
}

/// What a gateway is asked to give back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundRequest {
    /// The refund: one that is asked for twice is made once.
    pub refund: RefundId,
    /// What the payment named.
    pub reference: Reference,
    /// The gateway's own id of the charge, where it told one.
    pub gateway_id: Option<GatewayChargeId>,
    /// The payment on it.
    pub payment: EventId,
    /// How much of it, in its currency.
    pub amount: Money,
}

/// How far a refund is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundProgress {
    /// The money is on its way to the customer.
    Done,
    /// The gateway has taken the request and not decided yet: it is to be asked again.
    Pending,
}

/// The headers and the raw body of a request that claims to be a webhook.
#[derive(Clone, Copy)]
pub struct WebhookRequest<'a> {
    /// Names in lower case, and values.
    pub headers: &'a [(String, String)],
    /// The body, byte by byte as received.
    pub body: &'a [u8],
}

impl fmt::Debug for WebhookRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WebhookRequest({} bytes)", self.body.len())
    }
}

/// What a webhook proves. Only a gateway's implementation makes one, after its checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VerifiedWebhook {
    /// Its signature vouches for these payments.
    Payments(Vec<PaymentEvent>),
    /// Nothing vouches for it: the gateway is to be asked about this charge.
    Ask(Reference),
}

/// Why a webhook was not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum WebhookError {
    /// The signature is missing or wrong.
    #[error("the webhook's signature is missing or wrong")]
    Signature,
    /// It is about another account of the gateway.
    #[error("the webhook is about another account or project than the one that is set")]
    OtherAccount,
    /// It is signed, but not understood.
    #[error("the webhook's body is not understood")]
    Malformed,
}

/// Whose fault a gateway's failure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The request was wrong: the shop's settings or code.
    Shop,
    /// The gateway, or the way to it.
    Gateway,
}

/// Whether a failed call may have had its effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Nothing happened.
    None,
    /// It can't be known.
    Unknown,
}

/// Why a gateway did not do what it was asked.
#[derive(Debug, Error)]
pub enum GatewayError {
    /// It refused, and would again.
    #[error("the gateway refused: {0}")]
    Refused(String),
    /// It can't be reached or failed; the same call may go through later.
    #[error("the gateway is unavailable")]
    Unavailable {
        /// Whether the call may have had its effect.
        effect: Effect,
        /// What went wrong.
        #[source]
        source: BoxError,
    },
    /// It knows no such charge.
    #[error("the gateway knows no such charge")]
    UnknownCharge,
    /// It can't do this at all.
    #[error("the gateway can't do this")]
    Unsupported,
}

impl GatewayError {
    /// Whose fault it is.
    #[must_use]
    pub fn fault(&self) -> Fault {
        match self {
            Self::Unavailable { .. } => Fault::Gateway,
            Self::Refused(_) | Self::UnknownCharge | Self::Unsupported => Fault::Shop,
        }
    }

    /// Whether the call may have had its effect.
    #[must_use]
    pub fn effect(&self) -> Effect {
        match self {
            Self::Unavailable { effect, .. } => *effect,
            Self::Refused(_) | Self::UnknownCharge | Self::Unsupported => Effect::None,
        }
    }
}

/// A payment gateway.
///
/// Every method may be called again after a failure; `create_charge` as [`Capabilities::create`]
/// tells.
#[async_trait]
pub trait Gateway: Send + Sync + fmt::Debug {
    /// Its name, unique in a shop.
    fn name(&self) -> &GatewayName;

    /// What it can do.
    fn capabilities(&self) -> &Capabilities;

    /// Asks for money.
    ///
    /// # Errors
    /// [`GatewayError`].
    async fn create_charge(&self, request: &ChargeRequest) -> Result<OpenCharge, GatewayError>;

    /// Tells what became of a charge.
    ///
    /// # Errors
    /// [`GatewayError::UnknownCharge`] where the gateway has none of this reference, or another
    /// [`GatewayError`].
    async fn charge_status(&self, charge: &Charge) -> Result<ChargeStatus, GatewayError>;

    /// Gives a charge up. A payment under way may still arrive.
    ///
    /// # Errors
    /// [`GatewayError`].
    async fn cancel_charge(&self, charge: &Charge) -> Result<(), GatewayError>;

    /// Gives money of a payment back, once for each [`RefundRequest::refund`]: asking again makes
    /// no second refund and tells how far the first one is.
    ///
    /// # Errors
    /// [`GatewayError::Unsupported`] where it gives nothing back, [`GatewayError::Refused`] where it
    /// never will, or another [`GatewayError`].
    async fn refund(&self, _request: &RefundRequest) -> Result<RefundProgress, GatewayError> {
        Err(GatewayError::Unsupported)
    }

    /// Every payment of `from` to before `to`, as its own books have it, under the event ids of the
    /// webhooks.
    ///
    /// # Errors
    /// [`GatewayError::Unsupported`] where it lists none, or another [`GatewayError`].
    async fn list_payments(
        &self,
        _from: Timestamp,
        _to: Timestamp,
    ) -> Result<Vec<PaymentEvent>, GatewayError> {
        Err(GatewayError::Unsupported)
    }

    /// Whether only its customers can tell what they paid, and show a proof for a person to judge.
    fn needs_proof(&self) -> bool {
        false
    }

    /// Whether a call has a chance by now: not while it failed too often.
    fn is_available(&self) -> bool {
        true
    }

    /// Checks that a webhook comes from the gateway, in constant time, and reads it.
    ///
    /// # Errors
    /// [`WebhookError`]; nothing of the body is believed then.
    fn verify_webhook(&self, request: WebhookRequest<'_>) -> Result<VerifiedWebhook, WebhookError>;

    /// Pays a charge without real money.
    ///
    /// # Errors
    /// [`GatewayError::Unsupported`] wherever real money moves.
    async fn simulate_payment(&self, _charge: &Charge, _amount: Money) -> Result<(), GatewayError> {
        Err(GatewayError::Unsupported)
    }
}
