//! Telegram as a frontend of shopcore's bot framework.
//!
//! ```no_run
//! use shopcore::bot::Bot;
//! use shopcore::money::Currency;
//! use shopcore::{MemoryStore, Shop};
//! use shopcore_telegram::Telegram;
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let shop = Shop::builder(Currency::IDR).store(MemoryStore::default()).build().await?;
//! Bot::new(shop).frontend(Telegram::from_env()?).run().await?;
//! # Ok(()) }
//! ```
//!
//! Updates come by long polling. One is confirmed to Telegram only after the bot answered it, so
//! that an update which a crash interrupts comes again; business that is asked for twice is done
//! once. Chats are served side by side, the updates of a chat one after another.
//!
//! Only private chats are served: in a group everybody would read the goods.

use std::env;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use shopcore::bot::Dispatcher;
use shopcore::bot::frontend::{Crowd, Frontend, FrontendError, Limits};
use shopcore::bot::incoming::Incoming;
use shopcore::bot::view::View;
use shopcore::customer::{Chat, FrontendName, MessageId};
use shopcore::jobs::Shutdown;
use shopcore::message::Reach;
use teloxide::net::default_reqwest_settings;
use teloxide::payloads::{
    AnswerCallbackQuerySetters as _, EditMessageMediaSetters as _, EditMessageTextSetters as _,
    SendDocumentSetters as _, SendMessageSetters as _, SendPhotoSetters as _,
};
use teloxide::requests::Requester as _;
use teloxide::types::{self, LinkPreviewOptions, ParseMode};
use teloxide::{ApiError, RequestError};
use tokio::sync::Semaphore;

mod draw;
mod error;
mod flights;
mod polling;
mod qr;
mod update;

pub use error::TelegramError;
pub use update::FILE_BYTES_MAX;

use draw::Attachment;
use error::{failure, is_unmodified};

const LIMITS: Limits = Limits {
    text: 4_096,
    caption: 1_024,
    crowd: Crowd::Public,
};

/// The longest remark beside a pressed button, in UTF-16 units.
const REMARK_MAX: usize = 200;

/// How many files of customers are held in memory at once.
const DOWNLOADS_MAX: usize = 4;

/// A bot on Telegram. Cheap to clone.
#[derive(Clone)]
pub struct Telegram {
    name: FrontendName,
    bot: teloxide::Bot,
    downloads: Arc<Semaphore>,
}

impl fmt::Debug for Telegram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Telegram({})", self.name)
    }
}

impl Telegram {
    /// The bot whose token is in the environment variable `SHOPBOT_TELEGRAM_TOKEN`, else in
    /// `TELEGRAM_BOT_TOKEN`.
    ///
    /// # Errors
    /// [`TelegramError::NoToken`], or what [`new`](Self::new) says of it.
    pub fn from_env() -> Result<Self, TelegramError> {
        let set = |name| env::var(name).ok().filter(|token| !token.trim().is_empty());
        let token = set("SHOPBOT_TELEGRAM_TOKEN").or_else(|| set("TELEGRAM_BOT_TOKEN"));
        Self::new(&token.ok_or(TelegramError::NoToken)?)
    }

    /// The bot with this token, as @BotFather gives it.
    ///
    /// # Errors
    /// [`TelegramError::MalformedToken`]; whether Telegram knows the token is only learned when
    /// the bot runs.
    pub fn new(token: &str) -> Result<Self, TelegramError> {
        let token = token.trim();
        if !is_token(token) {
            return Err(TelegramError::MalformedToken);
        }
        let client = default_reqwest_settings().build();
        let client = client.map_err(|error| TelegramError::Client(error.into()))?;
        Ok(Self {
            name: FrontendName::parse("telegram")?,
            bot: teloxide::Bot::with_client(token, client),
            downloads: Arc::new(Semaphore::new(DOWNLOADS_MAX)),
        })
    }

    /// The bot at another server of the Bot API than Telegram's own, such as a proxy.
    ///
    /// # Errors
    /// [`TelegramError::ApiUrl`].
    pub fn api_url(self, url: &str) -> Result<Self, TelegramError> {
        let refused = || TelegramError::ApiUrl(url.to_owned());
        let is_http = url.starts_with("https://") || url.starts_with("http://");
        let address = url.parse().map_err(|_| refused())?;
        if !is_http {
            return Err(refused());
        }
        let bot = self.bot.set_api_url(address);
        Ok(Self { bot, ..self })
    }

    async fn send_view(&self, chat: &Chat, view: &View) -> Result<types::Message, FrontendError> {
        let (to, text, keyboard) = (
            recipient(chat)?,
            draw::html(&view.text),
            draw::keyboard(view)?,
        );
        let html = ParseMode::Html;
        let sent = match view.media.as_ref().map(Attachment::of).transpose()? {
            None => {
                let message = self.bot.send_message(to, text).parse_mode(html);
                let message = message.link_preview_options(no_preview());
                message.reply_markup(keyboard).await
            }
            Some(Attachment::Photo(file)) => {
                let photo = self.bot.send_photo(to, file).caption(text).parse_mode(html);
                photo.reply_markup(keyboard).await
            }
            Some(Attachment::Document(file)) => {
                let document = self
                    .bot
                    .send_document(to, file)
                    .caption(text)
                    .parse_mode(html);
                document.reply_markup(keyboard).await
            }
        };
        sent.map_err(failure)
    }
}

