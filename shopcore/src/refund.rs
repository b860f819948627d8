//! Refunds: money of a paid order, or of a payment under review, that goes back.

use serde::{Deserialize, Serialize};

use crate::id::{CaseId, CustomerId, OrderId, PaymentId, RefundId};
use crate::money::{Money, MoneyError};
use crate::text::Reason;
use crate::time::Timestamp;

mod prorate;

pub use prorate::Rates;

/// How money goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundWay {
    /// Through the gateway that took the payment.
    Gateway,
    /// To the customer's wallet.
    Wallet,
    /// By a person, outside the shop; a review case waits until it is done.
    ByHand,
}

impl RefundWay {
    /// The way's name in stores, audit entries and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Wallet => "wallet",
            Self::ByHand => "by_hand",
        }
    }
}

/// Where a refund stands. What a gateway does with one is followed until it is known, so there is
/// no state for not knowing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundState {
    /// Decided; the money is on its way.
    Requested,
    /// The money went back.
    Done,
    /// The gateway will not send it back; where an order was refunded, another refund takes over.
    Failed,
}

impl RefundState {
    /// Every state, in the order of a life.
    pub const ALL: [Self; 3] = [Self::Requested, Self::Done, Self::Failed];

    /// Whether a refund may go from here to `to`.
    #[must_use]
    pub fn may_become(self, to: Self) -> bool {
        match self {
            Self::Requested => !matches!(to, Self::Requested),
            Self::Done | Self::Failed => false,
        }
    }

    /// The state's name in stores, audit entries and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

/// Money that goes back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// Its id; gateways are asked under it.
    pub id: RefundId,
    /// The order it gives back, or a part of it.
    pub order: Option<OrderId>,
    /// The payment it gives back, or a part of it.
    pub payment: Option<PaymentId>,
    /// The case it came from, or that waits for a person to pay it out.
    pub case: Option<CaseId>,
    /// Whose money it is, where known.
    pub customer: Option<CustomerId>,
    /// What it takes off the order, in the order's currency; of a payment under review, its amount.
    pub value: Money,
    /// What goes back, in the currency it goes back in.
    pub amount: Money,
    /// How.
    pub way: RefundWay,
    /// Where it stands.
    pub state: RefundState,
    /// Why, where a person said it.
    pub reason: Option<Reason>,
    /// When it was decided.
    pub requested_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
}

/// What of `paid`, which was worth `worth`, goes back for the values before `until`, in all. In one
/// currency that is the value itself: what a gateway added as its fee is not given back. In another
/// it is the proportional part, rounded down, so that parts never sum to more than the whole.
///
/// # Errors
/// [`MoneyError::Overflow`], also where the payment was worth nothing.
pub fn share(paid: Money, worth: Money, until: Money) -> Result<Money, MoneyError> {
    if paid.currency() == worth.currency() {
        return Ok(until);
    }
    until.checked_sub(worth)?;
    let part = i128::from(paid.minor()) * i128::from(until.minor());
    let minor = part
        .checked_div(i128::from(worth.minor()))
        .and_then(|minor| i64::try_from(minor).ok())
        .ok_or(MoneyError::Overflow)?;
    Ok(Money::new(minor, paid.currency()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::Currency;

    #[test]
    fn parts_of_a_foreign_payment_sum_to_the_whole_and_never_more() {
        let (stars, idr) = (
            |minor| Money::new(minor, Currency::XTR),
            |minor| Money::new(minor, Currency::IDR),
        );
        let until = |value| share(stars(100), idr(30_000), idr(value)).unwrap();
        assert_eq!(
            [10_000, 20_000, 30_000].map(until),
            [33, 66, 100].map(stars)
        );
        let same = share(idr(15_497), idr(15_000), idr(15_000)).unwrap();
        assert_eq!(same, idr(15_000));
        assert!(share(stars(1), idr(0), idr(0)).is_err());
    }
}
