//! Keeping the shop open: the bot with its frontends, the jobs, the webhook server.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use shopcore::Shop;
use shopcore::bot::texts::Texts;
use shopcore::bot::{Bot, Dispatcher, storefront};
use shopcore::customer::Contact;
use shopcore::id::BatchId;
use shopcore::jobs::{Jobs, Shutdown, Stopper};
use shopcore_payments::webhooks;
use shopcore_telegram::{Telegram, TelegramError};
use tokio::net::TcpListener;

use crate::cli::{ChatArgs, Role};
use crate::config::{Beginning, Config};
use crate::demo;
use crate::fault::Fault;
use crate::open;
use crate::terminal::Terminal;

/// Where files that were bought in this terminal are saved.
const DOWNLOADS: &str = "downloads";

/// What is opened beside the chat in this terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doors {
    /// Nothing.
    Chat,
    /// The webhook server and Telegram, where they are configured.
    All,
}

/// Opens the shop with a chat in this terminal, until it and the other chats end.
pub(crate) async fn chat(config: &Config, args: &ChatArgs, doors: Doors) -> Result<(), Fault> {
    let shop = opened(config).await?;
    let session = shop.ids().next::<BatchId>().to_string();
    let terminal = Terminal::new(user(args), session, DOWNLOADS.into()).map_err(Fault::User)?;
    let mut admins = config.admins.clone();
    if args.role == Role::Admin {
        admins.push(terminal.contact().clone());
    }
    let mut bot = bot(config, shop.clone(), admins)?.frontend(terminal);
    if doors == Doors::All {
        bot = with_telegram(bot, config)?;
    }
    let (stopper, shutdown) = Shutdown::new();
    stop_on_signal(stopper);
    if doors == Doors::All {
        listen(config.listen, &shop, shutdown.clone()).await?;
    }
    Ok(bot.build()?.run(shutdown).await?)
}

/// Keeps the shop open without a chat here, until a signal ends it.
pub(crate) async fn serve(config: &Config) -> Result<(), Fault> {
    let shop = opened(config).await?;
    let (stopper, shutdown) = Shutdown::new();
    stop_on_signal(stopper);
    listen(config.listen, &shop, shutdown.clone()).await?;
    let bot = courier(config, shop.clone())?;
    if config.telegram_token.is_some() {
        return Ok(bot.run(shutdown).await?);
    }
    Jobs::new(shop, Arc::new(bot)).run(shutdown).await;
    Ok(())
}

/// Opens the shop; one that has no product yet begins as the configuration says.
async fn opened(config: &Config) -> Result<Shop, Fault> {
    let shop = open::shop(config).await?;
    match config.beginning {
        Beginning::Demo => demo::begin(&shop).await?,
        Beginning::Empty => {}
    }
    Ok(shop)
}

/// The bot without a terminal: what waits in the outbox it brings to Telegram, where that is
/// configured.
pub(crate) fn courier(config: &Config, shop: Shop) -> Result<Dispatcher, Fault> {
    let bot = bot(config, shop, config.admins.clone())?;
    Ok(with_telegram(bot, config)?.build()?)
}

fn user(args: &ChatArgs) -> &str {
    args.user.as_deref().unwrap_or(match args.role {
        Role::Customer => "customer",
        Role::Admin => "admin",
    })
}

fn bot(config: &Config, shop: Shop, admins: Vec<Contact>) -> Result<Bot, Fault> {
    let bot = Bot::new(shop).plugins(storefront()).admins(admins);
    match &config.texts {
        Some(path) => Ok(bot.texts(texts(path)?)),
        None => Ok(bot),
    }
}

/// The bot's texts, those that stand in the file at `path` in the owner's words.
fn texts(path: &Path) -> Result<Texts, Fault> {
    let source = std::fs::read_to_string(path).map_err(|source| Fault::File {
        path: path.to_owned(),
        source,
    })?;
    let texts = Texts::english().map_err(Fault::BuiltInTexts)?;
    texts
        .replacing("en", &source)
        .map_err(|source| Fault::Texts {
            path: path.to_owned(),
            source,
        })
}

fn with_telegram(bot: Bot, config: &Config) -> Result<Bot, TelegramError> {
    let Some(token) = &config.telegram_token else {
        return Ok(bot);
    };
    let telegram = Telegram::new(token.reveal())?;
    Ok(bot.frontend(match &config.telegram_api {
        Some(url) => telegram.api_url(url)?,
        None => telegram,
    }))
}

/// Serves the webhooks at `address`, where one is given.
async fn listen(
    address: Option<SocketAddr>,
    shop: &Shop,
    mut shutdown: Shutdown,
) -> Result<(), Fault> {
    let Some(address) = address else {
        return Ok(());
    };
    let bound = TcpListener::bind(address).await;
    let listener = bound.map_err(|source| Fault::Listen { address, source })?;
    let server = axum::serve(listener, webhooks(shop.clone()));
    tokio::spawn(async move {
        let served = server.with_graceful_shutdown(async move { shutdown.wait().await });
        if let Err(error) = served.await {
            tracing::error!(%error, "the webhook server ended");
        }
    });
    Ok(())
}

/// Ends everything in order when the machine or the person asks for it.
fn stop_on_signal(stopper: Stopper) {
    tokio::spawn(async move {
        if let Err(error) = asked_to_end().await {
            tracing::warn!(%error, "signals can't be waited for");
            // Dropping the stopper would end the shop at once.
            std::future::pending::<()>().await;
        }
        stopper.stop();
    });
}

#[cfg(unix)]
async fn asked_to_end() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        asked = tokio::signal::ctrl_c() => asked,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn asked_to_end() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owners_texts_are_read_or_refused_by_file_and_message() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("words.ftl");
        assert!(matches!(texts(&path), Err(Fault::File { .. })));
        std::fs::write(&path, "no-such-text = Hello\n").unwrap();
        let told = texts(&path).unwrap_err().told();
        assert!(
            told.contains("words.ftl") && told.contains("no-such-text"),
            "{told}"
        );
        std::fs::write(&path, "content-empty = Say something\n").unwrap();
        assert!(texts(&path).is_ok());
    }
}
