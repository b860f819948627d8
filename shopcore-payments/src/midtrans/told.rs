//! What Midtrans answers.

use chrono::NaiveDateTime;
use serde::Deserialize;
use shopcore::gateway::{Effect, GatewayError};
use shopcore::invoice::Reference;
use shopcore::money::{Currency, Money};
use shopcore::time::Timestamp;

use super::ask::JAKARTA_AHEAD;
use crate::call::{amount, undecided};

/// The answer of Snap.
#[derive(Deserialize)]
pub(super) struct Opened {
    pub(super) redirect_url: String,
}

/// The answer of everything else: a transaction as it stands, or a refusal.
#[derive(Deserialize)]
pub(super) struct Answer {
    status_code: String,
    pub(super) transaction_id: Option<String>,
    order_id: Option<String>,
    gross_amount: Option<String>,
    currency: Option<String>,
    transaction_status: Option<Status>,
    fraud_status: Option<Fraud>,
    transaction_time: Option<String>,
    settlement_time: Option<String>,
    pub(super) qr_string: Option<String>,
    #[serde(default)]
    refunds: Vec<Given>,
}

/// The table of "Transaction Status".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
    Pending,
    Authorize,
    Capture,
    Settlement,
    Refund,
    PartialRefund,
    Chargeback,
    PartialChargeback,
    /// Denied, cancelled, expired or what else can't be paid.
    #[serde(other)]
    Ended,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Fraud {
    Accept,
    /// Challenged: a person decides at Midtrans.
    #[serde(other)]
    Doubted,
}

/// A refund of a transaction.
#[derive(Deserialize)]
struct Given {
    refund_key: Option<String>,
    refund_amount: String,
}

/// What a status means to a shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stand {
    /// It can be paid, or is being looked at.
    Open,
    /// It was paid, even where it was given back later.
    Paid,
    /// Nothing comes of it any more.
    Ended,
}

impl Status {
    pub(super) fn stand(self, fraud: Option<Fraud>) -> Stand {
        match (self, fraud) {
            (Self::Pending | Self::Authorize, _) | (Self::Capture, Some(Fraud::Doubted)) => {
                Stand::Open
            }
            (Self::Capture, Some(Fraud::Accept) | None)
            | (
                Self::Settlement
                | Self::Refund
                | Self::PartialRefund
                | Self::Chargeback
                | Self::PartialChargeback,
                _,
            ) => Stand::Paid,
            (Self::Ended, _) => Stand::Ended,
        }
    }
}

impl Answer {
    pub(super) fn is_created(&self) -> bool {
        self.status_code == "201"
    }

    pub(super) fn is_done(&self) -> bool {
        self.status_code == "200"
    }

    pub(super) fn is_expired(&self) -> bool {
        self.is_done() || self.status_code == "407"
    }

    /// The refusal that this answer is. Only its number is told: its text may quote anything.
    pub(super) fn refusal(&self) -> GatewayError {
        let number = self.status_code.bytes().all(|byte| byte.is_ascii_digit());
        let code = if number {
            self.status_code.as_str()
        } else {
            "?"
        };
        let told = refused(&format!("it answered with code {code}"));
        match code {
            "429" => undecided(told, Effect::None),
            _ if code.starts_with('5') => undecided(told, Effect::Unknown),
            _ => told,
        }
    }

    /// This answer, unless it says that there is no such transaction.
    pub(super) fn known(self) -> Result<Self, GatewayError> {
        match self.status_code.as_str() {
            "404" => Err(GatewayError::UnknownCharge),
            _ if self.transaction_status.is_none() && !self.is_done() => Err(self.refusal()),
            _ => Ok(self),
        }
    }

    pub(super) fn stand(&self) -> Stand {
        let status = self.transaction_status;
        status.map_or(Stand::Ended, |status| status.stand(self.fraud_status))
    }

    /// What is paid, which is what was asked for: anything else is not believed.
    pub(super) fn amount_of(
        &self,
        reference: &Reference,
        asked: Money,
    ) -> Result<Money, GatewayError> {
        if self.order_id.as_deref() != Some(reference.as_str()) {
            return Err(refused("it tells of another order"));
        }
        let rupiah = self.currency.as_deref().is_none_or(|code| code == "IDR");
        let told = self.gross_amount.as_deref().and_then(units);
        match told {
            Some(told) if rupiah && told == asked => Ok(told),
            Some(_) | None => Err(refused("it tells of another amount")),
        }
    }

    /// When it was settled, or else made.
    pub(super) fn paid_at(&self) -> Option<Timestamp> {
        let told = self.settlement_time.as_deref();
        moment(told.or(self.transaction_time.as_deref())?)
    }

    /// Whether a refund of this key gave this amount back.
    pub(super) fn gave(&self, key: &str, given: Money) -> bool {
        let mut refunds = self.refunds.iter();
        refunds.any(|refund| {
            refund.refund_key.as_deref() == Some(key) && units(&refund.refund_amount) == Some(given)
        })
    }
}

/// Reads `"24145.00"`.
fn units(text: &str) -> Option<Money> {
    amount(&text.into(), Currency::IDR).ok()
}

/// Reads `2026-01-31 18:00:00`, which is Jakarta's time.
fn moment(text: &str) -> Option<Timestamp> {
    let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok()?;
    local.and_utc().checked_sub_signed(JAKARTA_AHEAD)
}

pub(super) fn refused(reason: &str) -> GatewayError {
    GatewayError::Refused(reason.to_owned())
}
