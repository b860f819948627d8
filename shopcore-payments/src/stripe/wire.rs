//! What Stripe sends, as far as it is read.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use shopcore::gateway::{GatewayError, OpenCharge, RefundProgress};
use shopcore::invoice::{PayWith, Reference};
use shopcore::money::Money;
use shopcore::time::Timestamp;

use super::{charge_id, units};

/// A refusal in our own words: Stripe's own may repeat what a customer typed.
pub(super) fn refused(what: &str) -> GatewayError {
    GatewayError::Refused(format!("Stripe: {what}"))
}

/// A Checkout Session.
#[derive(Debug, Deserialize)]
pub(super) struct Session {
    pub(super) id: String,
    client_reference_id: Option<String>,
    status: Option<String>,
    payment_status: String,
    payment_intent: Option<String>,
    amount_total: Option<i64>,
    currency: Option<String>,
    url: Option<String>,
}

impl Session {
    fn amount(&self) -> Result<Money, GatewayError> {
        match (self.amount_total, &self.currency) {
            (Some(units), Some(currency)) => units::money(units, currency),
            _ => Err(refused("its session has no amount")),
        }
    }

    /// A session that was just made for an amount.
    pub(super) fn opened(self, asked: Money) -> Result<OpenCharge, GatewayError> {
        if self.amount()? != asked {
            return Err(refused("it asks for another amount"));
        }
        let id = charge_id(&self.id)?;
        let url = self.url.ok_or_else(|| refused("its session is over"))?;
        Ok(OpenCharge {
            id: Some(id),
            payable: asked,
            pay_with: PayWith::Page(url),
        })
    }

    pub(super) fn check(&self, reference: &Reference) -> Result<(), GatewayError> {
        same(self.client_reference_id.as_deref(), reference)
    }

    pub(super) fn is_open(&self) -> bool {
        self.status.as_deref() == Some("open")
    }

    /// The PaymentIntent and the amount of a session that was paid.
    pub(super) fn paid(&self) -> Result<Option<(&str, Money)>, GatewayError> {
        match (&self.payment_intent, self.payment_status.as_str()) {
            (Some(intent), "paid") => Ok(Some((intent, self.amount()?))),
            _ => Ok(None),
        }
    }
}

/// A PaymentIntent; its client secret is nothing to print.
#[derive(Deserialize)]
pub(super) struct Intent {
    pub(super) id: String,
    amount: i64,
    amount_received: Option<i64>,
    currency: String,
    status: String,
    #[serde(default)]
    metadata: BTreeMap<String, String>,
    pub(super) client_secret: Option<String>,
}

impl Intent {
    pub(super) fn asked(&self) -> Result<Money, GatewayError> {
        units::money(self.amount, &self.currency)
    }

    pub(super) fn check(&self, reference: &Reference) -> Result<(), GatewayError> {
        same(
            self.metadata.get("reference").map(String::as_str),
            reference,
        )
    }

    pub(super) fn is_open(&self) -> bool {
        self.status != "succeeded" && self.status != "canceled"
    }

    /// Its id and what was paid on it.
    pub(super) fn paid(&self) -> Result<Option<(&str, Money)>, GatewayError> {
        if self.status != "succeeded" {
            return Ok(None);
        }
        let amount = units::money(self.amount_received.unwrap_or(self.amount), &self.currency)?;
        Ok(Some((&self.id, amount)))
    }
}

fn same(told: Option<&str>, reference: &Reference) -> Result<(), GatewayError> {
    if told == Some(reference.as_str()) {
        Ok(())
    } else {
        Err(refused("it tells of another charge"))
    }
}

/// A page of a list.
#[derive(Debug, Deserialize)]
pub(super) struct Page<T> {
    pub(super) data: Vec<T>,
    #[serde(default)]
    pub(super) has_more: bool,
}

/// A refund.
#[derive(Debug, Deserialize)]
pub(super) struct MadeRefund {
    status: Option<String>,
    #[serde(default)]
    pub(super) metadata: BTreeMap<String, String>,
}

impl MadeRefund {
    pub(super) fn progress(&self) -> Result<RefundProgress, GatewayError> {
        match self.status.as_deref() {
            Some("succeeded") => Ok(RefundProgress::Done),
            Some("failed" | "canceled") => Err(refused("the refund failed")),
            _ => Ok(RefundProgress::Pending),
        }
    }
}

/// A charge of the account's list: a payment.
#[derive(Debug, Deserialize)]
pub(super) struct Listed {
    pub(super) id: String,
    amount: i64,
    currency: String,
    created: i64,
    paid: bool,
    payment_intent: Option<String>,
    #[serde(default)]
    metadata: BTreeMap<String, String>,
}

impl Listed {
    pub(super) fn created(&self) -> Timestamp {
        moment(self.created)
    }

    /// PaymentIntent, reference and amount, where it was paid and is the shop's.
    pub(super) fn paid(&self) -> Result<Option<(&str, Reference, Money)>, GatewayError> {
        let reference = self.metadata.get("reference");
        let reference = reference.and_then(|text| Reference::parse(text).ok());
        match (self.paid, &self.payment_intent, reference) {
            (true, Some(intent), Some(reference)) => {
                let amount = units::money(self.amount, &self.currency)?;
                Ok(Some((intent, reference, amount)))
            }
            _ => Ok(None),
        }
    }
}

/// An event, as webhooks bring it.
#[derive(Debug, Deserialize)]
pub(super) struct Event {
    #[serde(rename = "type")]
    kind: String,
    created: i64,
    data: Data,
}

#[derive(Debug, Deserialize)]
struct Data {
    object: Value,
}

/// What an event that may tell of a payment is about.
pub(super) enum Object {
    Session(Session),
    Intent(Intent),
}

impl Object {
    /// The shop's reference, where it has one.
    pub(super) fn reference(&self) -> Option<Reference> {
        let text = match self {
            Self::Session(session) => session.client_reference_id.as_deref(),
            Self::Intent(intent) => intent.metadata.get("reference").map(String::as_str),
        };
        Reference::parse(text?).ok()
    }
}

impl Event {
    pub(super) fn created(&self) -> Timestamp {
        moment(self.created)
    }

    /// What it is about, where it may tell of a payment.
    pub(super) fn object(&self) -> Option<Result<Object, GatewayError>> {
        let garbled = |_| refused("its event is not understood");
        let object = self.data.object.clone();
        match self.kind.as_str() {
            "checkout.session.completed" | "checkout.session.async_payment_succeeded" => {
                let session = serde_json::from_value(object);
                Some(session.map(Object::Session).map_err(garbled))
            }
            "payment_intent.succeeded" => {
                let intent = serde_json::from_value(object);
                Some(intent.map(Object::Intent).map_err(garbled))
            }
            _ => None,
        }
    }
}

fn moment(seconds: i64) -> Timestamp {
    Timestamp::from_timestamp(seconds, 0).unwrap_or(Timestamp::UNIX_EPOCH)
}
