//! What each answer of Telegram means to the framework.

use std::error::Error;
use std::time::Duration;

use shopcore::bot::frontend::{Frontend, FrontendError};
use shopcore::bot::rich::Rich;
use shopcore::bot::view::{Media, View};
use shopcore::customer::{Chat, ChatId, FrontendName, MessageId};
use shopcore_telegram::Telegram;

use crate::fake::{Fake, Refusal};
use crate::telegram;

const ANN: i64 = 7;

fn chat(id: &str) -> Chat {
    Chat {
        frontend: FrontendName::parse("telegram").unwrap(),
        id: ChatId::parse(id).unwrap(),
    }
}

fn text(text: &str) -> View {
    View::text(Rich::plain(text))
}

async fn befriended() -> (Fake, Telegram, Chat) {
    let fake = Fake::start().await;
    fake.befriend(ANN);
    let telegram = telegram(&fake);
    (fake, telegram, chat("7"))
}

#[tokio::test]
async fn a_flood_is_waited_for_and_not_retried() {
    let (fake, telegram, ann) = befriended().await;
    fake.fail("SendMessage", Refusal::flood(7));
    let error = telegram.send(&ann, &text("hi")).await.unwrap_err();
    assert!(matches!(error, FrontendError::Wait(wait) if wait == Duration::from_secs(7)));
    assert!(fake.with(|world| world.chat(ANN).is_empty()));
    telegram.send(&ann, &text("hi")).await.unwrap();
}

#[tokio::test]
async fn who_blocked_the_bot_or_never_met_it_refuses() {
    let (fake, telegram, ann) = befriended().await;
    fake.block(ANN);
    for chat in [ann, chat("404"), chat("no-number")] {
        let error = telegram.send(&chat, &text("hi")).await.unwrap_err();
        assert!(matches!(error, FrontendError::Refused(_)), "{error:?}");
    }
}

#[tokio::test]
async fn an_edit_that_changes_nothing_succeeds() {
    let (fake, telegram, ann) = befriended().await;
    let message = telegram.send(&ann, &text("hi")).await.unwrap();
    telegram.edit(&ann, &message, &text("hi")).await.unwrap();
    telegram.edit(&ann, &message, &text("ho")).await.unwrap();
    assert_eq!(
        fake.with(|world| world.last(ANN).unwrap().text.clone()),
        "ho"
    );
}

#[tokio::test]
async fn what_is_gone_old_or_of_another_kind_is_unchangeable() {
    let (fake, telegram, ann) = befriended().await;
    let photo = text("scan").media(Media::Qr("x".to_owned()));
    let photo = telegram.send(&ann, &photo).await.unwrap();
    let old = telegram.send(&ann, &text("old")).await.unwrap();
    let number: i64 = old.as_str().parse().unwrap();
    fake.with(|world| world.messages.get_mut(&(ANN, number)).unwrap().old = true);
    let (gone, foreign) = ("999".to_owned(), "terminal-1".to_owned());
    let [gone, foreign] = [gone, foreign].map(|id| MessageId::parse(&id).unwrap());
    for message in [&photo, &old, &gone, &foreign] {
        let error = telegram
            .edit(&ann, message, &text("new"))
            .await
            .unwrap_err();
        assert!(
            matches!(error, FrontendError::Unchangeable),
            "{message} {error:?}"
        );
    }
    let error = telegram.delete(&ann, &old).await.unwrap_err();
    assert!(matches!(error, FrontendError::Unchangeable), "{error:?}");
    telegram.delete(&ann, &gone).await.unwrap();
    telegram.delete(&ann, &photo).await.unwrap();
    assert_eq!(fake.with(|world| world.chat(ANN).len()), 1);
}

#[tokio::test]
async fn an_unreachable_server_is_unavailable_and_the_token_not_told() {
    let secret = "1:KEEP-THIS-TO-YOURSELF";
    let (fake, _, ann) = befriended().await;
    for url in [
        "http://127.0.0.1:9",
        "http://127.0.0.1:9/proxy",
        fake.url.as_str(),
    ] {
        let telegram = Telegram::new(secret).unwrap().api_url(url).unwrap();
        let error = telegram.send(&ann, &text("hi")).await.unwrap_err();
        assert!(matches!(error, FrontendError::Unavailable(_)), "{error:?}");
        let mut told = format!("{error} {error:?} {telegram:?}");
        let mut cause = error.source();
        while let Some(error) = cause {
            told = format!("{told} {error} {error:?}");
            cause = error.source();
        }
        assert!(!told.contains("KEEP-THIS"), "{told}");
    }
}
