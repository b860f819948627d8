//! Invoices ask for a payment; charges are the attempts to collect it.

use serde::{Deserialize, Serialize};

use crate::id::{ChargeId, CustomerId, InvoiceId, OrderId, PaymentId};
use crate::money::{Money, MoneyError};
use crate::text::labels;
use crate::time::Timestamp;

mod polling;
mod settlement;

pub use settlement::{PaymentEvent, Verdict, decide};

/// What an invoice asks payment for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// An order.
    Order(OrderId),
    /// Money for the customer's wallet.
    Deposit,
}

impl Subject {
    /// The order, where it is one.
    #[must_use]
    pub fn order(self) -> Option<OrderId> {
        match self {
            Self::Order(order) => Some(order),
            Self::Deposit => None,
        }
    }
}

/// Where an invoice stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceState {
    /// No charge is open yet.
    Created,
    /// A charge waits for its payment.
    Waiting,
    /// Paid in full.
    Paid,
    /// Not paid in time.
    Expired,
    /// Given up.
    Cancelled,
    /// No gateway took it.
    Failed,
}

impl InvoiceState {
    /// Every state, in the order of a life.
    pub const ALL: [Self; 6] = [
        Self::Created,
        Self::Waiting,
        Self::Paid,
        Self::Expired,
        Self::Cancelled,
        Self::Failed,
    ];

    /// Whether an invoice may go from here to `to`.
    #[must_use]
    pub fn may_become(self, to: Self) -> bool {
        match self {
            Self::Created => !matches!(to, Self::Created),
            Self::Waiting => !matches!(to, Self::Created | Self::Waiting),
            Self::Expired | Self::Cancelled => matches!(to, Self::Paid),
            Self::Paid | Self::Failed => false,
        }
    }

    /// Whether it asks for money.
    #[must_use]
    pub fn is_open(self) -> bool {
        match self {
            Self::Created | Self::Waiting => true,
            Self::Paid | Self::Expired | Self::Cancelled | Self::Failed => false,
        }
    }

    /// The state's name in stores, audit entries and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Waiting => "waiting",
            Self::Paid => "paid",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }
}

/// A request for payment, of an order or of a deposit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invoice {
    /// Its id.
    pub id: InvoiceId,
    /// What it asks payment for.
    pub subject: Subject,
    /// Who is asked.
    pub customer: CustomerId,
    /// How much is asked.
    pub amount: Money,
    /// How much has come while it was open.
    pub received: Money,
    /// Where it stands.
    pub state: InvoiceState,
    /// When it expires.
    pub expires_at: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
    /// Raised by every move and every payment.
    pub version: u32,
}

impl Invoice {
    /// Where it stands at `now`: one that is open beyond its expiry only waits to be marked so.
    #[must_use]
    pub fn state_at(&self, now: Timestamp) -> InvoiceState {
        if self.state.is_open() && self.expires_at <= now {
            InvoiceState::Expired
        } else {
            self.state
        }
    }

    /// What is still to be paid.
    ///
    /// # Errors
    /// [`MoneyError`] when the amounts can't be compared.
    pub fn outstanding(&self) -> Result<Money, MoneyError> {
        self.amount.checked_sub(self.received)
    }
}

/// Where a charge stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChargeState {
    /// Recorded; the gateway may or may not know it.
    Created,
    /// The gateway waits for the payment.
    Open,
    /// A payment for it arrived.
    Paid,
    /// Its invoice ended, or another charge took its place.
    Closed,
    /// The gateway refused it, or it can't be known whether it took it.
    Abandoned,
}

impl ChargeState {
    /// Every state, in the order of a life.
    pub const ALL: [Self; 5] = [
        Self::Created,
        Self::Open,
        Self::Paid,
        Self::Closed,
        Self::Abandoned,
    ];

    /// Whether a charge may go from here to `to`. A payment may arrive at any time.
    #[must_use]
    pub fn may_become(self, to: Self) -> bool {
        match self {
            Self::Created => !matches!(to, Self::Created),
            Self::Open => matches!(to, Self::Paid | Self::Closed),
            Self::Closed | Self::Abandoned => matches!(to, Self::Paid),
            Self::Paid => false,
        }
    }

    /// The state's name in stores and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Open => "open",
            Self::Paid => "paid",
            Self::Closed => "closed",
            Self::Abandoned => "abandoned",
        }
    }
}

