//! What Pakasir is sent and what it answers.

use chrono::DateTime;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shopcore::gateway::GatewayError;
use shopcore::invoice::Reference;
use shopcore::money::{Currency, Money};
use shopcore::time::{Timestamp, whole_micros};

use crate::call::amount;

/// What names a transaction, in every call.
#[derive(Serialize)]
pub(super) struct Order<'a> {
    pub(super) project: &'a str,
    pub(super) order_id: &'a str,
    pub(super) amount: i64,
    pub(super) api_key: &'a str,
}

/// The answer to section C.2, "Transaction Create". One without a payment tells why not.
#[derive(Deserialize)]
pub(super) struct Opened {
    pub(super) payment: Option<Payment>,
}

#[derive(Deserialize)]
pub(super) struct Payment {
    project: String,
    order_id: String,
    amount: Value,
    total_payment: Value,
    pub(super) payment_number: String,
}

impl Payment {
    /// What the customer pays: no less than was asked for.
    pub(super) fn total(&self, order: &Order<'_>) -> Result<Money, GatewayError> {
        same(order, &self.project, &self.order_id, &self.amount)?;
        let total = amount(&self.total_payment, Currency::IDR);
        let total = total.map_err(|_| refused("its total is no amount"))?;
        if total.minor() < order.amount {
            return Err(refused("its total is less than was asked for"));
        }
        Ok(total)
    }
}

/// The answer to section E, "Transaction Detail".
#[derive(Deserialize)]
pub(super) struct Told {
    pub(super) transaction: Option<Transaction>,
}

#[derive(Deserialize)]
pub(super) struct Transaction {
    project: String,
    order_id: String,
    amount: Value,
    pub(super) status: Status,
    completed_at: Option<String>,
}

impl Transaction {
    /// Refuses to believe what is told of another transaction, or of another amount.
    pub(super) fn check(&self, order: &Order<'_>) -> Result<(), GatewayError> {
        same(order, &self.project, &self.order_id, &self.amount)
    }

    pub(super) fn completed_at(&self) -> Option<Timestamp> {
        let at = DateTime::parse_from_rfc3339(self.completed_at.as_deref()?).ok()?;
        Some(whole_micros(at.to_utc()))
    }
}

/// Where a transaction stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Status {
    Completed,
    Pending,
    /// Cancelled, expired or what else can't be paid.
    #[serde(other)]
    Ended,
}

/// The answer to sections C.4, "Payment Simulation", and C.5, "Transaction Cancel".
#[derive(Deserialize)]
pub(super) struct Done {
    pub(super) success: bool,
}

/// A webhook, of section D: what it says is a hint.
#[derive(Deserialize)]
pub(super) struct Notice {
    pub(super) project: String,
    pub(super) order_id: Reference,
    pub(super) status: Status,
}

fn same(
    order: &Order<'_>,
    project: &str,
    order_id: &str,
    told: &Value,
) -> Result<(), GatewayError> {
    let asked = Money::new(order.amount, Currency::IDR);
    if project != order.project || order_id != order.order_id {
        return Err(refused("it tells of another transaction"));
    }
    if amount(told, Currency::IDR) != Ok(asked) {
        return Err(refused("it tells of another amount"));
    }
    Ok(())
}

pub(super) fn refused(reason: &str) -> GatewayError {
    GatewayError::Refused(reason.to_owned())
}
