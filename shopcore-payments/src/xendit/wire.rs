//! What goes to Xendit, and what comes from it, as far as it is read.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use shopcore::gateway::{ChargeRequest, GatewayError, OpenCharge, RefundProgress, RefundRequest};
use shopcore::id::RefundId;
use shopcore::invoice::{GatewayChargeId, PayWith, Reference};
use shopcore::money::{Currency, Money};
use shopcore::time::Timestamp;

use crate::call::amount;

/// A refusal in our own words: Xendit's own may repeat what a customer typed.
pub(super) fn refused(what: &str) -> GatewayError {
    GatewayError::Refused(format!("Xendit: {what}"))
}

/// An invoice as it is asked for.
#[derive(Debug, Serialize)]
pub(super) struct Asked<'a> {
    external_id: &'a str,
    amount: i64,
    currency: &'static str,
    description: &'a str,
    invoice_duration: i64,
}

impl<'a> Asked<'a> {
    pub(super) fn new(request: &'a ChargeRequest, now: Timestamp) -> Result<Self, GatewayError> {
        let left = (request.expires_at - now).num_seconds();
        if left < 1 {
            return Err(refused("the time to pay is over"));
        }
        Ok(Self {
            external_id: request.reference.as_str(),
            amount: request.amount.minor(),
            currency: "IDR",
            description: &request.description,
            invoice_duration: left,
        })
    }
}

/// An invoice as it is told, by the API and by webhooks.
#[derive(Debug, Deserialize)]
pub(super) struct Invoice {
    pub(super) id: String,
    external_id: String,
    status: String,
    amount: Value,
    currency: Option<String>,
    paid_amount: Option<Value>,
    paid_at: Option<String>,
    invoice_url: Option<String>,
}

impl Invoice {
    pub(super) fn reference(&self) -> Result<Reference, GatewayError> {
        Reference::parse(&self.external_id)
            .map_err(|_| refused("its external_id is not the shop's"))
    }

    fn money(&self, value: &Value) -> Result<Money, GatewayError> {
        let currency = self.currency.as_deref().unwrap_or("IDR");
        if currency != "IDR" {
            return Err(refused("its invoice is in another currency"));
        }
        let read = amount(value, Currency::IDR);
        read.map_err(|_| refused("its amount is not understood"))
    }

    /// Whether it is the invoice of this charge.
    pub(super) fn check(&self, reference: &Reference, asked: Money) -> Result<(), GatewayError> {
        if self.external_id == reference.as_str() && self.money(&self.amount)? == asked {
            Ok(())
        } else {
            Err(refused("it tells of another charge"))
        }
    }

    /// How it can be paid, while it can.
    pub(super) fn opened(&self) -> Result<Option<OpenCharge>, GatewayError> {
        let (true, Some(url)) = (self.status == "PENDING", &self.invoice_url) else {
            return Ok(None);
        };
        let id = GatewayChargeId::parse(&self.id);
        Ok(Some(OpenCharge {
            id: Some(id.map_err(|_| refused("the id of its invoice is too long"))?),
            payable: self.money(&self.amount)?,
            pay_with: PayWith::Page(url.clone()),
        }))
    }

    pub(super) fn is_paid(&self) -> bool {
        matches!(self.status.as_str(), "PAID" | "SETTLED")
    }

    /// What was paid, once it was.
    pub(super) fn paid(&self) -> Result<Option<Money>, GatewayError> {
        if !self.is_paid() {
            return Ok(None);
        }
        let paid = self.paid_amount.as_ref().unwrap_or(&self.amount);
        self.money(paid).map(Some)
    }

    pub(super) fn paid_at(&self) -> Option<Timestamp> {
        self.paid_at.as_deref()?.parse().ok()
    }
}

/// A list.
#[derive(Debug, Deserialize)]
pub(super) struct Listing<T> {
    pub(super) data: Vec<T>,
}

/// A refund as it is asked for.
#[derive(Debug, Serialize)]
pub(super) struct Give<'a> {
    invoice_id: &'a str,
    amount: i64,
    currency: &'static str,
    reason: &'static str,
    reference_id: String,
}

impl<'a> Give<'a> {
    pub(super) fn new(invoice: &'a str, request: &RefundRequest) -> Self {
        Self {
            invoice_id: invoice,
            amount: request.amount.minor(),
            currency: "IDR",
            reason: "REQUESTED_BY_CUSTOMER",
            reference_id: request.refund.to_string(),
        }
    }
}

/// A refund as it is told.
#[derive(Debug, Deserialize)]
pub(super) struct Given {
    status: String,
    reference_id: Option<String>,
}

impl Given {
    pub(super) fn is(&self, refund: RefundId) -> bool {
        self.reference_id == Some(refund.to_string())
    }

    pub(super) fn progress(&self) -> Result<RefundProgress, GatewayError> {
        match self.status.as_str() {
            "SUCCEEDED" => Ok(RefundProgress::Done),
            "FAILED" | "CANCELLED" => Err(refused("the refund failed")),
            _ => Ok(RefundProgress::Pending),
        }
    }
}
