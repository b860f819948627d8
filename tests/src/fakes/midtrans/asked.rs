//! What Midtrans may be asked, and nothing beside it.

use chrono::DateTime;
use serde::Deserialize;
use shopcore::time::Timestamp;

/// Seven days, in minutes: the longest life of a page.
const PAGE_MAX: i64 = 7 * 24 * 60;

/// A page of Snap.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    pub(super) transaction_details: Transaction,
    item_details: Vec<Item>,
    expiry: Expiry,
    page_expiry: PageExpiry,
}

/// A charge of the Core API.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Order {
    payment_type: String,
    pub(super) transaction_details: Transaction,
    item_details: Vec<Item>,
    custom_expiry: CustomExpiry,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Transaction {
    order_id: String,
    gross_amount: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    #[serde(rename = "id")]
    _id: String,
    price: i64,
    quantity: i64,
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expiry {
    start_time: String,
    duration: i64,
    unit: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PageExpiry {
    duration: i64,
    unit: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CustomExpiry {
    expiry_duration: i64,
    unit: String,
}

/// A refund.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Give {
    pub(super) refund_key: String,
    pub(super) amount: i64,
    #[serde(rename = "reason")]
    _reason: String,
}

type Checked = Result<(), &'static str>;

fn ensure(holds: bool, wrong: &'static str) -> Checked {
    holds.then_some(()).ok_or(wrong)
}

impl Transaction {
    pub(super) fn named(&self) -> (String, i64) {
        (self.order_id.clone(), self.gross_amount)
    }

    fn check(&self, items: &[Item]) -> Checked {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_~.".contains(&byte);
        let sum: i64 = items.iter().map(|item| item.price * item.quantity).sum();
        let named = |item: &Item| (1..=50).contains(&item.name.chars().count());
        ensure(
            (1..=50).contains(&self.order_id.len()),
            "transaction_details.order_id is too long",
        )?;
        ensure(
            self.order_id.bytes().all(allowed),
            "transaction_details.order_id is not valid",
        )?;
        ensure(
            self.gross_amount > 0,
            "transaction_details.gross_amount is below 1",
        )?;
        ensure(items.iter().all(named), "item_details Name too long")?;
        ensure(
            sum == self.gross_amount,
            "gross_amount is not equal to the sum of item_details",
        )
    }
}

impl Page {
    pub(super) fn check(&self, now: Timestamp) -> Checked {
        self.transaction_details.check(&self.item_details)?;
        let starts = DateTime::parse_from_str(&self.expiry.start_time, "%Y-%m-%d %H:%M:%S %z");
        let starts = starts.map_err(|_| "expiry.start_time is not valid")?;
        ensure(
            (starts.to_utc() - now).num_seconds() == 0,
            "expiry.start_time",
        )?;
        let minutes = self.expiry.unit == "minute" && self.page_expiry.unit == "minute";
        ensure(minutes, "expiry.unit is not valid")?;
        ensure(self.expiry.duration > 0, "expiry.duration is below 1")?;
        ensure(
            (1..=PAGE_MAX).contains(&self.page_expiry.duration),
            "page_expiry.duration",
        )
    }
}

impl Order {
    pub(super) fn check(&self) -> Checked {
        self.transaction_details.check(&self.item_details)?;
        ensure(self.payment_type == "qris", "payment_type is not activated")?;
        ensure(
            self.custom_expiry.unit == "minute",
            "custom_expiry.unit is not valid",
        )?;
        ensure(
            self.custom_expiry.expiry_duration > 0,
            "custom_expiry.expiry_duration",
        )
    }
}
