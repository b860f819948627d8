//! Stripe: Checkout and PaymentIntents, signed webhooks with a tolerance, refunds, the statement.

use std::sync::Arc;

use chrono::TimeDelta;
use shopcore::gateway::{
    GatewayError, RefundProgress, RefundRequest, VerifiedWebhook, WebhookError,
};
use shopcore::invoice::{Charge, EventId, PayWith};
use shopcore::testing::fixture::{idr, open_charge};
use shopcore::testing::gateway::{Counterpart, Delivery, Trouble};
use shopcore::time::Clock;
use shopcore_payments::call::Secret;
use shopcore_payments::{StripeOptions, StripeProduct};
use shopcore_tests::fakes::StripeFake;

use super::{assert_refused, assert_shut_out, clock, open, payments, request};

fn intents(options: StripeOptions) -> StripeOptions {
    StripeOptions {
        product: StripeProduct::Intent {
            page: "https://shop.example/pay".to_owned(),
        },
        ..options
    }
}

/// The payments that a webhook brings.
fn told(fake: &StripeFake, delivery: &Delivery) -> Vec<shopcore::invoice::PaymentEvent> {
    match fake.gateway().verify_webhook(delivery.request()) {
        Ok(VerifiedWebhook::Payments(payments)) => payments,
        other => panic!("{other:?}"),
    }
}

async fn back(fake: &StripeFake, charge: &Charge, id: u128, minor: i64) -> RefundRequest {
    let paid = payments(fake.gateway().as_ref(), charge).await;
    RefundRequest {
        payment: paid[0].event.clone(),
        ..super::refund(charge, id, idr(minor))
    }
}

