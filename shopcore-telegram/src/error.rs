//! What goes wrong at Telegram, told without the token and without what was sent.

use std::sync::Arc;

use shopcore::bot::frontend::FrontendError;
use shopcore::store::BoxError;
use shopcore::text::BadLabel;
use teloxide::{ApiError, RequestError};
use thiserror::Error;

/// Why the frontend can't be set up. The set-up is at fault; Telegram was not asked.
#[derive(Debug, Error)]
pub enum TelegramError {
    /// No token is set.
    #[error("there is no token: set SHOPBOT_TELEGRAM_TOKEN or TELEGRAM_BOT_TOKEN")]
    NoToken,
    /// The token can't be one of Telegram's.
    #[error("the token is not of the form 123456:letters-and-digits")]
    MalformedToken,
    /// The address can't be one of a Bot API server.
    #[error("{0:?} is not an HTTP address")]
    ApiUrl(String),
    /// The frontend's name is refused.
    #[error("the frontend's name is refused")]
    Name(#[from] BadLabel),
    /// The HTTP client can't be set up.
    #[error("the HTTP client can't be set up")]
    Client(#[source] BoxError),
}

/// Why a call may go through later.
#[derive(Debug, Error)]
enum CallError {
    #[error("the connection failed")]
    Connection(#[source] Option<BoxError>),
    #[error("the answer is not one of the Bot API")]
    Answer,
    #[error("the server answers: {0}")]
    Server(String),
}

/// What a failed call means to the bot.
pub(crate) fn failure(error: RequestError) -> FrontendError {
    match error {
        RequestError::RetryAfter(wait) => FrontendError::Wait(wait.duration()),
        RequestError::MigrateToChatId(_) => FrontendError::Refused("the chat moved".to_owned()),
        RequestError::Network(error) => {
            // The address of a request contains the token.
            let error = Arc::into_inner(error).map(|error| error.without_url().into());
            unavailable(CallError::Connection(error))
        }
        RequestError::Io(error) => unavailable(CallError::Connection(Some(error.into()))),
        // The answer may repeat what was sent.
        RequestError::InvalidJson { .. } => unavailable(CallError::Answer),
        RequestError::Api(error) => refusal(&error),
    }
}

fn unavailable(error: CallError) -> FrontendError {
    FrontendError::Unavailable(error.into())
}

fn refusal(error: &ApiError) -> FrontendError {
    if unchangeable(error) {
        return FrontendError::Unchangeable;
    }
    if matches!(error, ApiError::CantParseEntities(_)) {
        // The description repeats what was sent.
        return FrontendError::Refused("the text's markup is broken".to_owned());
    }
    let said = description(error);
    if passing(error, &said) {
        return unavailable(CallError::Server(said));
    }
    FrontendError::Refused(said)
}

/// Whether a message can't become what it should, so that another one must be sent.
fn unchangeable(error: &ApiError) -> bool {
    if let ApiError::Unknown(said) = error {
        let beginnings = [
            "Bad Request: there is no ",
            "Bad Request: message can't be ",
        ];
        return beginnings.iter().any(|known| said.starts_with(known));
    }
    matches!(
        error,
        ApiError::MessageCantBeEdited
            | ApiError::MessageCantBeDeleted
            | ApiError::MessageToEditNotFound
            | ApiError::MessageIdInvalid
    )
}

/// Whether the server or the set-up is at fault, not the call: what waits to be sent must not be
/// given up because a token was withdrawn.
fn passing(error: &ApiError, said: &str) -> bool {
    let server = [
        "Internal Server Error",
        "Bad Gateway",
        "Service Unavailable",
        "Gateway Time",
    ];
    matches!(
        error,
        ApiError::InvalidToken | ApiError::TerminatedByOtherGetUpdates | ApiError::CantGetUpdates
    ) || server.iter().any(|known| said.starts_with(known))
}

fn description(error: &ApiError) -> String {
    if let ApiError::Unknown(said) = error {
        return said.clone();
    }
    error.to_string()
}

/// Whether a change failed only because nothing was left to change.
pub(crate) fn is_unmodified(error: &RequestError) -> bool {
    match error {
        RequestError::Api(ApiError::MessageNotModified) => true,
        RequestError::Api(ApiError::Unknown(said)) => {
            said.starts_with("Bad Request: message is not modified")
        }
        RequestError::Api(_)
        | RequestError::MigrateToChatId(_)
        | RequestError::RetryAfter(_)
        | RequestError::Network(_)
        | RequestError::InvalidJson { .. }
        | RequestError::Io(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(json: &str) -> RequestError {
        let source = serde_json::from_str::<()>(json).unwrap_err();
        RequestError::InvalidJson {
            source: Arc::new(source),
            raw: json.into(),
        }
    }

    #[test]
    fn a_failing_server_is_asked_again() {
        for said in [
            "Internal Server Error: restart",
            "Bad Gateway",
            "Gateway Timeout",
        ] {
            let error = failure(ApiError::Unknown(said.to_owned()).into());
            assert!(matches!(error, FrontendError::Unavailable(_)), "{said}");
        }
        let error = failure(ApiError::InvalidToken.into());
        assert!(matches!(error, FrontendError::Unavailable(_)));
    }

    #[test]
    fn what_was_sent_is_not_told() {
        let page = failure(answered("<html>KEY-1</html>"));
        let markup = ApiError::CantParseEntities("Bad Request: can't parse: KEY-1".to_owned());
        for error in [page, failure(markup.into())] {
            let told = format!("{error} {error:?}");
            assert!(!told.contains("KEY-1"), "{told}");
        }
    }
}
