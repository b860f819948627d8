//! Keeping the shop open: the bot with its frontends, the jobs, the webhook server.

use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;

use shopcore::Shop;
use shopcore::bot::texts::Texts;
use shopcore::bot::{Bot, Dispatcher, storefront};
use shopcore::customer::Contact;
use shopcore::id::BatchId;
use shopcore::jobs::{Jobs, Shutdown, Stopper};
use shopcore_payments::webhooks_within;
use shopcore_telegram::{Telegram, TelegramError};
use tokio::net::TcpListener;

use crate::cli::{ChatArgs, Role};
use crate::config::{Beginning, Config};
use crate::demo::{self, Start};
use crate::fault::{Fault, told};
use crate::gateways;
use crate::open;
use crate::output::Output;
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
    let (shop, start) = opened(config).await?;
    let session = shop.ids().next::<BatchId>().to_string();
    let mut terminal = Terminal::new(user(args), session, DOWNLOADS.into()).map_err(Fault::User)?;
    if start == Start::First {
        terminal = terminal.introduced(demo::introduction(args.role));
    }
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
        listen(config, &shop, shutdown.clone()).await?;
    }
    Ok(bot.build()?.run(shutdown).await?)
}

/// Keeps the shop open without a chat here, until a signal ends it.
pub(crate) async fn serve(config: &Config, output: &Output) -> Result<(), Fault> {
    let (shop, _) = opened(config).await?;
    let (stopper, shutdown) = Shutdown::new();
    stop_on_signal(stopper);
    listen(config, &shop, shutdown.clone()).await?;
    let bot = courier(config, shop.clone())?;
    output.remark(&welcome(config, &shop));
    if config.telegram_token.is_some() {
        return Ok(bot.run(shutdown).await?);
    }
    Jobs::new(shop, Arc::new(bot)).run(shutdown).await;
    Ok(())
}

/// What a shop without a chat in its terminal says when it is open.
fn welcome(config: &Config, shop: &Shop) -> String {
    let names = || shop.methods().iter().map(|method| method.gateway.name());
    let ways: Vec<_> = names().map(ToString::to_string).collect();
    let mut lines = vec![format!("{} is open; Ctrl-C ends it.", shop.name())];
    if !ways.is_empty() {
        lines.push(format!("Ways to pay: {}", ways.join(", ")));
    }
    match config.listen {
        Some(address) => {
            let webhooks =
                names().map(|name| format!("Webhooks: http://{address}/webhooks/{name}"));
            lines.extend(webhooks);
        }
        None => lines.push("Webhooks: none are taken, since `listen` is not set".to_owned()),
    }
    lines.join("\n")
}

/// Opens the shop; one that has no product yet begins as the configuration says.
async fn opened(config: &Config) -> Result<(Shop, Start), Fault> {
    check(config)?;
    let shop = open::shop(config).await?;
    let start = match config.beginning {
        Beginning::Demo => demo::begin(&shop).await?,
        Beginning::Empty => Start::Later,
    };
    Ok((shop, start))
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
    let bot = config.alerts.iter().cloned().fold(bot, Bot::alerts);
    let bot = config.spam_ban.into_iter().fold(bot, Bot::spam_ban);
    let bot = config.without.iter().fold(bot, Bot::without);
    Ok(match texts(config)? {
        Some(texts) => bot.texts(texts),
        None => bot,
    })
}

/// Refuses what only the bot would find out about the configuration.
pub(crate) fn check(config: &Config) -> Result<(), Fault> {
    config.settings()?;
    without(config)?;
    gateways::methods(config)?;
    texts(config)?;
    telegram(config)?;
    Ok(())
}

/// Refuses to do without what the bot does not have.
fn without(config: &Config) -> Result<(), Fault> {
    let plugins = storefront();
    let known: Vec<_> = plugins.iter().map(|plugin| plugin.id()).collect();
    let unknown = |id: &&String| !known.contains(&id.as_str());
    match config.without.iter().find(unknown) {
        None => Ok(()),
        Some(id) => {
            let known = known.join(", ");
            let reason = format!("there is no part {id:?}; there are {known}");
            Err(config.refused("without", reason).into())
        }
    }
}

/// The bot's texts, where some stand in a file in the owner's words.
fn texts(config: &Config) -> Result<Option<Texts>, Fault> {
    let Some(path) = &config.texts else {
        return Ok(None);
    };
    let refused = |error: &dyn Error| {
        let reason = format!("{} can't be used: {}", path.display(), told(error));
        config.refused("texts", reason)
    };
    let source = std::fs::read_to_string(path).map_err(|error| refused(&error))?;
    let texts = Texts::shipped().map_err(Fault::BuiltInTexts)?;
    let texts = texts.replacing("en", &source);
    Ok(Some(texts.map_err(|error| refused(&error))?))
}

/// Telegram, where it is configured.
fn telegram(config: &Config) -> Result<Option<Telegram>, Fault> {
    let Some(token) = &config.telegram_token else {
        return Ok(None);
    };
    let refused = |error| match error {
        TelegramError::MalformedToken => config.refused("telegram_token", error).into(),
        TelegramError::ApiUrl(_) => config.refused("telegram_api", error).into(),
        TelegramError::NoToken | TelegramError::Name(_) | TelegramError::Client(_) => {
            Fault::Telegram(error)
        }
    };
    let telegram = Telegram::new(token.reveal()).map_err(refused)?;
    match &config.telegram_api {
        Some(url) => telegram.api_url(url).map(Some).map_err(refused),
        None => Ok(Some(telegram)),
    }
}

fn with_telegram(bot: Bot, config: &Config) -> Result<Bot, Fault> {
    Ok(match telegram(config)? {
        Some(telegram) => bot.frontend(telegram),
        None => bot,
    })
}

/// Serves the webhooks, where an address is given.
async fn listen(config: &Config, shop: &Shop, mut shutdown: Shutdown) -> Result<(), Fault> {
    let Some(address) = config.listen else {
        return Ok(());
    };
    let bound = TcpListener::bind(address).await;
    let listener = bound.map_err(|source| Fault::Listen { address, source })?;
    let routes = webhooks_within(shop.clone(), config.call_limit());
    let service = routes.into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, service);
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
    use clap::Parser;

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn the_owners_texts_and_token_are_read_or_refused_by_key() {
        let folder = tempfile::tempdir().unwrap();
        let (file, words) = (
            folder.path().join("shopbot.toml"),
            folder.path().join("w.ftl"),
        );
        let checked = |toml: &str| {
            std::fs::write(&file, format!("texts = {words:?}\n{toml}")).unwrap();
            let cli = ["shopbot".as_ref(), "--config".as_ref(), file.as_os_str()];
            check(&Config::read(&Cli::parse_from(cli)).unwrap())
        };
        let refused = |toml: &str| checked(toml).unwrap_err().told();
        assert!(refused("").starts_with("texts in "), "{}", refused(""));
        std::fs::write(&words, "no-such-text = Hello\n").unwrap();
        let told = refused("");
        assert!(
            told.contains("w.ftl") && told.contains("no-such-text"),
            "{told}"
        );
        std::fs::write(&words, "content-empty = Say something\n").unwrap();
        assert!(checked("").is_ok());
        let told = refused("telegram_token = \"secret\"");
        assert!(
            told.starts_with("telegram_token in ") && !told.contains("secret"),
            "{told}"
        );
        let told = refused("telegram_token = \"1:x\"\ntelegram_api = \"here\"");
        assert!(told.starts_with("telegram_api in "), "{told}");
    }
}