/// Whether it looks like a token: the bot's number, a colon, and a secret that can stand in an
/// address.
fn is_token(text: &str) -> bool {
    let secret = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    text.split_once(':').is_some_and(|(number, rest)| {
        !number.is_empty()
            && number.chars().all(|c| c.is_ascii_digit())
            && !rest.is_empty()
            && rest.chars().all(secret)
    })
}

/// Shops write of products, not of pages.
fn no_preview() -> LinkPreviewOptions {
    LinkPreviewOptions {
        is_disabled: true,
        url: None,
        prefer_small_media: false,
        prefer_large_media: false,
        show_above_text: false,
    }
}

fn recipient(chat: &Chat) -> Result<types::ChatId, FrontendError> {
    let number = chat.id.as_str().parse();
    let number = number.map_err(|_| FrontendError::Refused("no such chat".to_owned()))?;
    Ok(types::ChatId(number))
}

/// The message as Telegram numbers it; no other can be changed.
fn numbered(message: &MessageId) -> Result<types::MessageId, FrontendError> {
    let number = message.as_str().parse();
    Ok(types::MessageId(
        number.map_err(|_| FrontendError::Unchangeable)?,
    ))
}

#[async_trait]
impl Frontend for Telegram {
    fn name(&self) -> &FrontendName {
        &self.name
    }

    fn limits(&self) -> Limits {
        LIMITS
    }

    fn reach(&self) -> Vec<Reach> {
        vec![Reach::Frontend(self.name.clone())]
    }

    async fn send(&self, chat: &Chat, view: &View) -> Result<MessageId, FrontendError> {
        let sent = self.send_view(chat, view).await?;
        let id = MessageId::parse(&sent.id.0.to_string());
        id.map_err(|error| FrontendError::Unavailable(error.into()))
    }

    async fn edit(
        &self,
        chat: &Chat,
        message: &MessageId,
        view: &View,
    ) -> Result<(), FrontendError> {
        let (chat, message) = (recipient(chat)?, numbered(message)?);
        let (text, keyboard) = (draw::html(&view.text), draw::keyboard(view)?);
        let edited = match view.media.as_ref().map(Attachment::of).transpose()? {
            None => {
                let edit = self.bot.edit_message_text(chat, message, text);
                let edit = edit.parse_mode(ParseMode::Html).reply_markup(keyboard);
                edit.link_preview_options(no_preview()).await
            }
            Some(attachment) => {
                let media = attachment.captioned(text);
                let edit = self.bot.edit_message_media(chat, message, media);
                edit.reply_markup(keyboard).await
            }
        };
        match edited {
            Err(error) if !is_unmodified(&error) => Err(failure(error)),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    async fn delete(&self, chat: &Chat, message: &MessageId) -> Result<(), FrontendError> {
        let deleted = self
            .bot
            .delete_message(recipient(chat)?, numbered(message)?);
        match deleted.await {
            Ok(_) | Err(RequestError::Api(ApiError::MessageToDeleteNotFound)) => Ok(()),
            Err(error) => Err(failure(error)),
        }
    }

    async fn acknowledge(
        &self,
        press: &Incoming,
        remark: Option<&str>,
    ) -> Result<(), FrontendError> {
        let Some(query) = update::query_of(press) else {
            return Ok(());
        };
        let mut answer = self.bot.answer_callback_query(query);
        if let Some(remark) = remark {
            answer = answer.text(draw::beginning(remark, REMARK_MAX));
        }
        match answer.await {
            // Too late: the button rests by itself.
            Ok(_) | Err(RequestError::Api(ApiError::InvalidQueryId)) => Ok(()),
            Err(error) => Err(failure(error)),
        }
    }

    async fn run(&self, bot: Dispatcher, shutdown: Shutdown) -> Result<(), FrontendError> {
        polling::run(self, bot, shutdown).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_no_token_is_refused_and_not_told() {
        for token in [
            "", "12345", ":", "1:", ":x", "x:y", "1:a/b", "1:a b", "1:😀",
        ] {
            let error = Telegram::new(token).unwrap_err();
            assert!(matches!(error, TelegramError::MalformedToken), "{token}");
        }
        let telegram = Telegram::new(" 123:SECRET-token_1\n").unwrap();
        assert_eq!(format!("{telegram:?}"), "Telegram(telegram)");
    }

    #[test]
    fn only_http_addresses_are_taken() {
        for url in [
            "",
            "localhost",
            "ftp://example.com",
            "http://",
            "mailto:a@b",
        ] {
            let telegram = Telegram::new("1:x").unwrap();
            assert!(telegram.api_url(url).is_err(), "{url}");
        }
        assert!(
            Telegram::new("1:x")
                .unwrap()
                .api_url("http://[::1]:1/x")
                .is_ok()
        );
    }
}
