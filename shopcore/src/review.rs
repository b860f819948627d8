//! Review cases: what only a person can decide. While one is open, the money it is about waits.

use serde::{Deserialize, Serialize};

use crate::id::{CaseId, CustomerId, InvoiceId, OrderId, PaymentId};
use crate::time::Timestamp;

/// Why a person has to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseReason {
    /// A payment came after its order expired or was cancelled, and the policy asks for a person.
    LatePayment,
    /// A payment of a gateway that the shop does not have.
    UnknownGateway,
    /// A payment names a reference that no charge has.
    UnknownReference,
    /// A payment is not in its charge's currency.
    WrongCurrency,
    /// A payment could not be settled, for conflicts that did not end or for its absurd amount.
    Unsettled,
    /// The platform refused the goods of a paid order for good.
    DeliveryRefused,
    /// A customer shows that they paid: a person judges it.
    Proof,
    /// A refund is to be paid out by a person.
    Payout,
    /// The gateway's own books don't show a payment that it told of.
    NotInStatement,
    /// The gateway's own books show another amount than it told of.
    OtherInStatement,
}

impl CaseReason {
    /// Whether the payment of such a case waits until the case is decided.
    #[must_use]
    pub fn keeps_payment(self) -> bool {
        match self {
            Self::LatePayment
            | Self::UnknownGateway
            | Self::UnknownReference
            | Self::WrongCurrency
            | Self::Unsettled => true,
            Self::DeliveryRefused
            | Self::Proof
            | Self::Payout
            | Self::NotInStatement
            | Self::OtherInStatement => false,
        }
    }
}

/// How a case ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// The money went to the customer's wallet.
    Credited,
    /// The goods were delivered after all.
    Delivered,
    /// The proof was believed: its payment was settled.
    Accepted,
    /// Settled outside the shop, for the reason noted.
    Closed,
}

/// Where a case stands. It is resolved once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseState {
    /// Waits for a person.
    Open,
    /// Decided.
    Resolved(Resolution),
}

impl CaseState {
    /// Whether a case may go from here to `to`.
    #[must_use]
    pub fn may_become(self, to: Self) -> bool {
        matches!((self, to), (Self::Open, Self::Resolved(_)))
    }

    /// The state's name in stores, audit entries and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Resolved(Resolution::Credited) => "credited",
            Self::Resolved(Resolution::Delivered) => "delivered",
            Self::Resolved(Resolution::Accepted) => "accepted",
            Self::Resolved(Resolution::Closed) => "closed",
        }
    }
}

/// Something that only a person can decide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Its id.
    pub id: CaseId,
    /// Why it was opened.
    pub reason: CaseReason,
    /// Where it stands.
    pub state: CaseState,
    /// The payment it is about.
    pub payment: Option<PaymentId>,
    /// The invoice it is about.
    pub invoice: Option<InvoiceId>,
    /// The order it is about.
    pub order: Option<OrderId>,
    /// The customer it concerns, where known.
    pub customer: Option<CustomerId>,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it was resolved.
    pub resolved_at: Option<Timestamp>,
}
