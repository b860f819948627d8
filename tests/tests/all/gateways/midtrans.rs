//! Midtrans: Snap's page and the code of QRIS, signed webhooks that make the shop ask, refunds.

use shopcore::gateway::{CreateMode, GatewayError, RefundProgress, VerifiedWebhook, WebhookError};
use shopcore::invoice::PayWith;
use shopcore::testing::fixture::{idr, open_charge};
use shopcore::testing::gateway::{Counterpart, Delivery, Trouble};
use shopcore::time::Clock;
use shopcore_payments::call::Secret;
use shopcore_payments::{MidtransOptions, MidtransProduct};
use shopcore_tests::fakes::MidtransFake;

use super::{assert_refused, assert_shut_out, clock, kept, open, payments, refund, request};

fn qris(options: MidtransOptions) -> MidtransOptions {
    MidtransOptions {
        product: MidtransProduct::Qris,
        ..options
    }
}

#[tokio::test]
async fn a_page_can_be_paid_before_anybody_chose_how() {
    let fake = MidtransFake::start(clock()).await;
    let port = fake.gateway();
    let charge = open(port.as_ref(), "tg7-0000000a", idr(24_145)).await;
    assert!(matches!(&charge.pay_with, Some(PayWith::Page(url)) if url.starts_with("https://")));
    let told = port.charge_status(&charge).await.unwrap();
    assert_eq!(told.open.unwrap().payable, idr(24_145));
    fake.pay(&charge, charge.payable).await;
    assert_eq!(payments(port.as_ref(), &charge).await.len(), 1);
    assert_eq!(fake.complaints(), Vec::<String>::new());
    let unknown = open_charge(port.name(), "tg7-0000000b", idr(24_145));
    let told = port.charge_status(&unknown).await;
    assert!(matches!(told, Err(GatewayError::UnknownCharge)));
}

#[tokio::test]
async fn a_page_whose_reply_was_lost_is_not_asked_for_twice() {
    let fake = MidtransFake::start(clock()).await;
    let port = fake.gateway();
    assert_eq!(port.capabilities().create, CreateMode::Neither);
    fake.set_trouble(Some(Trouble::LostReply));
    let asked = request("tg7-0000000a", idr(24_145));
    assert!(port.create_charge(&asked).await.is_err());
    fake.set_trouble(None);
    assert_eq!((fake.charges(), fake.complaints().len()), (1, 0));
    assert_refused(port.create_charge(&asked).await);
}

#[tokio::test]
async fn a_code_whose_reply_was_lost_is_found_by_its_status() {
    let fake = MidtransFake::start_with(clock(), qris).await;
    let port = fake.gateway();
    assert_eq!(port.capabilities().create, CreateMode::Idempotent);
    let asked = request("tg7-0000000a", idr(24_145));
    fake.set_trouble(Some(Trouble::LostReply));
    assert!(port.create_charge(&asked).await.is_err());
    fake.set_trouble(None);
    let again = port.create_charge(&asked).await.unwrap();
    let lost = open_charge(port.name(), "tg7-0000000a", idr(24_145));
    let found = port.charge_status(&lost).await.unwrap().open.unwrap();
    assert_eq!(again, found);
    assert!(matches!(&found.pay_with, PayWith::Page(url) if url.ends_with("/qr-code")));
    assert_eq!(fake.charges(), 1);
    assert_refused(
        port.create_charge(&request("tg7-0000000a", idr(20_000)))
            .await,
    );
}

