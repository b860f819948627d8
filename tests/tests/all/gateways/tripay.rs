//! Tripay: the customer's fee, charges that are found by the shop's reference, and a statement.

use chrono::TimeDelta;
use serde_json::json;
use shopcore::gateway::{CreateMode, GatewayError, Support, VerifiedWebhook, WebhookError};
use shopcore::invoice::{BankAccount, PayWith, PaymentEvent};
use shopcore::testing::fixture::{idr, open_charge};
use shopcore::testing::gateway::{Counterpart, Delivery, Trouble};
use shopcore::time::Clock;
use shopcore_payments::call::Secret;
use shopcore_payments::{TripayAccount, TripayOptions};
use shopcore_tests::fakes::TripayFake;

use super::{assert_refused, assert_shut_out, clock, open, payments, request};

fn through(channel: &str) -> impl FnOnce(TripayOptions) -> TripayOptions {
    let channel = channel.parse().unwrap();
    move |options| TripayOptions { channel, ..options }
}

#[tokio::test]
async fn the_customer_pays_the_fee_upon_the_price() {
    let fake = TripayFake::start(clock()).await;
    let port = fake.gateway();
    let charge = open(port.as_ref(), "tg7-0000000a", idr(100_000)).await;
    assert_eq!((charge.asked, charge.payable), (idr(100_000), idr(101_450)));
    assert!(matches!(&charge.pay_with, Some(PayWith::Qr(text)) if text.starts_with("000201")));
    let told = port.charge_status(&charge).await.unwrap();
    assert_eq!(told.open.unwrap().id, charge.gateway_id);
    assert_eq!(told.payments, []);
    assert_eq!(fake.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn each_channel_is_paid_in_its_own_way() {
    let account = PayWith::Account(BankAccount {
        bank: "BRI Virtual Account".to_owned(),
        number: "45649878666155".to_owned(),
        holder: None,
    });
    let page = "https://tripay.co.id/checkout/DEV-T00010000000000";
    for (channel, pay_with) in [
        ("BRIVA", account),
        ("OVO", PayWith::Page(format!("{page}/pay"))),
        ("ALFAMART", PayWith::Page(page.to_owned())),
    ] {
        let fake = TripayFake::start_with(clock(), through(channel)).await;
        let charge = open(fake.gateway().as_ref(), "tg7-0000000a", idr(20_000)).await;
        assert_eq!(
            (charge.pay_with, charge.payable),
            (Some(pay_with), idr(24_250))
        );
    }
}

#[tokio::test]
async fn a_charge_whose_reply_was_lost_is_found_by_its_reference() {
    let fake = TripayFake::start(clock()).await;
    let port = fake.gateway();
    assert_eq!(port.capabilities().create, CreateMode::FindByReference);
    let lost = open_charge(port.name(), "tg7-0000000a", idr(15_000));
    let told = port.charge_status(&lost).await;
    assert!(matches!(told, Err(GatewayError::UnknownCharge)));
    fake.set_trouble(Some(Trouble::LostReply));
    let asked = request("tg7-0000000a", idr(15_000));
    assert!(port.create_charge(&asked).await.is_err());
    fake.set_trouble(None);
    assert_eq!(fake.charges(), 1);
    let found = port.charge_status(&lost).await.unwrap().open.unwrap();
    assert!(matches!(found.pay_with, PayWith::Qr(_)));
    assert_eq!((found.payable, found.id.is_some()), (idr(15_855), true));
}

#[tokio::test]
async fn a_payment_is_the_same_by_webhook_by_asking_and_in_the_statement() {
    let clock = clock();
    let fake = TripayFake::start(clock.clone()).await;
    let port = fake.gateway();
    let charge = open(port.as_ref(), "tg7-0000000a", idr(15_000)).await;
    let unpaid = fake.webhook(&charge, |_| {});
    let nothing = VerifiedWebhook::Payments(Vec::new());
    assert_eq!(port.verify_webhook(unpaid.request()), Ok(nothing));
    clock.advance(TimeDelta::seconds(40));
    let delivery = fake.pay(&charge, charge.payable).await;
    let asked = payments(port.as_ref(), &charge).await;
    assert_eq!((asked.len(), asked[0].amount), (1, idr(15_855)));
    assert_eq!(asked[0].paid_at, clock.now());
    let told = VerifiedWebhook::Payments(asked.clone());
    assert_eq!(port.verify_webhook(delivery.request()), Ok(told));
    let now = clock.now();
    let listed = port.list_payments(now, now + TimeDelta::seconds(1)).await;
    assert_eq!(listed.unwrap(), asked);
    let earlier = port.list_payments(now - TimeDelta::days(1), now).await;
    assert_eq!(earlier.unwrap(), []);
}

#[tokio::test]
async fn a_statement_of_many_pages_is_whole() {
    let clock = clock();
    let fake = TripayFake::start(clock.clone()).await;
    let port = fake.gateway();
    let mut paid = Vec::new();
    for number in 0..120 {
        clock.advance(TimeDelta::days(1));
        let asked = request(&format!("tg7-{number:08x}"), idr(15_000));
        let asked = shopcore::gateway::ChargeRequest {
            expires_at: clock.now() + TimeDelta::hours(1),
            ..asked
        };
        let opened = port.create_charge(&asked).await.unwrap();
        let charge = super::kept(port.as_ref(), &asked, opened);
        if number % 2 == 0 {
            fake.pay(&charge, charge.payable).await;
            paid.extend(payments(port.as_ref(), &charge).await);
        }
    }
    let references = |payments: &[PaymentEvent]| -> Vec<_> {
        let all = payments.iter();
        all.map(|payment| payment.reference.clone()).collect()
    };
    let (from, to) = (paid[5].paid_at, paid[58].paid_at);
    let listed = port.list_payments(from, to).await.unwrap();
    assert_eq!(references(&listed), references(&paid[5..58]));
    let calls_of_a_day = port.list_payments(to, clock.now()).await.unwrap();
    assert_eq!(references(&calls_of_a_day), references(&paid[58..]));
}

#[tokio::test]
async fn a_forged_or_garbled_webhook_is_refused() {
    let fake = TripayFake::start(clock()).await;
    let port = fake.gateway();
    let charge = open(port.as_ref(), "tg7-0000000a", idr(15_000)).await;
    let genuine = fake.pay(&charge, charge.payable).await;
    let mut forged = genuine.clone();
    forged.body = String::from_utf8(genuine.body.clone())
        .unwrap()
        .replace("15855", "95855")
        .into_bytes();
    let unsigned = Delivery {
        headers: Vec::new(),
        ..genuine.clone()
    };
    for delivery in [forged, unsigned] {
        let told = port.verify_webhook(delivery.request());
        assert_eq!(told, Err(WebhookError::Signature));
    }
    for (field, value) in [
        ("total_amount", json!("1e9")),
        ("total_amount", json!(-5)),
        ("reference", json!("")),
        ("status", json!(1)),
    ] {
        let garbled = fake.webhook(&charge, |body| body[field] = value);
        let told = port.verify_webhook(garbled.request());
        assert_eq!(told, Err(WebhookError::Malformed), "{field}");
    }
}

#[tokio::test]
async fn a_payment_without_a_reference_of_the_shop_is_kept_under_tripays() {
    let fake = TripayFake::start(clock()).await;
    let port = fake.gateway();
    let charge = open(port.as_ref(), "tg7-0000000a", idr(15_000)).await;
    fake.pay(&charge, charge.payable).await;
    let foreign = fake.webhook(&charge, |body| body["merchant_ref"] = json!(null));
    let told = port.verify_webhook(foreign.request()).unwrap();
    let VerifiedWebhook::Payments(payments) = told else {
        panic!("it is vouched for");
    };
    assert_eq!(payments[0].reference.as_str(), payments[0].event.as_str());
}

#[tokio::test]
async fn what_is_told_of_another_amount_is_not_believed() {
    let fake = TripayFake::start(clock()).await;
    let port = fake.gateway();
    let charge = open(port.as_ref(), "tg7-0000000a", idr(15_000)).await;
    fake.pay(&charge, charge.payable).await;
    fake.falsify(&charge, 1_500);
    assert_refused(port.charge_status(&charge).await);
}

#[tokio::test]
async fn it_takes_nothing_back_and_a_charge_ends_by_itself() {
    let clock = clock();
    let fake = TripayFake::start(clock.clone()).await;
    let port = fake.gateway();
    let takes = port.capabilities();
    assert_eq!((takes.cancel, takes.refund), (Support::No, Support::No));
    let charge = open(port.as_ref(), "tg7-0000000a", idr(15_000)).await;
    let told = port.cancel_charge(&charge).await;
    assert!(matches!(told, Err(GatewayError::Unsupported)));
    clock.advance(TimeDelta::minutes(30));
    let told = port.charge_status(&charge).await.unwrap();
    assert_eq!((told.open, told.payments), (None, Vec::new()));
    // The channel gives a customer no less than a quarter of an hour.
    let asked = request("tg7-0000000b", idr(15_000));
    assert!(port.create_charge(&asked).await.is_ok());
    assert_eq!(fake.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn wrong_keys_and_wrong_amounts_are_refused() {
    let key = |text: &str| Secret::new(text.to_owned());
    for (api_key, private_key) in [
        ("DEV-wrong", "tripay-private-key-of-the-tests"),
        ("DEV-tripay-key-of-the-tests", "wrong"),
    ] {
        let wrong = |options: TripayOptions| TripayOptions {
            account: TripayAccount {
                api_key: key(api_key),
                private_key: key(private_key),
                ..options.account
            },
            ..options
        };
        let fake = TripayFake::start_with(clock(), wrong).await;
        let asked = request("tg7-0000000a", idr(15_000));
        let told = fake.gateway().create_charge(&asked).await;
        match api_key {
            "DEV-wrong" => assert_shut_out(told),
            _ => assert_refused(told),
        }
        assert_eq!((fake.charges(), fake.complaints().len()), (0, 1));
    }
    let fake = TripayFake::start(clock()).await;
    let asked = request("tg7-0000000a", idr(999));
    assert_refused(fake.gateway().create_charge(&asked).await);
    assert_eq!(fake.charges(), 0);
}