labels! {
    /// The name of a payment gateway, such as `sandbox`; it is part of webhook addresses.
    GatewayName: 24;
    /// The reference of a charge at its gateway; unique for the gateway, and made by the shop, so
    /// that asking twice for one charge makes one charge.
    Reference: 80;
    /// A gateway's own id of a charge, beside the shop's reference.
    GatewayChargeId: 160;
    /// A gateway's id of a payment; the same whether it came by webhook or by poll.
    EventId: 160;
}

/// How a customer pays a charge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayWith {
    /// By scanning a QR code with this text.
    Qr(String),
    /// On this page.
    Page(String),
    /// By a transfer to this account.
    Account(BankAccount),
}

/// An account that takes transfers: one of a bank's, or one that a gateway made for a charge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BankAccount {
    /// The bank.
    pub bank: String,
    /// The account's number.
    pub number: String,
    /// Whose it is, where customers should see it.
    pub holder: Option<String>,
}

/// One attempt to collect an invoice through a gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// Its id.
    pub id: ChargeId,
    /// The invoice.
    pub invoice: InvoiceId,
    /// The gateway.
    pub gateway: GatewayName,
    /// Its reference there.
    pub reference: Reference,
    /// The gateway's own id of it, once the gateway told one.
    pub gateway_id: Option<GatewayChargeId>,
    /// What the gateway was asked for, in the charge's currency.
    pub asked: Money,
    /// What the customer pays, in the charge's currency, the gateway's fee included.
    pub payable: Money,
    /// What that is worth towards the invoice, in the invoice's currency.
    pub covers: Money,
    /// Where it stands.
    pub state: ChargeState,
    /// How it is paid, once the gateway told.
    pub pay_with: Option<PayWith>,
    /// When it was recorded.
    pub created_at: Timestamp,
    /// When the gateway is asked next; `None` once it needs no asking.
    pub poll_at: Option<Timestamp>,
    /// How often it was asked.
    pub polls: u32,
}

impl Charge {
    /// What a payment of `amount` is worth towards the invoice: all of [`Charge::covers`] for the
    /// payable amount, a proportional part, rounded down, for less; what exceeds the payable
    /// amount counts fully in one currency and proportionally across two.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`] when the amount is not in the charge's currency.
    pub fn value_of(&self, amount: Money) -> Result<Money, MoneyError> {
        let excess = amount.checked_sub(self.payable)?;
        let same = self.payable.currency() == self.covers.currency();
        if !excess.is_negative() && (same || excess.is_zero()) {
            return self
                .covers
                .checked_add(Money::new(excess.minor(), self.covers.currency()));
        }
        let product = i128::from(self.covers.minor()) * i128::from(amount.minor());
        let value = product.checked_div(i128::from(self.payable.minor()));
        let minor = value
            .and_then(|value| i64::try_from(value).ok())
            .ok_or(MoneyError::Overflow)?;
        Ok(Money::new(minor, self.covers.currency()))
    }
}

/// What became of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It completed the invoice exactly.
    Paid,
    /// It completed the invoice; the excess went to the wallet.
    PaidWithExcess,
    /// It was kept towards the invoice, which asks for the rest.
    Partial,
    /// The invoice was paid already or had failed: it went to the wallet.
    Surplus,
    /// It was late; the goods were claimed and delivered.
    LateDelivered,
    /// It was late and went to the wallet.
    LateCredited,
    /// It waits for a person.
    Review,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 7] = [
        Self::Paid,
        Self::PaidWithExcess,
        Self::Partial,
        Self::Surplus,
        Self::LateDelivered,
        Self::LateCredited,
        Self::Review,
    ];

    /// The outcome's name in stores, audit entries and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::PaidWithExcess => "paid_with_excess",
            Self::Partial => "partial",
            Self::Surplus => "surplus",
            Self::LateDelivered => "late_delivered",
            Self::LateCredited => "late_credited",
            Self::Review => "review",
        }
    }
}

/// A payment as it was recorded, once for each `(gateway, event)`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// Its id.
    pub id: PaymentId,
    /// The gateway that told of it.
    pub gateway: GatewayName,
    /// The gateway's id of it.
    pub event: EventId,
    /// The reference it named.
    pub reference: Reference,
    /// The charge of that reference, where there is one.
    pub charge: Option<ChargeId>,
    /// The invoice of that charge.
    pub invoice: Option<InvoiceId>,
    /// What was paid.
    pub amount: Money,
    /// What became of it.
    pub outcome: Outcome,
    /// When the customer paid, as the gateway tells.
    pub paid_at: Timestamp,
    /// When it was recorded.
    pub recorded_at: Timestamp,
}
