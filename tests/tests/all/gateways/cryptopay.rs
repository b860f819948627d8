//! Crypto Pay: invoices found by their payload, signed updates, the statement.

use std::sync::Arc;

use chrono::TimeDelta;
use shopcore::gateway::{GatewayError, VerifiedWebhook, WebhookError};
use shopcore::invoice::PayWith;
use shopcore::money::{Currency, Money};
use shopcore::testing::fixture::{idr, open_charge};
use shopcore::testing::gateway::{Counterpart, Delivery, Trouble};
use shopcore::time::Clock;
use shopcore_payments::CryptoPayOptions;
use shopcore_payments::call::Secret;
use shopcore_tests::fakes::CryptoPayFake;

use super::{assert_shut_out, clock, open, payments, request};

#[tokio::test]
async fn an_invoice_is_paid_and_told_as_one_event_by_webhook_poll_and_statement() {
    let clock = clock();
    let fake = CryptoPayFake::start(Arc::clone(&clock) as _).await;
    let port = fake.gateway();
    let charge = open(port.as_ref(), "tg7-0000000a", idr(24_145)).await;
    assert!(matches!(&charge.pay_with, Some(PayWith::Page(url)) if url.contains("t.me")));
    let delivery = fake.pay(&charge, charge.payable).await;
    let told = port.verify_webhook(delivery.request()).unwrap();
    let VerifiedWebhook::Payments(by_webhook) = told else {
        panic!("{told:?}")
    };
    let day = TimeDelta::hours(12);
    let (from, to) = (clock.now() - day, clock.now() + day);
    let listed = port.list_payments(from, to).await.unwrap();
    assert_eq!(by_webhook[0].amount, idr(24_145));
    assert_eq!(by_webhook, payments(port.as_ref(), &charge).await);
    assert_eq!(by_webhook, listed);
    let later = port.list_payments(to, to + day).await.unwrap();
    assert_eq!(later, []);
    assert_eq!(fake.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn cents_are_asked_and_told_exactly() {
    let dollars = |options| CryptoPayOptions {
        currency: Currency::USD,
        assets: vec!["USDT".to_owned(), "TON".to_owned()],
        ..options
    };
    let fake = CryptoPayFake::start_with(clock(), dollars).await;
    let port = fake.gateway();
    let price = Money::new(499, Currency::USD);
    let charge = open(port.as_ref(), "tg7-0000000a", price).await;
    fake.pay(&charge, price).await;
    assert_eq!(payments(port.as_ref(), &charge).await[0].amount, price);
}

#[tokio::test]
async fn an_invoice_whose_reply_was_lost_is_found_among_the_newest() {
    let fake = CryptoPayFake::start(clock()).await;
    let port = fake.gateway();
    fake.set_trouble(Some(Trouble::LostReply));
    let asked = request("tg7-0000000a", idr(24_145));
    assert!(port.create_charge(&asked).await.is_err());
    assert_eq!(fake.charges(), 1, "it is not asked for twice");
    fake.set_trouble(None);
    for number in 0..120 {
        open(port.as_ref(), &format!("tg8-{number}"), idr(1_000)).await;
    }
    let lost = open_charge(port.name(), "tg7-0000000a", idr(24_145));
    let found = port.charge_status(&lost).await.unwrap().open.unwrap();
    assert_eq!(found.id.unwrap().as_str(), "0");
    let unknown = open_charge(port.name(), "tg9-0", idr(24_145));
    let told = port.charge_status(&unknown).await;
    assert!(matches!(told, Err(GatewayError::UnknownCharge)));
}

#[tokio::test]
async fn an_invoice_that_was_given_up_is_known_no_more() {
    let fake = CryptoPayFake::start(clock()).await;
    let port = fake.gateway();
    let charge = open(port.as_ref(), "tg7-0000000a", idr(24_145)).await;
    port.cancel_charge(&charge).await.unwrap();
    for told in [
        port.charge_status(&charge).await.map(drop),
        port.cancel_charge(&charge).await,
    ] {
        assert!(matches!(told, Err(GatewayError::UnknownCharge)));
    }
}

#[tokio::test]
async fn an_update_is_believed_only_as_it_was_signed() {
    let fake = CryptoPayFake::start(clock()).await;
    let port = fake.gateway();
    let charge = open(port.as_ref(), "tg7-0000000a", idr(24_145)).await;
    let genuine = fake.pay(&charge, charge.payable).await;
    let body = String::from_utf8(genuine.body.clone()).unwrap();
    let changed = Delivery {
        body: body.replace("24145", "1").into_bytes(),
        ..genuine.clone()
    };
    let unsigned = Delivery {
        headers: Vec::new(),
        ..genuine.clone()
    };
    let mut forged = genuine.clone();
    forged.headers[0].1 = "00".repeat(32);
    for delivery in [changed, unsigned, forged] {
        let told = port.verify_webhook(delivery.request());
        assert_eq!(told, Err(WebhookError::Signature));
    }
}

#[tokio::test]
async fn a_wrong_token_is_refused_and_told_to_nobody() {
    let wrong_token = |options| CryptoPayOptions {
        token: Secret::new("999:other".to_owned()),
        ..options
    };
    let fake = CryptoPayFake::start_with(clock(), wrong_token).await;
    let told = fake
        .gateway()
        .create_charge(&request("a", idr(1_000)))
        .await;
    let error = told.as_ref().unwrap_err();
    assert!(!format!("{error:?} {error}").contains("999:"));
    assert_shut_out(told);
}
