//! What goes to Crypto Pay, and what comes from it, as far as it is read.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use shopcore::gateway::{ChargeRequest, GatewayError, OpenCharge};
use shopcore::invoice::{GatewayChargeId, PayWith, Reference};
use shopcore::money::{Currency, Money};
use shopcore::time::Timestamp;

use crate::call::{amount, written};

/// A refusal in our own words.
pub(super) fn refused(what: &str) -> GatewayError {
    GatewayError::Refused(format!("Crypto Pay: {what}"))
}

/// What every answer is wrapped in.
#[derive(Debug, Deserialize)]
pub(super) struct Told<T> {
    pub(super) result: Option<T>,
}

/// A list of invoices.
#[derive(Debug, Deserialize)]
pub(super) struct Items {
    pub(super) items: Vec<Invoice>,
}

/// An invoice as it is asked for.
#[derive(Debug, Serialize)]
pub(super) struct Asked<'a> {
    currency_type: &'static str,
    fiat: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted_assets: Option<&'a str>,
    amount: String,
    description: &'a str,
    payload: &'a str,
    allow_comments: bool,
    expires_in: i64,
}

impl<'a> Asked<'a> {
    pub(super) fn new(
        request: &'a ChargeRequest,
        assets: Option<&'a str>,
        now: Timestamp,
    ) -> Result<Self, GatewayError> {
        let left = (request.expires_at - now).num_seconds();
        if left < 1 {
            return Err(refused("the time to pay is over"));
        }
        Ok(Self {
            currency_type: "fiat",
            fiat: request.amount.currency().code().to_owned(),
            accepted_assets: assets,
            amount: written(request.amount),
            description: &request.description,
            payload: request.reference.as_str(),
            allow_comments: false,
            expires_in: left,
        })
    }
}

/// Which invoices are asked about.
#[derive(Debug, Default, Serialize)]
pub(super) struct Ask {
    #[serde(skip_serializing_if = "Option::is_none")]
    invoice_ids: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'static str>,
    offset: u32,
    count: u32,
}

impl Ask {
    pub(super) fn one(id: &str) -> Self {
        Self {
            invoice_ids: Some(id.to_owned()),
            count: 1,
            ..Self::default()
        }
    }

    pub(super) fn page(status: Option<&'static str>, offset: u32, count: u32) -> Self {
        Self {
            invoice_ids: None,
            status,
            offset,
            count,
        }
    }
}

/// An invoice by its id.
#[derive(Debug, Serialize)]
pub(super) struct Named {
    invoice_id: u64,
}

impl Named {
    pub(super) fn new(invoice: &Invoice) -> Self {
        let invoice_id = invoice.invoice_id;
        Self { invoice_id }
    }
}

/// An invoice as it is told, by the API and by webhooks.
#[derive(Debug, Deserialize)]
pub(super) struct Invoice {
    invoice_id: u64,
    status: String,
    fiat: Option<String>,
    amount: Value,
    payload: Option<String>,
    bot_invoice_url: Option<String>,
    created_at: Option<String>,
    paid_at: Option<String>,
}

impl Invoice {
    pub(super) fn id(&self) -> String {
        self.invoice_id.to_string()
    }

    pub(super) fn reference(&self) -> Option<Reference> {
        Reference::parse(self.payload.as_deref()?).ok()
    }

    pub(super) fn names(&self, reference: &Reference) -> bool {
        self.payload.as_deref() == Some(reference.as_str())
    }

    pub(super) fn is_paid(&self) -> bool {
        self.status == "paid"
    }

    /// What was asked for.
    pub(super) fn money(&self, currency: Currency) -> Result<Money, GatewayError> {
        if self.fiat.as_deref() != Some(currency.code()) {
            return Err(refused("its invoice is in another currency"));
        }
        amount(&self.amount, currency).map_err(|_| refused("its amount is not understood"))
    }

    /// Whether it is the invoice of this charge.
    pub(super) fn check(&self, reference: &Reference, asked: Money) -> Result<(), GatewayError> {
        if self.names(reference) && self.money(asked.currency())? == asked {
            Ok(())
        } else {
            Err(refused("it tells of another charge"))
        }
    }

    /// How it can be paid, while it can.
    pub(super) fn opened(&self, currency: Currency) -> Result<Option<OpenCharge>, GatewayError> {
        let (true, Some(url)) = (self.status == "active", &self.bot_invoice_url) else {
            return Ok(None);
        };
        Ok(Some(OpenCharge {
            id: GatewayChargeId::parse(&self.id()).ok(),
            payable: self.money(currency)?,
            pay_with: PayWith::Page(url.clone()),
        }))
    }

    pub(super) fn created_at(&self) -> Option<Timestamp> {
        self.created_at.as_deref()?.parse().ok()
    }

    pub(super) fn paid_at(&self) -> Option<Timestamp> {
        self.paid_at.as_deref()?.parse().ok()
    }
}

/// What a webhook brings.
#[derive(Debug, Deserialize)]
pub(super) struct Update {
    update_type: String,
    payload: Value,
}

impl Update {
    /// The invoice that was paid, where it tells of one.
    pub(super) fn paid(&self) -> Option<Result<Invoice, serde_json::Error>> {
        let is_paid = self.update_type == "invoice_paid";
        is_paid.then(|| serde_json::from_value(self.payload.clone()))
    }
}
