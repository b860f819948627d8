//! The port of chat platforms: what one must do for the bot to be met there.

use std::time::Duration;
use std::{fmt, io};

use async_trait::async_trait;
use thiserror::Error;

use super::dispatch::Dispatcher;
use super::incoming::Incoming;
use super::rich::Rich;
use super::view::View;
use crate::customer::{Chat, FrontendName, MessageId};
use crate::jobs::Shutdown;
use crate::message::Reach;
use crate::store::BoxError;

/// Whether people may flood the platform's chats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crowd {
    /// Anyone may write: chats are limited in their pace.
    Public,
    /// One person at their own machine.
    Owner,
}

/// What a platform carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The longest text of a message, in UTF-16 units.
    pub text: usize,
    /// The longest text beside media, in UTF-16 units.
    pub caption: usize,
    /// Who writes there.
    pub crowd: Crowd,
}

impl Default for Limits {
    /// 4 096 units, 1 024 beside media, from anyone.
    fn default() -> Self {
        Self {
            text: 4_096,
            caption: 1_024,
            crowd: Crowd::Public,
        }
    }
}

/// Why a platform did not do what it was asked.
#[derive(Debug, Error)]
pub enum FrontendError {
    /// It asks for patience; the same call may go through afterwards.
    #[error("the platform asks to wait {0:?}")]
    Wait(Duration),
    /// It can't be reached or failed; the same call may go through later, and may have gone
    /// through now.
    #[error("the platform is unavailable")]
    Unavailable(#[source] BoxError),
    /// It refuses for good: the chat is gone, or the bot is blocked there.
    #[error("the platform refuses: {0}")]
    Refused(String),
    /// The message is gone, too old, or of a kind that can't become the view.
    #[error("the message can't be changed")]
    Unchangeable,
}

impl From<io::Error> for FrontendError {
    fn from(error: io::Error) -> Self {
        Self::Unavailable(error.into())
    }
}

/// A chat platform. It turns what people do into [`Incoming`] and draws [`View`]s; it holds no
/// shop logic.
///
/// ```
/// use async_trait::async_trait;
/// use shopcore::bot::frontend::{Frontend, FrontendError};
/// use shopcore::bot::incoming::{Incoming, Kind};
/// use shopcore::bot::view::View;
/// use shopcore::bot::{Bot, Dispatcher, storefront};
/// use shopcore::customer::{Chat, FrontendName, MessageId};
/// use shopcore::jobs::Shutdown;
/// use shopcore::message::Reach;
/// # use shopcore::{MemoryStore, Shop, money::Currency};
///
/// /// Asks once for the menu, and prints it.
/// #[derive(Debug)]
/// struct Once {
///     greeting: Incoming,
/// }
///
/// #[async_trait]
/// impl Frontend for Once {
///     fn name(&self) -> &FrontendName {
///         &self.greeting.chat.frontend
///     }
///
///     fn reach(&self) -> Vec<Reach> {
///         vec![Reach::Chat(self.greeting.chat.clone())]
///     }
///
///     async fn send(&self, _: &Chat, view: &View) -> Result<MessageId, FrontendError> {
///         println!("{}", view.text);
///         MessageId::parse("1").map_err(|error| FrontendError::Unavailable(error.into()))
///     }
///
///     async fn run(&self, bot: Dispatcher, _: Shutdown) -> Result<(), FrontendError> {
///         bot.handle(self.greeting.clone()).await;
///         Ok(())
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let frontend = FrontendName::parse("once")?;
/// let greeting = Incoming::private(&frontend, "ann", "1", Kind::typed("/start"))?;
/// # let shop = Shop::builder(Currency::IDR).store(MemoryStore::default()).build().await?;
/// Bot::new(shop).plugins(storefront()).frontend(Once { greeting }).run().await?;
/// # Ok(()) }
/// ```
#[async_trait]
pub trait Frontend: Send + Sync + fmt::Debug {
    /// Its name, unique in a bot.
    fn name(&self) -> &FrontendName;

    /// What it carries. Views are cut to fit before they are sent.
    fn limits(&self) -> Limits {
        Limits::default()
    }

    /// Which chats this process serves by now. What the outbox holds for others waits until they
    /// are served, here or in another process.
    fn reach(&self) -> Vec<Reach>;

    /// How long sending what belongs together may take at most, retries included.
    fn patience(&self) -> Duration {
        Duration::from_secs(60)
    }

    /// Sends a message.
    ///
    /// # Errors
    /// [`FrontendError`], but never [`FrontendError::Unchangeable`].
    async fn send(&self, chat: &Chat, view: &View) -> Result<MessageId, FrontendError>;

    /// Makes a sent message look like `view`; one that looks so already counts as changed. By default
    /// none can: the view is sent instead.
    ///
    /// # Errors
    /// [`FrontendError`].
    async fn edit(
        &self,
        _chat: &Chat,
        _message: &MessageId,
        _view: &View,
    ) -> Result<(), FrontendError> {
        Err(FrontendError::Unchangeable)
    }

    /// Deletes a sent message; one that is gone already counts as deleted. By default none can be.
    ///
    /// # Errors
    /// [`FrontendError`].
    async fn delete(&self, _chat: &Chat, _message: &MessageId) -> Result<(), FrontendError> {
        Err(FrontendError::Unchangeable)
    }

    /// Tells whoever pressed a button that the press arrived, with a short remark where given. By
    /// default a remark is a message.
    ///
    /// # Errors
    /// [`FrontendError`], but never [`FrontendError::Unchangeable`].
    async fn acknowledge(
        &self,
        press: &Incoming,
        remark: Option<&str>,
    ) -> Result<(), FrontendError> {
        let Some(remark) = remark else { return Ok(()) };
        let view = View::text(Rich::plain(remark));
        self.send(&press.chat, &view).await.map(drop)
    }

    /// Hands everything that people do to the bot until `shutdown` begins or the platform ends.
    ///
    /// # Errors
    /// [`FrontendError`] when it can't go on.
    async fn run(&self, bot: Dispatcher, shutdown: Shutdown) -> Result<(), FrontendError>;
}
