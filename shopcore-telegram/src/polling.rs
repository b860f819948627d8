//! Long polling: fetches updates and has them answered until it is time to end.

use std::time::Duration;

use shopcore::bot::Dispatcher;
use shopcore::bot::frontend::FrontendError;
use shopcore::bot::incoming::{Incoming, Kind};
use shopcore::jobs::Shutdown;
use teloxide::net::Download as _;
use teloxide::payloads::{DeleteWebhookSetters as _, GetUpdatesSetters as _};
use teloxide::requests::Requester as _;
use teloxide::types::{AllowedUpdate, Update};
use teloxide::{ApiError, RequestError};

use crate::Telegram;
use crate::error::failure;
use crate::flights::Flights;
use crate::update::{self, Deed, Enclosed};

/// How long Telegram may wait for something to happen; well below the client's time-out.
const POLL: Duration = Duration::from_secs(10);

/// How long answers are waited for before Telegram is asked again while some are on their way.
const PATIENCE: Duration = Duration::from_millis(100);

/// An answer that takes longer is given up: it must not keep later updates unconfirmed for ever.
const ANSWER_MAX: Duration = Duration::from_secs(120);

/// How many updates are on their way at most.
const FLIGHTS_MAX: u8 = 100;

const PAUSE_MAX: Duration = Duration::from_secs(30);

/// Serves the bot's private chats.
pub(crate) async fn run(
    telegram: &Telegram,
    bot: Dispatcher,
    mut shutdown: Shutdown,
) -> Result<(), FrontendError> {
    tokio::select! {
        () = shutdown.wait() => return Ok(()),
        begun = begin(telegram) => begun?,
    }
    let mut flights = Flights::default();
    let mut failures = 0;
    loop {
        let offset = flights.offset();
        let wait = if flights.is_empty() {
            POLL
        } else {
            Duration::ZERO
        };
        let fetched = tokio::select! {
            () = shutdown.wait() => break,
            fetched = fetch(telegram, offset, wait) => fetched,
        };
        match fetched {
            Ok(updates) => {
                failures = 0;
                flights.confirmed(offset);
                take(telegram, &bot, &mut flights, updates);
            }
            Err(error) => {
                failures += 1;
                tokio::select! {
                    () = shutdown.wait() => break,
                    () = tokio::time::sleep(pause(error, failures)) => {}
                }
            }
        }
        flights.land(PATIENCE).await;
    }
    end(telegram, flights).await;
    Ok(())
}

/// Finds the token accepted and takes the updates over from a webhook, however long it takes.
async fn begin(telegram: &Telegram) -> Result<(), FrontendError> {
    let mut failures = 0;
    while let Err(error) = introduce(telegram).await {
        if matches!(error, RequestError::Api(ApiError::InvalidToken)) {
            return Err(FrontendError::Refused(
                "Telegram does not know the token".to_owned(),
            ));
        }
        failures += 1;
        tokio::time::sleep(pause(error, failures)).await;
    }
    Ok(())
}

async fn introduce(telegram: &Telegram) -> Result<(), RequestError> {
    let me = telegram.bot.get_me().await?;
    telegram
        .bot
        .delete_webhook()
        .drop_pending_updates(false)
        .await?;
    tracing::info!(bot = me.username(), "serving on Telegram");
    Ok(())
}

async fn fetch(
    telegram: &Telegram,
    offset: u32,
    wait: Duration,
) -> Result<Vec<Update>, RequestError> {
    let kinds = [AllowedUpdate::Message, AllowedUpdate::CallbackQuery];
    let updates = telegram
        .bot
        .get_updates()
        .allowed_updates(kinds)
        .limit(FLIGHTS_MAX);
    let updates = updates.offset(i32::try_from(offset).unwrap_or(i32::MAX));
    updates
        .timeout(u32::try_from(wait.as_secs()).unwrap_or(0))
        .await
}

/// How long to leave Telegram alone after a failure: as long as it asks, else longer each time.
fn pause(error: RequestError, failures: u32) -> Duration {
    let growing = Duration::from_secs(1).saturating_mul(2_u32.saturating_pow(failures - 1));
    let pause = match failure(error) {
        FrontendError::Wait(asked) => asked,
        FrontendError::Unavailable(error) => {
            tracing::warn!(
                error = &*error as &dyn std::error::Error,
                "Telegram gives no updates"
            );
            growing.min(PAUSE_MAX)
        }
        error @ (FrontendError::Refused(_) | FrontendError::Unchangeable) => {
            tracing::warn!(%error, "Telegram gives no updates");
            growing.min(PAUSE_MAX)
        }
    };
    pause.max(Duration::from_millis(100))
}

fn take(telegram: &Telegram, bot: &Dispatcher, flights: &mut Flights, updates: Vec<Update>) {
    for update in updates {
        let number = update.id.0;
        if !flights.is_new(number) {
            continue;
        }
        let Some(chat) = update.chat().map(|chat| chat.id) else {
            flights.pass(number);
            continue;
        };
        match update::read(&telegram.name, update) {
            Some(deed) => flights.begin(number, chat, answer(telegram.clone(), bot.clone(), deed)),
            None => flights.pass(number),
        }
    }
}

async fn answer(telegram: Telegram, bot: Dispatcher, deed: Deed) {
    let update = deed.incoming.update.clone();
    let answered = async {
        match deed.file {
            Some(file) => answer_file(&telegram, &bot, deed.incoming, file).await,
            None => bot.handle(deed.incoming).await,
        }
    };
    if tokio::time::timeout(ANSWER_MAX, answered).await.is_err() {
        tracing::error!(%update, "answering took too long and was given up");
    }
}

/// A file is held in memory from its arrival to the answer, so only a few are taken at once.
async fn answer_file(telegram: &Telegram, bot: &Dispatcher, said: Incoming, file: Enclosed) {
    let _place = telegram.downloads.acquire().await;
    let kind = match download(telegram, &file).await {
        Ok(bytes) => Kind::File {
            name: file.name,
            bytes,
        },
        Err(error) => {
            tracing::warn!(%error, "a customer's file could not be fetched");
            Kind::Other
        }
    };
    bot.handle(Incoming { kind, ..said }).await;
}

async fn download(telegram: &Telegram, file: &Enclosed) -> Result<Vec<u8>, FrontendError> {
    let found = telegram
        .bot
        .get_file(file.file.id.clone())
        .await
        .map_err(failure)?;
    let mut bytes = Vec::new();
    let fetched = telegram.bot.download_file(&found.path, &mut bytes).await;
    fetched.map_err(|error| failure(error.into()))?;
    Ok(bytes)
}

/// Waits for the answers that are on their way, and confirms them.
async fn end(telegram: &Telegram, mut flights: Flights) {
    flights.land_all().await;
    let offset = i32::try_from(flights.offset()).unwrap_or(i32::MAX);
    let confirmed = telegram
        .bot
        .get_updates()
        .offset(offset)
        .limit(1)
        .timeout(0)
        .await;
    if let Err(error) = confirmed {
        let error = failure(error);
        tracing::warn!(%error, "the latest updates will come again");
    }
}
