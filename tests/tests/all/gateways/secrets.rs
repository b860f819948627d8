//! What is logged while gateways work and fail, at the finest level: no key of theirs, no content.

use std::error::Error;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use shopcore::audit::Actor;
use shopcore::gateway::{PaymentMethod, PaymentTerms};
use shopcore::jobs::JobName;
use shopcore::service::{NewRefund, Placed};
use shopcore::testing::gateway::{Counterpart, Delivery, Trouble};
use shopcore::text::Reason;
use shopcore_tests::fakes::{
    CryptoPayFake, MidtransFake, PakasirFake, StripeFake, TripayFake, XenditFake,
};

use super::clock;
use crate::world::{Backend, Bank, World, logged};

/// What every key of the fakes ends with, as it is written and as `Authorization: Basic` has it.
const KEYS: [&str; 2] = ["of-the-tests", "of_the_tests"];

/// Notes an error with all that caused it, as the bot and the jobs do.
fn note<T, E: Error + 'static>(told: Result<T, E>) {
    if let Err(error) = told {
        let shown = format!("{error:?}");
        tracing::error!(error = &error as &dyn Error, shown, "as it was expected");
    }
}

/// A sale, a lost reply, an outage, a forgery, a refund and a statement.
async fn work(side: &dyn Counterpart) {
    let method = PaymentMethod {
        gateway: side.gateway(),
        terms: PaymentTerms::default(),
    };
    let world = World::offering(Backend::Memory, Bank::open("bank"), vec![method]).await;
    let product = world.product("KEY", 20_000, 9).await;
    let customer = world.customer("ann").await;
    let port = side.gateway();
    for trouble in [Some(Trouble::LostReply), Some(Trouble::Down), None] {
        let placed = world.place(&customer, &product).await;
        side.set_trouble(trouble);
        let checkout = world.shop.checkout();
        note(checkout.charge(placed.invoice.id, port.name()).await);
        note(world.jobs().run_now(JobName::Reconcile).await);
        note(world.shop.settlement().check(placed.invoice.id).await);
        side.set_trouble(None);
    }
    let placed = world.place(&customer, &product).await;
    let checkout = world.shop.checkout();
    let charge = checkout.charge(placed.invoice.id, port.name()).await;
    let charge = charge.unwrap();
    let genuine = side.pay(&charge, charge.payable).await;
    let forged = Delivery {
        headers: genuine
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), format!("{value}0")))
            .collect(),
        body: genuine.body[..genuine.body.len() / 2].to_vec(),
    };
    let settlement = world.shop.settlement();
    note(settlement.webhook(port.name(), forged.request()).await);
    settlement
        .webhook(port.name(), genuine.request())
        .await
        .unwrap();
    world.run(JobName::Outbox).await;
    give_back(&world, &placed, side).await;
    note(world.jobs().run_once(JobName::Statements).await);
    tracing::info!(?port, ?charge, "the gateway, and a charge of it");
}

async fn give_back(world: &World, placed: &Placed, side: &dyn Counterpart) {
    let whole = NewRefund {
        order: placed.order.id,
        value: None,
        way: None,
        reason: Reason::parse("it did not work").unwrap(),
        request: world.shop.new_request(),
    };
    note(world.shop.refunds().request(&Actor::Operator, &whole).await);
    for trouble in [Some(Trouble::LostReply), None] {
        side.set_trouble(trouble);
        world.clock.advance(chrono::Duration::minutes(20));
        world.run(JobName::Outbox).await;
    }
}

/// What of the log should not stand there.
fn leaks(log: &str) -> Vec<&str> {
    let basic = |line: &&str| {
        let mut words =
            line.split(|letter: char| !letter.is_ascii_alphanumeric() && !"+/=".contains(letter));
        words.any(|word| {
            let plain = STANDARD.decode(word).unwrap_or_default();
            let plain = String::from_utf8_lossy(&plain).into_owned();
            KEYS.iter().any(|key| plain.contains(key))
        })
    };
    let lines = log.lines();
    lines
        .filter(|line| {
            let is_key = KEYS.iter().any(|key| line.contains(key));
            is_key || line.contains("KEY-key-") || basic(line)
        })
        .collect()
}

async fn assert_discreet(side: &dyn Counterpart) {
    let log = logged(work(side)).await;
    assert!(log.lines().count() > 10, "something is logged: {log}");
    assert_eq!(leaks(&log), Vec::<&str>::new());
}

macro_rules! discreet {
    ($($test:ident: $fake:ident),* $(,)?) => {$(
        #[tokio::test]
        async fn $test() {
            assert_discreet(&$fake::start(clock()).await).await;
        }
    )*};
}

discreet! {
    cryptopay: CryptoPayFake,
    midtrans: MidtransFake,
    pakasir: PakasirFake,
    stripe: StripeFake,
    tripay: TripayFake,
    xendit: XenditFake,
}

#[test]
fn a_leak_would_be_found() {
    let basic = STANDARD.encode("xnd_development_of_the_tests:");
    let log = format!("fine\nkey=sk_test_of_the_tests\nAuthorization: Basic {basic}\nKEY-key-3");
    assert_eq!(leaks(&log).len(), 3);
}
