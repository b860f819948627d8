//! Audit: who did what to which thing, in the same batch as the deed.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::id::{AuditId, CustomerId};
use crate::invoice::GatewayName;
use crate::time::Timestamp;

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// A customer, for themselves.
    Customer(CustomerId),
    /// An admin, in chat.
    Admin(CustomerId),
    /// Whoever may run the program on the machine.
    Operator,
    /// A job of the shop.
    Job(String),
    /// A payment gateway, through a webhook or an answer.
    Gateway(GatewayName),
}

impl Actor {
    /// A job by its name.
    #[must_use]
    pub fn job(name: &str) -> Self {
        Self::Job(name.to_owned())
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Customer(id) => write!(f, "customer {id}"),
            Self::Admin(id) => write!(f, "admin {id}"),
            Self::Operator => f.write_str("operator"),
            Self::Job(name) => write!(f, "job {name}"),
            Self::Gateway(name) => write!(f, "gateway {name}"),
        }
    }
}

/// What kind of thing an entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The shop itself.
    Shop,
    /// A category.
    Category,
    /// A product, its stock included.
    Product,
    /// A voucher.
    Voucher,
    /// An order with its lines, held units and redemption.
    Order,
    /// An invoice with its charges.
    Invoice,
    /// A payment.
    Payment,
    /// A customer with their wallet.
    Customer,
    /// A review case.
    Case,
    /// A refund.
    Refund,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::Shop,
        Self::Category,
        Self::Product,
        Self::Voucher,
        Self::Order,
        Self::Invoice,
        Self::Payment,
        Self::Customer,
        Self::Case,
        Self::Refund,
    ];

    /// The kind's name in stores and JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shop => "shop",
            Self::Category => "category",
            Self::Product => "product",
            Self::Voucher => "voucher",
            Self::Order => "order",
            Self::Invoice => "invoice",
            Self::Payment => "payment",
            Self::Customer => "customer",
            Self::Case => "case",
            Self::Refund => "refund",
        }
    }
}

/// The thing an entry is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Entity {
    /// What it is.
    pub kind: Kind,
    /// Which one.
    pub id: Uuid,
}

impl Entity {
    /// The thing of this kind and id.
    #[must_use]
    pub fn new(kind: Kind, id: impl Into<Uuid>) -> Self {
        Self {
            kind,
            id: id.into(),
        }
    }
}

/// A change of state; an entity comes into being from `None`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edge {
    /// The state before.
    pub from: Option<String>,
    /// The state after.
    pub to: String,
}

/// One deed. Its actor and time are the batch's.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its id.
    pub id: AuditId,
    /// What it is about.
    pub entity: Entity,
    /// What was done, such as `placed`, `payment received`.
    pub action: String,
    /// The change of state, where there was one.
    pub edge: Option<Edge>,
    /// What else is worth knowing; never content of stock, never a secret.
    pub details: Value,
}

/// An entry as it was recorded.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The deed.
    pub entry: Entry,
    /// Who did it.
    pub actor: Actor,
    /// When.
    pub at: Timestamp,
}
