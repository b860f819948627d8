//! Dialogs, plug-ins' state and carried-out requests, and what may be asked about them.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::StoreError;
use super::read::{Listing, Page};
use crate::customer::Chat;
use crate::id::{InvoiceId, OrderId, RefundId, ShopId, TransferId};
use crate::vault::Sealed;

/// The result of a read.
type Read<T> = Result<T, StoreError>;

/// What a person asked for, once: a platform's update of a chat, or an embedder's own key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RequestKey(pub String);

/// What came of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequestOutcome {
    /// An order was placed.
    Order(OrderId),
    /// A deposit was asked for.
    Deposit(InvoiceId),
    /// Money is paid back; where it goes several ways, this is the first.
    Refund(RefundId),
    /// A wallet was credited or debited.
    Transfer(TransferId),
}

impl RequestOutcome {
    /// The id of what came of it.
    #[must_use]
    pub fn id(self) -> Uuid {
        match self {
            Self::Order(order) => order.into(),
            Self::Deposit(invoice) => invoice.into(),
            Self::Refund(refund) => refund.into(),
            Self::Transfer(transfer) => transfer.into(),
        }
    }
}

/// The dialog of a chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialog {
    /// The chat; it has at most one dialog.
    pub chat: Chat,
    /// The plug-in that leads it.
    pub plugin: String,
    /// Its state, sealed for [`Dialog::row`].
    pub state: Sealed,
    /// Raised by every step.
    pub version: u32,
}

impl Dialog {
    /// The id that a chat's dialog is sealed for.
    #[must_use]
    pub fn row(chat: &Chat) -> Uuid {
        use sha2::{Digest, Sha256};
        let hash = Sha256::digest(format!("{}\n{}", chat.frontend, chat.id));
        Uuid::from_bytes(std::array::from_fn(|i| hash[i]))
    }
}

/// Reads about dialogs, plug-ins' state and requests.
#[async_trait]
pub trait ChatReader {
    /// The dialog of a chat.
    async fn find_dialog(&self, shop: ShopId, chat: &Chat) -> Read<Option<Dialog>>;

    /// A small value of a plug-in.
    async fn find_state(&self, shop: ShopId, plugin: &str, key: &str) -> Read<Option<Vec<u8>>>;

    /// The small values of a plug-in whose keys begin with `prefix`, in the order of their keys.
    async fn list_states(
        &self,
        shop: ShopId,
        plugin: &str,
        prefix: &str,
        page: Page,
    ) -> Read<Listing<(String, Vec<u8>)>>;

    /// What came of a request.
    async fn find_request(
        &self,
        shop: ShopId,
        request: &RequestKey,
    ) -> Read<Option<RequestOutcome>>;
}
