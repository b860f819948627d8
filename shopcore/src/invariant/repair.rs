//! What can be set right without a person's judgement, and without taking anything from anybody.
//!
//! Counts follow the rows they are about; units and uses of vouchers follow their order; a paid
//! order that nothing delivers is delivered. Whatever else is wrong is for a person to look at.

use std::fmt;

use serde_json::{Value, json};

use super::rows::Rows;
use super::{ledger, order, refund, stock, voucher};
use crate::audit::{Entity, Kind};
use crate::id::{OrderId, VoucherId};
use crate::order::{Order, OrderState};
use crate::store::{RecountWrite, StockClaim};

/// Where what an order holds goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// To the buyer: the order is paid.
    Sold,
    /// Back to the shop: the order ended unpaid.
    Free,
}

impl Way {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Sold => "sold",
            Self::Free => "free",
        }
    }

    const fn of_use(self) -> &'static str {
        match self {
            Self::Sold => "redeemed",
            Self::Free => "unused",
        }
    }

    /// Where what this order holds is due, unless it still awaits its payment.
    pub(super) fn of(order: &Order) -> Option<Self> {
        match order.state {
            OrderState::AwaitingPayment => None,
            OrderState::Paid | OrderState::Delivered | OrderState::Refunded => Some(Self::Sold),
            OrderState::Cancelled | OrderState::Expired => Some(Self::Free),
        }
    }
}

/// What is set right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fix {
    /// A count becomes what its rows make.
    Recount(RecountWrite),
    /// The units that a line holds go where its order stands.
    Units {
        /// The order.
        order: OrderId,
        /// Its line, with all that it holds.
        claim: StockClaim,
        /// Where they go.
        way: Way,
    },
    /// The use of a voucher that an order holds goes where the order stands.
    Use {
        /// The order.
        order: OrderId,
        /// The voucher.
        voucher: VoucherId,
        /// Where it goes.
        way: Way,
    },
    /// The goods of a paid order are sent.
    Deliver(OrderId),
}

/// A correction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repair {
    /// What is wrong, as violations name it.
    pub about: String,
    /// What is set right about it.
    pub fix: Fix,
}

impl Repair {
    pub(super) fn of_order(order: &Order, fix: Fix) -> Self {
        let about = format!("order {}", order.number);
        Self { about, fix }
    }

    /// The thing, as the audit knows it.
    #[must_use]
    pub fn entity(&self) -> Entity {
        match self.fix {
            Fix::Recount(RecountWrite::Voucher { voucher, .. }) => {
                Entity::new(Kind::Voucher, voucher)
            }
            Fix::Recount(RecountWrite::Wallet { customer, .. }) => {
                Entity::new(Kind::Customer, customer)
            }
            Fix::Recount(RecountWrite::Order { order, .. })
            | Fix::Units { order, .. }
            | Fix::Use { order, .. }
            | Fix::Deliver(order) => Entity::new(Kind::Order, order),
        }
    }

    /// What the audit keeps of it.
    pub(crate) fn details(&self) -> Value {
        match &self.fix {
            Fix::Recount(RecountWrite::Voucher { was, to, .. }) => json!({
                "held": [was.held, to.held], "redeemed": [was.redeemed, to.redeemed],
            }),
            Fix::Recount(RecountWrite::Wallet { was, to, .. }) => json!({ "balance": [was, to] }),
            Fix::Recount(RecountWrite::Order { was, to, .. }) => json!({ "refunded": [was, to] }),
            Fix::Units { claim, way, .. } => {
                json!({ "line": claim.line, "units": claim.quantity, "way": way.as_str() })
            }
            Fix::Use { voucher, way, .. } => json!({ "voucher": voucher, "way": way.as_str() }),
            Fix::Deliver(_) => json!({ "goods": "sent" }),
        }
    }
}

impl fmt::Display for Repair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.about, self.fix)
    }
}

impl fmt::Display for Fix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Recount(RecountWrite::Voucher { was, to, .. }) => write!(
                f,
                "count {} uses held and {} redeemed, not {} and {}",
                to.held, to.redeemed, was.held, was.redeemed
            ),
            Self::Recount(RecountWrite::Wallet { was, to, .. }) => {
                write!(f, "hold {to}, as its entries say, not {was}")
            }
            Self::Recount(RecountWrite::Order { was, to, .. }) => {
                write!(f, "count {to} as given back, not {was}")
            }
            Self::Units { claim, way, .. } => {
                let plural = if claim.quantity == 1 { "" } else { "s" };
                let units = claim.quantity;
                write!(f, "mark {units} held unit{plural} as {}", way.as_str())
            }
            Self::Use { way, .. } => write!(f, "mark its held voucher as {}", way.of_use()),
            Self::Deliver(_) => f.write_str("send its goods"),
        }
    }
}

/// What can be set right: counts first, since what is moved afterwards is counted.
pub(super) fn repairs(rows: &Rows<'_>) -> Vec<Repair> {
    let mut repairs = voucher::recounts(rows);
    repairs.extend(ledger::recounts(rows));
    repairs.extend(refund::recounts(rows));
    repairs.extend(stock::strays(rows));
    repairs.extend(voucher::strays(rows));
    repairs.extend(order::deliverable(rows));
    repairs
}