#[tokio::test]
async fn a_code_is_shown_in_the_chat_and_known_by_the_gateways_id() {
    let fake = MidtransFake::start_with(clock(), qris).await;
    let port = fake.gateway();
    let charge = open(port.as_ref(), "tg7-0000000a", idr(24_145)).await;
    assert!(matches!(&charge.pay_with, Some(PayWith::Qr(text)) if text.starts_with("000201")));
    assert!(charge.gateway_id.is_some());
    let told = port.charge_status(&charge).await.unwrap().open.unwrap();
    assert_eq!(Some(told.pay_with), charge.pay_with);
    assert_eq!(fake.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn a_webhook_about_a_payment_makes_the_shop_ask() {
    let clock = clock();
    let fake = MidtransFake::start_with(clock.clone(), qris).await;
    let port = fake.gateway();
    let charge = open(port.as_ref(), "tg7-0000000a", idr(24_145)).await;
    let doubted = fake.challenge(&charge);
    let nothing = VerifiedWebhook::Payments(Vec::new());
    assert_eq!(port.verify_webhook(doubted.request()), Ok(nothing));
    let told = port.charge_status(&charge).await.unwrap();
    assert!(told.open.is_some() && told.payments.is_empty());
    clock.advance(chrono::Duration::seconds(90));
    let paid = fake.pay(&charge, charge.payable).await;
    let ask = VerifiedWebhook::Ask(charge.reference.clone());
    assert_eq!(port.verify_webhook(paid.request()), Ok(ask));
    let paid = payments(port.as_ref(), &charge).await;
    assert_eq!((paid.len(), paid[0].amount), (1, idr(24_145)));
    assert_eq!(
        (paid[0].event.as_str(), paid[0].paid_at),
        ("tg7-0000000a", clock.now())
    );
}

#[tokio::test]
async fn a_forged_or_garbled_webhook_is_refused() {
    let fake = MidtransFake::start(clock()).await;
    let port = fake.gateway();
    let charge = open(port.as_ref(), "tg7-0000000a", idr(24_145)).await;
    let genuine = fake.pay(&charge, charge.payable).await;
    let body = String::from_utf8(genuine.body.clone()).unwrap();
    for (from, to, error) in [
        ("tg7-0000000a", "tg7-0000000b", WebhookError::Signature),
        ("24145.00", "24145", WebhookError::Signature),
        ("\"200\"", "\"201\"", WebhookError::Signature),
        ("signature_key", "another_key", WebhookError::Signature),
        ("order_id", "id_of_order", WebhookError::Malformed),
        ("{", "", WebhookError::Malformed),
    ] {
        let forged = Delivery {
            headers: genuine.headers.clone(),
            body: body.replace(from, to).into_bytes(),
        };
        assert_eq!(port.verify_webhook(forged.request()), Err(error), "{to}");
    }
}

#[tokio::test]
async fn what_is_told_of_another_amount_is_not_believed() {
    let fake = MidtransFake::start_with(clock(), qris).await;
    let port = fake.gateway();
    let charge = open(port.as_ref(), "tg7-0000000a", idr(24_145)).await;
    fake.pay(&charge, charge.payable).await;
    let webhook = fake.falsify(&charge, 1);
    let ask = VerifiedWebhook::Ask(charge.reference.clone());
    assert_eq!(port.verify_webhook(webhook.request()), Ok(ask));
    assert_refused(port.charge_status(&charge).await);
}

#[tokio::test]
async fn a_charge_is_given_up_unless_it_was_paid() {
    let fake = MidtransFake::start_with(clock(), qris).await;
    let port = fake.gateway();
    let charge = open(port.as_ref(), "tg7-0000000a", idr(24_145)).await;
    port.cancel_charge(&charge).await.unwrap();
    let told = port.charge_status(&charge).await.unwrap();
    assert_eq!((told.open, told.payments), (None, Vec::new()));
    let charge = open(port.as_ref(), "tg7-0000000b", idr(24_145)).await;
    fake.pay(&charge, charge.payable).await;
    assert_refused(port.cancel_charge(&charge).await);
    assert_eq!(payments(port.as_ref(), &charge).await.len(), 1);
}

#[tokio::test]
async fn money_goes_back_once_for_each_refund() {
    let fake = MidtransFake::start_with(clock(), qris).await;
    let port = fake.gateway();
    let charge = open(port.as_ref(), "tg7-0000000a", idr(24_145)).await;
    let part = refund(&charge, 1, idr(4_145));
    assert_refused(port.refund(&part).await);
    fake.pay(&charge, charge.payable).await;
    fake.set_trouble(Some(Trouble::LostReply));
    assert!(port.refund(&part).await.is_err());
    fake.set_trouble(None);
    for _ in 0..2 {
        assert_eq!(port.refund(&part).await.unwrap(), RefundProgress::Done);
    }
    assert_eq!(fake.refunded(), 4_145);
    assert_refused(port.refund(&refund(&charge, 2, idr(20_001))).await);
    let rest = refund(&charge, 2, idr(20_000));
    assert_eq!(port.refund(&rest).await.unwrap(), RefundProgress::Done);
    assert_eq!(port.refund(&part).await.unwrap(), RefundProgress::Done);
    assert_eq!(fake.refunded(), 24_145);
    assert_eq!(payments(port.as_ref(), &charge).await.len(), 1);
    let unknown = open_charge(port.name(), "tg7-0000000b", idr(24_145));
    assert_refused(port.refund(&refund(&unknown, 3, idr(1))).await);
}

#[tokio::test]
async fn a_wrong_key_and_a_wrong_reference_are_refused() {
    let wrong = |options| MidtransOptions {
        server_key: Secret::new("SB-Mid-server-wrong".to_owned()),
        ..options
    };
    let fake = MidtransFake::start_with(clock(), wrong).await;
    let asked = request("tg7-0000000a", idr(24_145));
    assert_shut_out(fake.gateway().create_charge(&asked).await);
    assert_eq!((fake.charges(), fake.complaints().len()), (0, 1));
    let fake = MidtransFake::start(clock()).await;
    let port = fake.gateway();
    for reference in ["tg7/../../x", &"a".repeat(51)] {
        let asked = request(reference, idr(24_145));
        assert_refused(port.create_charge(&asked).await);
        let charge = open_charge(port.name(), reference, idr(24_145));
        assert_refused(port.charge_status(&charge).await);
    }
    assert_eq!((fake.charges(), fake.complaints().len()), (0, 0));
}

#[tokio::test]
async fn a_page_that_is_down_is_not_made() {
    let fake = MidtransFake::start(clock()).await;
    let (port, asked) = (fake.gateway(), request("tg7-0000000a", idr(24_145)));
    fake.set_trouble(Some(Trouble::Down));
    assert!(port.create_charge(&asked).await.is_err());
    fake.set_trouble(None);
    let opened = port.create_charge(&asked).await.unwrap();
    let charge = kept(port.as_ref(), &asked, opened);
    assert_eq!((charge.payable, fake.charges()), (idr(24_145), 1));
}
