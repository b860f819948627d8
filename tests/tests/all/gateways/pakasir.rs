//! Pakasir: the base amount is sent, the gateway's total is paid, and webhooks prove nothing.

use shopcore::gateway::{GatewayError, Support, VerifiedWebhook, WebhookError, WebhookRequest};
use shopcore::invoice::{BankAccount, PayWith};
use shopcore::testing::fixture::{idr, open_charge};
use shopcore::testing::gateway::{Counterpart, Trouble};
use shopcore_payments::call::Secret;
use shopcore_payments::{Mode, PakasirMethod, PakasirOptions};
use shopcore_tests::fakes::PakasirFake;

use super::{assert_refused, assert_shut_out, clock, kept, open, payments, request};

#[tokio::test]
async fn the_customer_pays_the_gateways_own_total() {
    let fake = PakasirFake::start(clock()).await;
    let port = fake.gateway();
    let charge = open(port.as_ref(), "tg7-0000000a", idr(99_000)).await;
    assert_eq!((charge.asked, charge.payable), (idr(99_000), idr(100_003)));
    assert!(matches!(&charge.pay_with, Some(PayWith::Qr(text)) if text.starts_with("000201")));
    let told = port.charge_status(&charge).await.unwrap();
    assert_eq!(told.open.unwrap().payable, charge.payable);
    assert_eq!(told.payments, []);
    assert_eq!(fake.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn a_virtual_account_is_one_of_its_bank() {
    let bri = |options| PakasirOptions {
        method: PakasirMethod::Bri,
        ..options
    };
    let fake = PakasirFake::start_with(clock(), bri).await;
    let charge = open(fake.gateway().as_ref(), "tg7-0000000a", idr(20_000)).await;
    assert_eq!(charge.payable, idr(23_500));
    let account = BankAccount {
        bank: "BRI".to_owned(),
        number: "8808000000020000".to_owned(),
        holder: None,
    };
    assert_eq!(charge.pay_with, Some(PayWith::Account(account)));
}

#[tokio::test]
async fn a_lost_reply_is_mended_by_asking_again() {
    let fake = PakasirFake::start(clock()).await;
    let (port, asked) = (fake.gateway(), request("tg7-0000000a", idr(15_000)));
    fake.set_trouble(Some(Trouble::LostReply));
    assert!(port.create_charge(&asked).await.is_err());
    fake.set_trouble(Some(Trouble::Down));
    assert!(port.create_charge(&asked).await.is_err());
    fake.set_trouble(None);
    let opened = port.create_charge(&asked).await.unwrap();
    assert_eq!(fake.charges(), 1);
    let charge = kept(port.as_ref(), &asked, opened);
    fake.pay(&charge, charge.payable).await;
    assert_eq!(payments(port.as_ref(), &charge).await.len(), 1);
    assert_eq!(fake.complaints(), Vec::<String>::new());
}

#[tokio::test]
async fn a_webhook_makes_the_shop_ask_and_the_answer_is_what_counts() {
    let clock = clock();
    let fake = PakasirFake::start(clock.clone()).await;
    let port = fake.gateway();
    let charge = open(port.as_ref(), "tg7-0000000a", idr(15_000)).await;
    let unpaid = fake.webhook(&charge);
    let nothing = VerifiedWebhook::Payments(Vec::new());
    assert_eq!(port.verify_webhook(unpaid.request()), Ok(nothing));
    assert_eq!(payments(port.as_ref(), &charge).await, []);
    clock.advance(chrono::Duration::seconds(5));
    let delivery = fake.pay(&charge, charge.payable).await;
    let ask = VerifiedWebhook::Ask(charge.reference.clone());
    assert_eq!(port.verify_webhook(delivery.request()), Ok(ask));
    let paid = payments(port.as_ref(), &charge).await;
    assert_eq!(paid.len(), 1);
    assert_eq!(
        (paid[0].amount, paid[0].event.as_str()),
        (charge.payable, "tg7-0000000a")
    );
    assert_eq!(paid[0].paid_at, shopcore::time::Clock::now(clock.as_ref()));
    assert_eq!(payments(port.as_ref(), &charge).await, paid);
}

#[tokio::test]
async fn a_webhook_of_another_project_or_none_at_all_is_refused() {
    let fake = PakasirFake::start(clock()).await;
    let port = fake.gateway();
    let charge = open(port.as_ref(), "tg7-0000000a", idr(15_000)).await;
    let genuine = fake.pay(&charge, charge.payable).await;
    let foreign = String::from_utf8(genuine.body.clone()).unwrap();
    let foreign = foreign.replace("depodomain", "another");
    for (body, error) in [
        (foreign.as_bytes(), WebhookError::OtherAccount),
        (&genuine.body[1..], WebhookError::Malformed),
        (b"", WebhookError::Malformed),
        (b"[1]", WebhookError::Malformed),
        (b"\xff\xfe", WebhookError::Malformed),
    ] {
        let request = WebhookRequest { headers: &[], body };
        assert_eq!(port.verify_webhook(request), Err(error));
    }
}

#[tokio::test]
async fn what_is_told_of_another_amount_is_not_believed() {
    let fake = PakasirFake::start(clock()).await;
    let port = fake.gateway();
    let charge = open(port.as_ref(), "tg7-0000000a", idr(15_000)).await;
    fake.pay(&charge, charge.payable).await;
    fake.falsify(&charge, 500);
    assert_refused(port.charge_status(&charge).await);
}

#[tokio::test]
async fn a_cancelled_charge_can_no_longer_be_paid() {
    let fake = PakasirFake::start(clock()).await;
    let port = fake.gateway();
    let charge = open(port.as_ref(), "tg7-0000000a", idr(15_000)).await;
    port.cancel_charge(&charge).await.unwrap();
    let told = port.charge_status(&charge).await.unwrap();
    assert_eq!((told.open, told.payments), (None, Vec::new()));
    assert_refused(port.cancel_charge(&charge).await);
    assert_refused(port.simulate_payment(&charge, charge.payable).await);
}

#[tokio::test]
async fn a_project_in_sandbox_mode_is_paid_without_money() {
    let fake = PakasirFake::start(clock()).await;
    let port = fake.gateway();
    let charge = open(port.as_ref(), "tg7-0000000a", idr(15_000)).await;
    assert_refused(port.simulate_payment(&charge, charge.asked).await);
    port.simulate_payment(&charge, charge.payable)
        .await
        .unwrap();
    assert_eq!(
        payments(port.as_ref(), &charge).await[0].amount,
        charge.payable
    );
    let live = |options| PakasirOptions {
        mode: Mode::Live,
        ..options
    };
    let fake = PakasirFake::start_with(clock(), live).await;
    let port = fake.gateway();
    assert_eq!(port.capabilities().simulate, Support::No);
    let charge = open(port.as_ref(), "tg7-0000000a", idr(15_000)).await;
    let told = port.simulate_payment(&charge, charge.payable).await;
    assert!(matches!(told, Err(GatewayError::Unsupported)));
}

#[tokio::test]
async fn a_wrong_key_and_a_wrong_amount_are_refused() {
    let wrong = |options| PakasirOptions {
        api_key: Secret::new("wrong".to_owned()),
        ..options
    };
    let fake = PakasirFake::start_with(clock(), wrong).await;
    let asked = request("tg7-0000000a", idr(15_000));
    assert_shut_out(fake.gateway().create_charge(&asked).await);
    assert_eq!((fake.charges(), fake.complaints().len()), (0, 1));
    let fake = PakasirFake::start(clock()).await;
    let port = fake.gateway();
    assert_eq!(port.capabilities().minimum, Some(idr(500)));
    assert_refused(port.create_charge(&request("tg7-0000000a", idr(499))).await);
    let charge = open(port.as_ref(), "tg7-0000000b", idr(500)).await;
    let other = request("tg7-0000000b", idr(600));
    assert_refused(port.create_charge(&other).await);
    assert_eq!((charge.payable, fake.charges()), (idr(814), 1));
}

#[tokio::test]
async fn a_charge_that_it_never_made_is_unknown() {
    let fake = PakasirFake::start(clock()).await;
    let port = fake.gateway();
    let asked = request("tg7-0000000a", idr(15_000));
    let charge = open_charge(port.name(), "tg7-0000000a", asked.amount);
    let told = port.charge_status(&charge).await;
    assert!(matches!(told, Err(GatewayError::UnknownCharge)));
    let told = port.cancel_charge(&charge).await;
    assert!(matches!(told, Err(GatewayError::UnknownCharge)));
}
