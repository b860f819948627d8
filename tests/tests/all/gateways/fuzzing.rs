//! Webhooks at random, for every gateway: nothing panics, and nothing but what was signed is believed.

use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::Index;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::{Value, json};
use shopcore::gateway::{Gateway, VerifiedWebhook};
use shopcore::testing::fixture::idr;
use shopcore::testing::gateway::{Counterpart, Delivery};
use shopcore_tests::fakes::{
    CryptoPayFake, MidtransFake, PakasirFake, StripeFake, TripayFake, XenditFake,
};

use super::{clock, open};
use crate::chance::setting;

/// One change of a delivery.
#[derive(Debug, Clone)]
enum Change {
    /// Another byte at a place of the body.
    Byte(Index, u8),
    /// Nothing behind a place of the body.
    Cut(Index),
    /// More behind the body.
    Append(Vec<u8>),
    /// Another body.
    Body(Vec<u8>),
    /// JSON of no gateway.
    Json(Value),
    /// Another value of a header.
    Header(Index, String),
    /// A header less.
    Drop(Index),
    /// A header more, in front.
    Add(String, String),
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        "(PAID|paid|completed|settlement|pi_0|checkout.session.completed)".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        let key = prop_oneof![
            "[a-z_]{1,10}",
            "(id|type|status|amount|order_id|external_id|payload|data|object|reference|event)"
        ];
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((key, inner), 0..6).prop_map(|fields| fields.into_iter().collect()),
        ]
    })
}

fn change() -> impl Strategy<Value = Change> {
    let bytes = || vec(any::<u8>(), 0..64);
    prop_oneof![
        3 => (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Change::Byte(at, byte)),
        1 => any::<Index>().prop_map(Change::Cut),
        1 => bytes().prop_map(Change::Append),
        1 => bytes().prop_map(Change::Body),
        2 => json().prop_map(Change::Json),
        2 => (any::<Index>(), "[ -~]{0,80}").prop_map(|(at, value)| Change::Header(at, value)),
        1 => any::<Index>().prop_map(Change::Drop),
        1 => ("[a-z-]{1,30}", ".{0,40}").prop_map(|(name, value)| Change::Add(name, value)),
    ]
}

fn changed(genuine: &Delivery, changes: &[Change]) -> Delivery {
    let mut delivery = genuine.clone();
    let Delivery { headers, body } = &mut delivery;
    for change in changes {
        match change {
            Change::Byte(at, byte) if !body.is_empty() => {
                let at = at.index(body.len());
                body[at] = *byte;
            }
            Change::Cut(at) if !body.is_empty() => body.truncate(at.index(body.len())),
            Change::Append(more) => body.extend(more),
            Change::Body(other) => body.clone_from(other),
            Change::Json(value) => *body = value.to_string().into_bytes(),
            Change::Header(at, value) if !headers.is_empty() => {
                let at = at.index(headers.len());
                headers[at].1.clone_from(value);
            }
            Change::Drop(at) if !headers.is_empty() => {
                drop(headers.remove(at.index(headers.len())))
            }
            Change::Add(name, value) => headers.insert(0, (name.clone(), value.clone())),
            Change::Byte(..) | Change::Cut(_) | Change::Header(..) | Change::Drop(_) => {}
        }
    }
    delivery
}

/// A delivery tells of payments only where its body is what was signed, and then of those.
fn judge(port: &dyn Gateway, genuine: &Delivery, delivery: &Delivery) -> Result<(), TestCaseError> {
    let Ok(VerifiedWebhook::Payments(told)) = port.verify_webhook(delivery.request()) else {
        return Ok(());
    };
    let is_whole = delivery.body == genuine.body;
    let signed = port.verify_webhook(genuine.request());
    if told.is_empty() || (is_whole && signed == Ok(VerifiedWebhook::Payments(told))) {
        Ok(())
    } else {
        Err(TestCaseError::fail("a forged webhook was believed"))
    }
}

async fn fuzz(side: &dyn Counterpart) {
    let port = side.gateway();
    let charge = open(port.as_ref(), "tg7-0000000a", idr(24_145)).await;
    let genuine = side.pay(&charge, charge.payable).await;
    assert!(port.verify_webhook(genuine.request()).is_ok());
    let cases = u32::try_from(setting("SHOPCORE_FUZZ", 2_000)).unwrap();
    let mut runner = TestRunner::new(Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    });
    let outcome = runner.run(&vec(change(), 1..5), |changes| {
        judge(port.as_ref(), &genuine, &changed(&genuine, &changes))
    });
    outcome.unwrap();
}

macro_rules! at_random {
    ($($test:ident: $fake:ident),* $(,)?) => {$(
        #[tokio::test]
        async fn $test() {
            fuzz(&$fake::start(clock()).await).await;
        }
    )*};
}

at_random! {
    cryptopay: CryptoPayFake,
    midtrans: MidtransFake,
    pakasir: PakasirFake,
    stripe: StripeFake,
    tripay: TripayFake,
    xendit: XenditFake,
}

#[tokio::test]
async fn the_sandbox() {
    fuzz(super::sandbox::sandbox(clock()).await.as_ref()).await;
}

/// The judge of the tests above can fail: a gateway that believes everything does not pass it.
#[tokio::test]
async fn who_believes_everything_is_found_out() {
    let fake = StripeFake::start(clock()).await;
    let port = fake.gateway();
    let charge = open(port.as_ref(), "tg7-0000000a", idr(24_145)).await;
    let genuine = fake.pay(&charge, charge.payable).await;
    let other = Delivery {
        body: json!({}).to_string().into_bytes(),
        ..genuine.clone()
    };
    let signed_otherwise = judge(port.as_ref(), &other, &genuine);
    assert!(signed_otherwise.is_err());
}
