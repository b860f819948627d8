//! What Midtrans is asked.

use chrono::Duration;
use serde::Serialize;
use shopcore::gateway::{ChargeRequest, GatewayError, RefundRequest};
use shopcore::invoice::Reference;
use shopcore::time::Timestamp;

use super::told::refused;

/// The longest order id.
const ORDER_ID_MAX: usize = 50;

/// The longest name of an item.
const NAME_MAX: usize = 50;

/// The longest life of a page, in minutes: seven days.
const PAGE_MAX: i64 = 7 * 24 * 60;

/// How far ahead Jakarta is, whose time all of Midtrans is in.
pub(super) const JAKARTA_AHEAD: Duration = Duration::hours(7);

/// The shop's reference as an order id: what may stand in one, and in a path.
pub(super) fn order_id(reference: &Reference) -> Result<&str, GatewayError> {
    let text = reference.as_str();
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_~.".contains(&byte);
    if text.len() > ORDER_ID_MAX || !text.bytes().all(fits) {
        return Err(refused("the reference is no order id"));
    }
    Ok(text)
}

#[derive(Serialize)]
struct Transaction<'a> {
    order_id: &'a str,
    gross_amount: i64,
}

/// What the customer reads on the page and in the receipt.
#[derive(Serialize)]
struct Item<'a> {
    id: &'a str,
    price: i64,
    quantity: u32,
    name: String,
}

fn order(request: &ChargeRequest) -> Result<(Transaction<'_>, [Item<'_>; 1]), GatewayError> {
    let order_id = order_id(&request.reference)?;
    let gross_amount = request.amount.minor();
    let item = Item {
        id: order_id,
        price: gross_amount,
        quantity: 1,
        name: request.description.chars().take(NAME_MAX).collect(),
    };
    let transaction = Transaction {
        order_id,
        gross_amount,
    };
    Ok((transaction, [item]))
}

/// How long a charge has left, in minutes, rounded up: at least one.
fn minutes(request: &ChargeRequest, now: Timestamp) -> i64 {
    let left = request.expires_at - now + Duration::seconds(59);
    left.num_minutes().max(1)
}

/// A page of Snap ("Request Body (JSON Parameter)").
#[derive(Serialize)]
pub(super) struct Page<'a> {
    transaction_details: Transaction<'a>,
    item_details: [Item<'a>; 1],
    expiry: Expiry,
    page_expiry: PageExpiry,
}

#[derive(Serialize)]
struct Expiry {
    start_time: String,
    duration: i64,
    unit: &'static str,
}

#[derive(Serialize)]
struct PageExpiry {
    duration: i64,
    unit: &'static str,
}

impl<'a> Page<'a> {
    pub(super) fn new(request: &'a ChargeRequest, now: Timestamp) -> Result<Self, GatewayError> {
        let (transaction_details, item_details) = order(request)?;
        let (duration, unit) = (minutes(request, now), "minute");
        let expiry = Expiry {
            start_time: local(now),
            duration,
            unit,
        };
        Ok(Self {
            transaction_details,
            item_details,
            expiry,
            page_expiry: PageExpiry {
                duration: duration.min(PAGE_MAX),
                unit,
            },
        })
    }
}

/// A moment as Snap reads it: `2026-01-31 18:00:00 +0700`.
fn local(at: Timestamp) -> String {
    let local = (at + JAKARTA_AHEAD).format("%Y-%m-%d %H:%M:%S");
    format!("{local} +0700")
}

/// A code of QRIS ("QRIS Charge API Request").
#[derive(Serialize)]
pub(super) struct Code<'a> {
    payment_type: &'static str,
    transaction_details: Transaction<'a>,
    item_details: [Item<'a>; 1],
    custom_expiry: CustomExpiry,
}

#[derive(Serialize)]
struct CustomExpiry {
    expiry_duration: i64,
    unit: &'static str,
}

impl<'a> Code<'a> {
    pub(super) fn new(request: &'a ChargeRequest, now: Timestamp) -> Result<Self, GatewayError> {
        let (transaction_details, item_details) = order(request)?;
        Ok(Self {
            payment_type: "qris",
            transaction_details,
            item_details,
            custom_expiry: CustomExpiry {
                expiry_duration: minutes(request, now),
                unit: "minute",
            },
        })
    }
}

/// A refund ("Direct Refund Transaction Request").
#[derive(Serialize)]
pub(super) struct Give {
    refund_key: String,
    amount: i64,
    reason: &'static str,
}

impl Give {
    pub(super) fn new(request: &RefundRequest) -> Self {
        Self {
            refund_key: request.refund.to_string(),
            amount: request.amount.minor(),
            reason: "given back by the shop",
        }
    }
}
