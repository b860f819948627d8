//! Xendit: invoices found by reference, webhooks with a token, refunds, the statement.

use std::sync::Arc;

use chrono::TimeDelta;
use shopcore::gateway::{
    CreateMode, GatewayError, RefundProgress, RefundRequest, VerifiedWebhook, WebhookError,
};
use shopcore::invoice::{Charge, EventId, PayWith};
use shopcore::testing::fixture::{idr, open_charge};
use shopcore::testing::gateway::{Counterpart, Delivery, Trouble};
use shopcore::time::Clock;
use shopcore_payments::XenditOptions;
use shopcore_payments::call::Secret;
use shopcore_tests::fakes::XenditFake;

use super::{assert_refused, assert_shut_out, clock, open, payments, request};

async fn back(fake: &XenditFake, charge: &Charge, id: u128, minor: i64) -> RefundRequest {
    let paid = payments(fake.gateway().as_ref(), charge).await;
    RefundRequest {
        payment: paid[0].event.clone(),
        ..super::refund(charge, id, idr(minor))
    }
}

#[tokio::test]
async fn a_page_is_paid_and_told_as_one_event_by_webhook_poll_and_statement() {
    let clock = clock();
    let fake = XenditFake::start(Arc::clone(&clock) as _).await;
    let port = fake.gateway();
    let charge = open(port.as_ref(), "tg7-0000000a", idr(24_145)).await;
    assert!(matches!(&charge.pay_with, Some(PayWith::Page(url)) if url.starts_with("https://")));
    let delivery = fake.pay(&charge, charge.payable).await;
    let told = port.verify_webhook(delivery.request()).unwrap();
    assert_eq!(told, VerifiedWebhook::Ask(charge.reference.clone()));
    let by_poll = payments(port.as_ref(), &charge).await;
    let day = TimeDelta::hours(12);
    let (from, to) = (clock.now() - day, clock.now() + day);
    let listed = port.list_payments(from, to).await.unwrap();
    assert_eq!(by_poll[0].amount, idr(24_145));
    assert_eq!(by_poll, listed);
    assert_eq!(fake.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn an_invoice_whose_reply_was_lost_is_found_by_its_reference() {
    let fake = XenditFake::start(clock()).await;
    let port = fake.gateway();
    assert_eq!(port.capabilities().create, CreateMode::FindByReference);
    let lost = open_charge(port.name(), "tg7-0000000a", idr(24_145));
    let told = port.charge_status(&lost).await;
    assert!(matches!(told, Err(GatewayError::UnknownCharge)));
    fake.set_trouble(Some(Trouble::LostReply));
    let asked = request("tg7-0000000a", idr(24_145));
    assert!(port.create_charge(&asked).await.is_err());
    assert_eq!(fake.charges(), 1, "it is not asked for twice");
    fake.set_trouble(None);
    let found = port.charge_status(&lost).await.unwrap().open.unwrap();
    assert!(found.id.is_some());
    let other = open_charge(port.name(), "tg7-0000000a", idr(1_000));
    assert_refused(port.charge_status(&other).await);
}

#[tokio::test]
async fn an_invoice_that_was_given_up_takes_no_payment() {
    let fake = XenditFake::start(clock()).await;
    let port = fake.gateway();
    let charge = open(port.as_ref(), "tg7-0000000a", idr(24_145)).await;
    port.cancel_charge(&charge).await.unwrap();
    port.cancel_charge(&charge).await.unwrap();
    let told = port.charge_status(&charge).await.unwrap();
    assert_eq!((told.open, told.payments), (None, vec![]));
}

#[tokio::test]
async fn a_webhook_without_the_token_is_not_believed() {
    let fake = XenditFake::start(clock()).await;
    let port = fake.gateway();
    let charge = open(port.as_ref(), "tg7-0000000a", idr(24_145)).await;
    let genuine = fake.pay(&charge, charge.payable).await;
    for token in [
        None,
        Some(""),
        Some("callback-token"),
        Some("CALLBACK-TOKEN-OF-THE-TESTS"),
    ] {
        let headers = token.map(|token| ("x-callback-token".to_owned(), token.to_owned()));
        let forged = Delivery {
            headers: headers.into_iter().collect(),
            ..genuine.clone()
        };
        let told = port.verify_webhook(forged.request());
        assert_eq!(told, Err(WebhookError::Signature), "{token:?}");
    }
    let garbled = Delivery {
        body: b"<html>".to_vec(),
        ..genuine.clone()
    };
    let told = port.verify_webhook(garbled.request());
    assert_eq!(told, Err(WebhookError::Malformed));
    let body = String::from_utf8(genuine.body.clone()).unwrap();
    let pending = Delivery {
        body: body.replace("PAID", "EXPIRED").into_bytes(),
        ..genuine
    };
    let told = port.verify_webhook(pending.request()).unwrap();
    assert_eq!(told, VerifiedWebhook::Payments(vec![]));
}

#[tokio::test]
async fn a_refund_is_made_once_and_followed() {
    let fake = XenditFake::start(clock()).await;
    let port = fake.gateway();
    let charge = open(port.as_ref(), "tg7-0000000a", idr(24_145)).await;
    fake.pay(&charge, charge.payable).await;
    let part = back(&fake, &charge, 1, 4_145).await;
    fake.leave_refunds_undecided(true);
    fake.set_trouble(Some(Trouble::LostReply));
    assert!(port.refund(&part).await.is_err());
    fake.set_trouble(None);
    assert_eq!(port.refund(&part).await.unwrap(), RefundProgress::Pending);
    fake.leave_refunds_undecided(false);
    assert_eq!(port.refund(&part).await.unwrap(), RefundProgress::Done);
    let more = back(&fake, &charge, 2, 20_001).await;
    assert_refused(port.refund(&more).await);
    let rest = back(&fake, &charge, 3, 20_000).await;
    assert_eq!(port.refund(&rest).await.unwrap(), RefundProgress::Done);
    assert_eq!(fake.refunded(), 24_145);
    let unknown = RefundRequest {
        payment: EventId::parse("ffffff").unwrap(),
        ..rest
    };
    assert!(port.refund(&unknown).await.is_err());
}

#[tokio::test]
async fn the_statement_has_every_page() {
    let clock = clock();
    let fake = XenditFake::start(Arc::clone(&clock) as _).await;
    let port = fake.gateway();
    for number in 0..102 {
        let reference = format!("tg7-{number:08}");
        let charge = open(port.as_ref(), &reference, idr(1_000 + number)).await;
        fake.pay(&charge, charge.payable).await;
        clock.advance(TimeDelta::seconds(1));
    }
    let from = clock.now() - TimeDelta::seconds(101);
    let listed = port.list_payments(from, clock.now()).await.unwrap();
    assert_eq!(listed.len(), 101);
}

#[tokio::test]
async fn a_wrong_key_is_refused_and_told_to_nobody() {
    let wrong_key = |options| XenditOptions {
        secret_key: Secret::new("xnd_other".to_owned()),
        ..options
    };
    let fake = XenditFake::start_with(clock(), wrong_key).await;
    let told = fake
        .gateway()
        .create_charge(&request("a", idr(1_000)))
        .await;
    let error = told.as_ref().unwrap_err();
    assert!(!format!("{error:?} {error}").contains("xnd_"));
    assert_shut_out(told);
}
