//! What Tripay answers.

use chrono::DateTime;
use serde::Deserialize;
use serde_json::Value;
use shopcore::gateway::{GatewayError, GatewayName, OpenCharge};
use shopcore::invoice::{BankAccount, EventId, GatewayChargeId, PayWith, PaymentEvent, Reference};
use shopcore::money::Money;
use shopcore::time::Timestamp;

use super::{TripayChannel, rupiah};

/// The frame of every answer.
#[derive(Deserialize)]
pub(super) struct Told<T> {
    pub(super) success: bool,
    data: Option<T>,
    pub(super) pagination: Option<Pagination>,
}

impl<T> Told<T> {
    pub(super) fn data(self) -> Result<T, GatewayError> {
        self.data.ok_or_else(|| refused("it tells of nothing"))
    }
}

/// Where in a list an answer stands.
#[derive(Deserialize)]
pub(super) struct Pagination {
    pub(super) last_page: u32,
}

/// A transaction, as "Request Transaksi", "Detail Transaksi" and "Daftar Transaksi" tell of it.
#[derive(Deserialize)]
pub(super) struct Transaction {
    /// Tripay's own.
    pub(super) reference: String,
    pub(super) merchant_ref: Option<String>,
    payment_name: Option<String>,
    amount: Value,
    fee_customer: Value,
    /// A text, or a number.
    pay_code: Option<Value>,
    pay_url: Option<String>,
    checkout_url: Option<String>,
    qr_string: Option<String>,
    pub(super) status: Status,
    paid_at: Option<Value>,
    created_at: Option<Value>,
}

/// Where a transaction stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Status {
    Unpaid,
    Paid,
    /// Paid, and given back by hand at Tripay.
    Refund,
    /// Expired, failed or what else can't be paid.
    #[serde(other)]
    Ended,
}

impl Transaction {
    /// Refuses to believe what is told of another charge, or of another amount than was asked for
    /// and the customer's fee upon it.
    pub(super) fn check(&self, reference: &Reference, asked: Money) -> Result<(), GatewayError> {
        if self.merchant_ref.as_deref() != Some(reference.as_str()) {
            return Err(refused("it tells of another charge"));
        }
        let fee = rupiah(&self.fee_customer);
        let without = fee.and_then(|fee| self.amount().ok()?.checked_sub(fee).ok());
        match without == Some(asked) {
            true => Ok(()),
            false => Err(refused("it tells of another amount")),
        }
    }

    fn amount(&self) -> Result<Money, GatewayError> {
        rupiah(&self.amount).ok_or_else(|| refused("its amount is none"))
    }

    /// Whether it tells how it is paid without a page.
    pub(super) fn is_whole(&self) -> bool {
        self.qr_string.is_some() || self.pay_code.is_some()
    }

    /// How it is paid: by its code or to its account, else on its page.
    pub(super) fn opened(&self, channel: &TripayChannel) -> Result<OpenCharge, GatewayError> {
        let code = || self.qr_string.clone().map(PayWith::Qr);
        let account = || self.account().filter(|_| channel.is_account());
        let page = || self.pay_url.clone().or_else(|| self.checkout_url.clone());
        let pay_with = account().map(PayWith::Account).or_else(code);
        let pay_with = pay_with.or_else(|| page().map(PayWith::Page));
        let id = GatewayChargeId::parse(&self.reference);
        Ok(OpenCharge {
            id: Some(id.map_err(|_| refused("its reference is none"))?),
            payable: self.amount()?,
            pay_with: pay_with.ok_or_else(|| refused("it tells of no way to pay"))?,
        })
    }

    fn account(&self) -> Option<BankAccount> {
        let number = match self.pay_code.as_ref()? {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
        };
        Some(BankAccount {
            bank: self.payment_name.clone()?,
            number,
            holder: None,
        })
    }

    /// Its payment, made at `now` where it does not tell when.
    pub(super) fn payment(
        &self,
        gateway: &GatewayName,
        reference: &Reference,
        now: Timestamp,
    ) -> Result<PaymentEvent, GatewayError> {
        let event = EventId::parse(&self.reference);
        Ok(PaymentEvent {
            gateway: gateway.clone(),
            event: event.map_err(|_| refused("its reference is none"))?,
            reference: reference.clone(),
            amount: self.amount()?,
            paid_at: self.paid_at().unwrap_or(now),
        })
    }

    pub(super) fn paid_at(&self) -> Option<Timestamp> {
        moment(self.paid_at.as_ref()?)
    }

    pub(super) fn created_at(&self) -> Option<Timestamp> {
        moment(self.created_at.as_ref()?)
    }
}

/// What a payment names: the shop's reference; else, so that it is kept, Tripay's own.
pub(super) fn named(merchant_ref: Option<&str>, own: &str) -> Option<Reference> {
    let given = merchant_ref.and_then(|text| Reference::parse(text).ok());
    given.or_else(|| Reference::parse(own).ok())
}

/// Reads seconds of Unix, as a number or a text.
pub(super) fn moment(value: &Value) -> Option<Timestamp> {
    let seconds = match value {
        Value::Number(number) => number.as_i64()?,
        Value::String(text) => text.parse().ok()?,
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    DateTime::from_timestamp(seconds, 0)
}

pub(super) fn refused(reason: &str) -> GatewayError {
    GatewayError::Refused(reason.to_owned())
}
