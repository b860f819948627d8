//! Calls over real HTTP, to a server that fails on demand.

use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode as Code;
use axum::routing::post;
use shopcore::time::VirtualClock;
use tokio::net::TcpListener;

use super::*;

type Calls = Arc<AtomicU32>;

/// Answers `POST /once/{status}` with the status, and after the first time with `true`; and
/// `/twice/{status}` with 500 and the status in turns; `/slow`, `/long` and `/garbled` as they say.
async fn server() -> (String, Calls) {
    let calls = Calls::default();
    let counted = |State(calls): State<Calls>, Path(status): Path<u16>| async move {
        match calls.fetch_add(1, Ordering::SeqCst) {
            0 => (Code::from_u16(status).unwrap(), "secret"),
            _ => (Code::OK, "true"),
        }
    };
    let failed = AtomicU32::default();
    let failed = Arc::new(failed);
    let twice = move |Path(status): Path<u16>| {
        let nth = failed.fetch_add(1, Ordering::SeqCst);
        async move { Code::from_u16(if nth % 2 == 0 { 500 } else { status }).unwrap() }
    };
    let router = Router::new()
        .route("/once/{status}", post(counted))
        .route("/twice/{status}", post(twice))
        .route("/slow", post(std::future::pending::<&str>))
        .route("/long", post(|| async { "1".repeat(2000) }))
        .route("/garbled", post(|| async { "<html>" }))
        .with_state(Arc::clone(&calls));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (base, calls)
}

fn caller(base: &str) -> (Caller, Arc<VirtualClock>) {
    let clock = Arc::new(VirtualClock::default());
    let limits = Limits {
        whole: Duration::from_secs(3),
        answer_max: 1000,
        attempts_max: 2,
        backoff: Duration::from_millis(1),
        failures_max: 2,
        ..Limits::default()
    };
    let caller = Caller::new(base, limits, Arc::clone(&clock) as Arc<dyn Clock>);
    (caller.unwrap(), clock)
}

async fn post_to(caller: &Caller, repeat: Repeat, path: &str) -> Result<bool, GatewayError> {
    let request = caller.request(Method::POST, path);
    caller.call(repeat, request).await
}

/// The text of an error and of all that caused it.
fn told(error: &GatewayError) -> String {
    let mut text = format!("{error} {error:?}");
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(&format!(" {error} {error:?}"));
        cause = error.source();
    }
    text
}

#[tokio::test]
async fn only_a_call_that_is_safe_is_repeated() {
    for (repeat, done) in [(Repeat::Safe, 2), (Repeat::Never, 1)] {
        let (base, calls) = server().await;
        let answer = post_to(&caller(&base).0, repeat, "/once/500").await;
        assert_eq!(answer.is_ok(), repeat == Repeat::Safe);
        assert_eq!(calls.load(Ordering::SeqCst), done);
    }
}

#[tokio::test]
async fn a_refusal_is_not_repeated_and_had_no_effect() {
    for status in [400, 404, 422] {
        let (base, calls) = server().await;
        let answer = post_to(&caller(&base).0, Repeat::Safe, &format!("/once/{status}")).await;
        let error = answer.unwrap_err();
        assert_eq!(matches!(error, GatewayError::UnknownCharge), status == 404);
        assert_eq!(error.effect(), Effect::None);
        assert_eq!(error.fault(), shopcore::gateway::Fault::Shop);
        assert_eq!(calls.load(Ordering::SeqCst), 1);
        assert!(!told(&error).contains("secret"));
    }
}

#[tokio::test]
async fn what_nobody_judged_is_no_refusal() {
    for (status, effect) in [
        (302, Effect::None),
        (401, Effect::None),
        (403, Effect::None),
        (409, Effect::Unknown),
    ] {
        let (base, _) = server().await;
        let answer = post_to(&caller(&base).0, Repeat::Never, &format!("/once/{status}")).await;
        let error = answer.unwrap_err();
        assert!(
            matches!(error, GatewayError::Unavailable { .. }),
            "{status}"
        );
        assert_eq!(error.effect(), effect, "{status}");
    }
}

#[tokio::test]
async fn what_is_refused_after_an_unknown_outcome_may_have_been_done() {
    let (base, _) = server().await;
    let caller = caller(&base).0;
    for (path, effect) in [
        ("/twice/422", Effect::Unknown),
        ("/twice/404", Effect::Unknown),
    ] {
        let error = post_to(&caller, Repeat::Safe, path).await.unwrap_err();
        assert!(matches!(error, GatewayError::Unavailable { .. }), "{path}");
        assert_eq!(error.effect(), effect, "{path}");
    }
}

#[tokio::test]
async fn what_was_sent_may_have_had_its_effect() {
    let (base, _) = server().await;
    for (path, effect) in [
        ("/once/503", Effect::Unknown),
        ("/slow?api_key=secret", Effect::Unknown),
        ("/long", Effect::Unknown),
        ("/garbled", Effect::Unknown),
    ] {
        let error = post_to(&caller(&base).0, Repeat::Never, path).await;
        let error = error.unwrap_err();
        assert_eq!(error.effect(), effect, "{path}");
        assert!(!told(&error).contains("secret"), "{path}");
    }
    let nobody = caller("http://127.0.0.1:1").0;
    let error = post_to(&nobody, Repeat::Never, "/?api_key=secret").await;
    let error = error.unwrap_err();
    assert_eq!(error.effect(), Effect::None);
    assert!(!told(&error).contains("secret"));
}

#[tokio::test]
async fn an_open_circuit_makes_no_call_until_its_pause_is_over() {
    let (base, calls) = server().await;
    let (caller, clock) = caller(&base);
    for _ in 0..2 {
        let garbled = post_to(&caller, Repeat::Never, "/garbled").await;
        assert_eq!(garbled.unwrap_err().effect(), Effect::Unknown);
    }
    let refused = post_to(&caller, Repeat::Safe, "/once/200").await;
    assert_eq!(refused.unwrap_err().effect(), Effect::None);
    assert_eq!(calls.load(Ordering::SeqCst), 0);
    clock.advance(chrono::Duration::seconds(30));
    calls.fetch_add(1, Ordering::SeqCst);
    assert!(post_to(&caller, Repeat::Never, "/once/200").await.unwrap());
    assert!(post_to(&caller, Repeat::Never, "/once/200").await.unwrap());
}

#[test]
fn a_key_does_not_show_itself() {
    let key = Secret::new("abc".to_owned());
    assert_eq!(
        (format!("{key:?}").as_str(), key.reveal()),
        ("Secret(…)", "abc")
    );
}
