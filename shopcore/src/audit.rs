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

    /// What kind of actor it is.
    #[must_use]
    pub const fn kind(&self) -> ActorKind {
        match self {
            Self::Customer(_) => ActorKind::Customer,
            Self::Admin(_) => ActorKind::Admin,
            Self::Operator => ActorKind::Operator,
            Self::Job(_) => ActorKind::Job,
            Self::Gateway(_) => ActorKind::Gateway,
        }
    }

    /// The person, where it is one that the shop knows.
    #[must_use]
    pub const fn person(&self) -> Option<CustomerId> {
        match self {
            Self::Customer(id) | Self::Admin(id) => Some(*id),
            Self::Operator | Self::Job(_) | Self::Gateway(_) => None,
        }
    }

    /// The name, of a job or a gateway.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Job(name) => Some(name),
            Self::Gateway(name) => Some(name.as_str()),
            Self::Customer(_) | Self::Admin(_) | Self::Operator => None,
        }
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

/// What kind of actor someone is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ActorKind {
    /// A customer.
    Customer,
    /// An admin.
    Admin,
    /// The operator.
    Operator,
    /// A job.
    Job,
    /// A gateway.
    Gateway,
}

impl ActorKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::Customer,
        Self::Admin,
        Self::Operator,
        Self::Job,
        Self::Gateway,
    ];

    /// The kind's name in stores and on command lines.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Admin => "admin",
            Self::Operator => "operator",
            Self::Job => "job",
            Self::Gateway => "gateway",
        }
    }
}

/// Whose deeds are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// Those of all actors of a kind.
    Kind(ActorKind),
    /// Those of a person, as a customer and as an admin.
    Person(CustomerId),
    /// Those of the job, or of the gateway, of this name.
    Named(ActorKind, String),
}

impl Whose {
    /// Whether this actor's deeds are wanted.
    #[must_use]
    pub fn covers(&self, actor: &Actor) -> bool {
        match self {
            Self::Kind(kind) => actor.kind() == *kind,
            Self::Person(person) => actor.person() == Some(*person),
            Self::Named(kind, name) => actor.kind() == *kind && actor.name() == Some(name),
        }
    }
}

/// Which entries are wanted: those that fit everything that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Search {
    /// Whose deeds.
    pub whose: Option<Whose>,
    /// What kind of thing they are about.
    pub kind: Option<Kind>,
    /// Which thing they are about.
    pub about: Option<Uuid>,
    /// A part of what was done, regardless of the case of ASCII letters.
    pub action: Option<String>,
    /// From this id on; [`first_at`](crate::id::first_at) makes one of a moment.
    pub from: Option<AuditId>,
    /// Before this id.
    pub before: Option<AuditId>,
}

#[cfg(any(feature = "postgres", feature = "sqlite"))]
impl Search {
    /// The kind, the person and the name of the actors that are wanted, as stores keep them.
    pub(crate) fn actor_columns(&self) -> (Option<ActorKind>, Option<CustomerId>, Option<&str>) {
        match &self.whose {
            None => (None, None, None),
            Some(Whose::Kind(kind)) => (Some(*kind), None, None),
            Some(Whose::Person(person)) => (None, Some(*person), None),
            Some(Whose::Named(kind, name)) => (Some(*kind), None, Some(name)),
        }
    }

    /// The first id that is wanted, and the first that is not any more.
    pub(crate) fn bounds(&self) -> (AuditId, AuditId) {
        let (first, last) = (AuditId::from(Uuid::nil()), AuditId::from(Uuid::max()));
        (self.from.unwrap_or(first), self.before.unwrap_or(last))
    }
}

impl Search {
    /// Whether an entry is wanted.
    #[must_use]
    pub fn fits(&self, record: &Record) -> bool {
        let entry = &record.entry;
        let wanted = self
            .action
            .as_ref()
            .map(|action| action.to_ascii_lowercase());
        let done = entry.action.to_ascii_lowercase();
        self.whose
            .as_ref()
            .is_none_or(|whose| whose.covers(&record.actor))
            && self.kind.is_none_or(|kind| entry.entity.kind == kind)
            && self.about.is_none_or(|id| entry.entity.id == id)
            && wanted.is_none_or(|wanted| done.contains(&wanted))
            && self.from.is_none_or(|from| entry.id >= from)
            && self.before.is_none_or(|before| entry.id < before)
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
