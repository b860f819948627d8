//! What others wrote, which `scripts/peers` installs: Stripe's gateway talks to PyPI's localstripe, and
//! npm's clients of Pakasir, Midtrans and Xendit talk to the fakes.
//!
//! localstripe knows PaymentIntents, refunds and signed webhooks, and neither Checkout nor idempotency
//! keys.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use serde_json::Value;
use shopcore::gateway::{Gateway, RefundProgress, RefundRequest, VerifiedWebhook};
use shopcore::invoice::{Charge, PaymentEvent};
use shopcore::testing::fixture::idr;
use shopcore::testing::gateway::Delivery;
use shopcore_payments::call::{Secret, client_builder};
use shopcore_payments::{Stripe, StripeOptions, StripeProduct};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use shopcore::time::Clock;
use shopcore_tests::fakes::{MidtransFake, PakasirFake, XenditFake};

use super::{clock, open};

const KEY: &str = "sk_test_12345";
const ENDPOINT: &str = "whsec_of_the_peer";

/// localstripe, until it is dropped.
struct Peer {
    server: Child,
    base: String,
    http: reqwest::Client,
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.server.kill().unwrap();
        self.server.wait().unwrap();
    }
}

impl Peer {
    /// Starts it where it is installed; says loudly where it is not.
    async fn start() -> Option<Self> {
        let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target");
        let program = target.join("peers/bin/localstripe");
        if !program.exists() {
            eprintln!("\n!!! SKIPPED: localstripe is not there; scripts/peers installs it\n");
            return None;
        }
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let server = Command::new(program)
            .args(["--from-scratch", "--port", &port.to_string()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let peer = Self {
            server: server.unwrap(),
            base: format!("http://127.0.0.1:{port}"),
            http: client_builder().build().unwrap(),
        };
        for _ in 0..300 {
            if peer.http.get(&peer.base).send().await.is_ok() {
                return Some(peer);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("localstripe does not answer");
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Value {
        let call = self.http.post(format!("{}{path}", self.base));
        let answer = call.bearer_auth(KEY).form(form).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.unwrap_or_default()
    }

    /// A customer pays with a card.
    async fn pay(&self, charge: &Charge) {
        let card = [
            ("type", "card"),
            ("card[number]", "4242424242424242"),
            ("card[exp_month]", "12"),
            ("card[exp_year]", "2099"),
            ("card[cvc]", "123"),
        ];
        let method = self.post("/v1/payment_methods", &card).await;
        let intent = charge.gateway_id.as_ref().unwrap();
        let path = format!("/v1/payment_intents/{intent}");
        let method = method["id"].as_str().unwrap();
        self.post(&path, &[("payment_method", method)]).await;
        self.post(&format!("{path}/confirm"), &[]).await;
    }
}

type Inbox = mpsc::UnboundedSender<Delivery>;

async fn received(State(inbox): State<Inbox>, headers: HeaderMap, body: Bytes) {
    let headers = headers.iter();
    let headers = headers.map(|(name, value)| {
        let value = value.to_str().unwrap();
        (name.to_string(), value.to_owned())
    });
    let delivery = Delivery {
        headers: headers.collect(),
        body: body.to_vec(),
    };
    inbox.send(delivery).unwrap();
}

/// Has the peer send its webhooks here.
async fn listen(peer: &Peer) -> mpsc::UnboundedReceiver<Delivery> {
    let (inbox, arrivals) = mpsc::unbounded_channel();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let router = Router::new().route("/", post(received)).with_state(inbox);
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let hook = [("url", url.as_str()), ("secret", ENDPOINT)];
    peer.post("/_config/webhooks/shop", &hook).await;
    arrivals
}

fn stripe(peer: &Peer) -> Arc<Stripe> {
    let secret = |text: &str| Secret::new(text.to_owned());
    let product = StripeProduct::Intent {
        page: "https://shop.example/pay".to_owned(),
    };
    let name = shopcore::gateway::GatewayName::parse("stripe").unwrap();
    let currency = shopcore::money::Currency::IDR;
    let options = StripeOptions {
        base: peer.base.clone(),
        ..StripeOptions::new(name, currency, product, secret(KEY), secret(ENDPOINT))
    };
    Arc::new(Stripe::new(options).unwrap())
}

/// The first payment that the peer's webhooks tell of.
async fn told(port: &Stripe, arrivals: &mut mpsc::UnboundedReceiver<Delivery>) -> PaymentEvent {
    let wait = async {
        loop {
            let delivery = arrivals.recv().await.unwrap();
            match port.verify_webhook(delivery.request()) {
                Ok(VerifiedWebhook::Payments(payments)) => {
                    if let Some(first) = payments.into_iter().next() {
                        return first;
                    }
                }
                other => panic!("{other:?}"),
            }
        }
    };
    let told = tokio::time::timeout(Duration::from_secs(30), wait).await;
    told.unwrap()
}

#[tokio::test]
async fn localstripe_is_paid_at_told_of_refunded_and_given_up() {
    let Some(peer) = Peer::start().await else {
        return;
    };
    let (mut arrivals, port) = (listen(&peer).await, stripe(&peer));
    let charge = open(port.as_ref(), "tg7-0000000a", idr(24_145)).await;
    peer.pay(&charge).await;
    let by_webhook = told(&port, &mut arrivals).await;
    let by_poll = port.charge_status(&charge).await.unwrap().payments;
    assert_eq!((by_webhook.amount, by_poll.len()), (idr(24_145), 1));
    assert_eq!(by_webhook.event, by_poll[0].event);
    assert_eq!(by_webhook.reference, charge.reference);
    let part = RefundRequest {
        payment: by_webhook.event.clone(),
        ..super::refund(&charge, 1, idr(4_145))
    };
    for _ in 0..2 {
        assert_eq!(port.refund(&part).await.unwrap(), RefundProgress::Done);
    }
    let path = format!("{}/v1/refunds?payment_intent={}", peer.base, part.payment);
    let made = peer.http.get(path).bearer_auth(KEY).send().await.unwrap();
    let made: Value = made.json().await.unwrap();
    assert_eq!(made["data"].as_array().unwrap().len(), 1, "{made}");
    let other = open(port.as_ref(), "tg7-0000000b", idr(1_000)).await;
    port.cancel_charge(&other).await.unwrap();
    let status = port.charge_status(&other).await.unwrap();
    assert_eq!((status.open, status.payments), (None, vec![]));
}

#[tokio::test]
async fn the_clients_of_npm_get_along_with_the_fakes() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let installed = tests.join("../target/peers/npm");
    if !installed.join("node_modules").exists() {
        eprintln!("\n!!! SKIPPED: the clients of npm are not there; scripts/peers installs them\n");
        return;
    }
    let clock = clock();
    let now = clock.now().format("%Y-%m-%d %H:%M:%S %z").to_string();
    let pakasir = PakasirFake::start(Arc::clone(&clock) as _).await;
    let midtrans = MidtransFake::start(Arc::clone(&clock) as _).await;
    let xendit = XenditFake::start(clock).await;
    let doors = [pakasir.door(), midtrans.door(), xendit.door()];
    let run = tokio::process::Command::new("node")
        .arg(tests.join("peers/clients.mjs"))
        .args(doors.into_iter().flat_map(|(base, key)| [base, key]))
        .arg(now)
        .env("SHOPCORE_NPM", installed)
        .output();
    let run = run.await.unwrap();
    let told = String::from_utf8_lossy(&run.stdout);
    let wrong = String::from_utf8_lossy(&run.stderr);
    assert_eq!(told.lines().count(), 3, "{told}{wrong}");
    for complaints in [
        pakasir.complaints(),
        midtrans.complaints(),
        xendit.complaints(),
    ] {
        assert_eq!(complaints, Vec::<String>::new());
    }
}