#[tokio::test]
async fn a_page_and_an_intent_are_paid_and_told_as_one_event_by_webhook_poll_and_statement() {
    for product in [|options| options, intents] {
        let clock = clock();
        let fake = StripeFake::start_with(Arc::clone(&clock) as _, product).await;
        let port = fake.gateway();
        let charge = open(port.as_ref(), "tg7-0000000a", idr(24_145)).await;
        assert!(
            matches!(&charge.pay_with, Some(PayWith::Page(url)) if url.starts_with("https://"))
        );
        let before = port.charge_status(&charge).await.unwrap();
        assert_eq!(
            (before.open.unwrap().payable, before.payments),
            (idr(24_145), vec![])
        );
        let delivery = fake.pay(&charge, charge.payable).await;
        let by_webhook = told(&fake, &delivery);
        let by_poll = payments(port.as_ref(), &charge).await;
        let day = TimeDelta::hours(12);
        let (from, to) = (clock.now() - day, clock.now() + day);
        let listed = port.list_payments(from, to).await.unwrap();
        for events in [&by_webhook, &by_poll, &listed] {
            assert_eq!((events.len(), events[0].amount), (1, idr(24_145)));
            assert_eq!(events[0].event.as_str(), "pi_0");
            assert_eq!(events[0].reference, charge.reference);
        }
        assert_eq!(fake.complaints(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_charge_whose_reply_was_lost_is_made_once() {
    let fake = StripeFake::start(clock()).await;
    let port = fake.gateway();
    let asked = request("tg7-0000000a", idr(24_145));
    fake.set_trouble(Some(Trouble::LostReply));
    assert!(port.create_charge(&asked).await.is_err());
    fake.set_trouble(None);
    port.create_charge(&asked).await.unwrap();
    assert_eq!(fake.charges(), 1);
    // Under a key that was used for another amount nothing is made.
    assert_refused(
        port.create_charge(&request("tg7-0000000a", idr(1_000)))
            .await,
    );
    assert_eq!(fake.charges(), 1);
    let unknown = open_charge(port.name(), "tg7-0000000b", idr(24_145));
    let told = port.charge_status(&unknown).await;
    assert!(matches!(told, Err(GatewayError::UnknownCharge)));
}

#[tokio::test]
async fn a_charge_that_was_given_up_takes_no_payment() {
    for product in [|options| options, intents] {
        let fake = StripeFake::start_with(clock(), product).await;
        let port = fake.gateway();
        let charge = open(port.as_ref(), "tg7-0000000a", idr(24_145)).await;
        port.cancel_charge(&charge).await.unwrap();
        port.cancel_charge(&charge).await.unwrap();
        let told = port.charge_status(&charge).await.unwrap();
        assert_eq!((told.open, told.payments), (None, vec![]));
    }
}

#[tokio::test]
async fn a_webhook_is_believed_only_as_it_was_signed_and_about_now() {
    let clock = clock();
    let fake = StripeFake::start(Arc::clone(&clock) as _).await;
    let port = fake.gateway();
    let charge = open(port.as_ref(), "tg7-0000000a", idr(24_145)).await;
    let genuine = fake.pay(&charge, charge.payable).await;
    let refused = |delivery: &Delivery| {
        let told = port.verify_webhook(delivery.request());
        assert_eq!(told, Err(WebhookError::Signature));
    };
    let mut changed = genuine.clone();
    changed.body = String::from_utf8(changed.body)
        .unwrap()
        .replace("2414500", "2414501")
        .into_bytes();
    refused(&changed);
    let headers = [
        String::new(),
        "v1=00".to_owned(),
        "t=x,v1=00".to_owned(),
        genuine.headers[0].1.replace("v1=", "v1=0"),
        genuine.headers[0].1.replace("t=", "t=1"),
        genuine.headers[0].1.replace("v1=", "v0="),
    ];
    for header in headers {
        let mut forged = genuine.clone();
        forged.headers[0].1 = header;
        refused(&forged);
    }
    refused(&Delivery {
        headers: Vec::new(),
        ..genuine.clone()
    });
    clock.advance(TimeDelta::minutes(5));
    assert_eq!(told(&fake, &genuine).len(), 1);
    clock.advance(TimeDelta::seconds(1));
    refused(&genuine);
}

#[tokio::test]
async fn what_tells_of_no_payment_of_the_shop_is_taken_and_does_nothing() {
    let fake = StripeFake::start(clock()).await;
    let port = fake.gateway();
    let charge = open(port.as_ref(), "tg7-0000000a", idr(24_145)).await;
    for kind in ["checkout.session.completed", "payment_intent.created"] {
        assert_eq!(told(&fake, &fake.event(kind, &charge)), []);
    }
    fake.pay(&charge, charge.payable).await;
    let intent = told(&fake, &fake.event("payment_intent.succeeded", &charge));
    assert_eq!(intent, payments(port.as_ref(), &charge).await);
    assert_eq!(told(&fake, &fake.event("charge.refunded", &charge)), []);
}

#[tokio::test]
async fn a_refund_is_made_once_and_followed() {
    let fake = StripeFake::start(clock()).await;
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
    assert_eq!(fake.refunded(), 4_145);
    let more = back(&fake, &charge, 2, 20_001).await;
    assert_refused(port.refund(&more).await);
    let rest = back(&fake, &charge, 3, 20_000).await;
    assert_eq!(port.refund(&rest).await.unwrap(), RefundProgress::Done);
    assert_eq!(fake.refunded(), 24_145);
    let unknown = RefundRequest {
        payment: EventId::parse("pi_9").unwrap(),
        ..rest
    };
    assert_refused(port.refund(&unknown).await);
}

#[tokio::test]
async fn a_refused_question_does_not_refuse_a_refund() {
    let fake = StripeFake::start(clock()).await;
    let charge = open(fake.gateway().as_ref(), "tg7-0000000a", idr(24_145)).await;
    fake.pay(&charge, charge.payable).await;
    let part = back(&fake, &charge, 1, 4_145).await;
    let lost = StripeFake::start_with(clock(), |options| StripeOptions {
        base: format!("{}/elsewhere", options.base),
        ..options
    });
    let told = lost.await.gateway().refund(&part).await;
    let error = told.unwrap_err();
    assert!(
        matches!(error, GatewayError::Unavailable { .. }),
        "{error:?}"
    );
}

#[tokio::test]
async fn the_statement_has_every_page() {
    let clock = clock();
    let fake = StripeFake::start(Arc::clone(&clock) as _).await;
    let port = fake.gateway();
    for number in 0..5 {
        let reference = format!("tg7-0000000{number}");
        let charge = open(port.as_ref(), &reference, idr(1_000 + number)).await;
        fake.pay(&charge, charge.payable).await;
        clock.advance(TimeDelta::hours(1));
    }
    let start = clock.now() - TimeDelta::hours(4);
    let listed = port.list_payments(start, clock.now()).await.unwrap();
    let amounts = listed.iter().map(|payment| payment.amount.minor());
    assert_eq!(amounts.collect::<Vec<_>>(), [1_004, 1_003, 1_002, 1_001]);
}

#[tokio::test]
async fn a_wrong_key_is_refused_and_told_to_nobody() {
    let wrong_key = |options| StripeOptions {
        secret_key: Secret::new("sk_test_other".to_owned()),
        ..options
    };
    let fake = StripeFake::start_with(clock(), wrong_key).await;
    let told = fake
        .gateway()
        .create_charge(&request("a", idr(1_000)))
        .await;
    let error = told.as_ref().unwrap_err();
    assert!(!format!("{error:?} {error}").contains("sk_test"));
    assert_shut_out(told);
}
