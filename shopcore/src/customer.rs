//! Customers, and the chats in which they are met.

use serde::{Deserialize, Serialize};

use crate::id::CustomerId;
use crate::text::{Name, labels};
use crate::time::Timestamp;

labels! {
    /// The name of a frontend, such as `telegram`.
    FrontendName: 16;
    /// A platform's own id of a person.
    ExternalId: 64;
    /// A platform's own id of a chat.
    ChatId: 64;
    /// A platform's own id of a message in a chat.
    MessageId: 64;
}

/// A person as a platform knows them; unique in the shop.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Contact {
    /// Where they are met.
    pub frontend: FrontendName,
    /// Who they are there.
    pub external: ExternalId,
}

/// A chat on a platform.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Chat {
    /// The platform.
    pub frontend: FrontendName,
    /// The chat there.
    pub id: ChatId,
}

/// Whether a customer may use the shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// They may.
    Welcome,
    /// They may not.
    Banned,
}

/// Someone who came to the shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// Their id.
    pub id: CustomerId,
    /// How they were first met.
    pub contact: Contact,
    /// Where they are written to.
    pub chat: Chat,
    /// What they call themselves, as far as it can be shown.
    pub name: Option<Name>,
    /// Whether they may use the shop.
    pub standing: Standing,
    /// When they first came.
    pub created_at: Timestamp,
}
