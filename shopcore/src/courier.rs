//! The port of messengers: what brings an outbox item to a chat.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use thiserror::Error;

use crate::message::{OutboxItem, Reach, SentMessage};
use crate::store::BoxError;

/// Brings outbox items to chats.
#[async_trait]
pub trait Courier: Send + Sync + fmt::Debug {
    /// Which destinations it serves; only their items are claimed for it.
    fn reach(&self) -> Vec<Reach>;

    /// How long bringing one item may take at most. A process that is killed holds its items for
    /// so long; one that takes longer may see them brought twice.
    fn patience(&self) -> Duration {
        Duration::from_secs(60)
    }

    /// Makes the item's texts, unseals what it carries, and sends it. May be called again for an
    /// item whose mark was lost.
    ///
    /// # Errors
    /// [`CourierError`].
    async fn bring(&self, item: &OutboxItem) -> Result<Receipt, CourierError>;
}

/// What a platform took.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Receipt {
    /// Messages about invoices, for the message log.
    pub sent: Vec<SentMessage>,
    /// Messages that are gone and leave the log.
    pub gone: Vec<SentMessage>,
}

/// Why a platform did not take an item.
#[derive(Debug, Error)]
pub enum CourierError {
    /// The platform asks for patience.
    #[error("the platform asks to wait {0:?}")]
    Wait(Duration),
    /// It can't be reached or failed; the item is tried again.
    #[error("the platform is unavailable")]
    Unavailable(#[source] BoxError),
    /// It refuses for good: the chat is gone, or the bot is blocked.
    #[error("the platform refuses: {0}")]
    Refused(String),
}
