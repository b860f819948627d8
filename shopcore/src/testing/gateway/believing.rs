//! Webhooks that are not what a gateway sent: nothing but a true payment is ever recorded.

use super::{Delivery, Stand};
use crate::catalog::LatePolicy;
use crate::invoice::{Charge, Outcome};
use crate::order::OrderState;

/// Brings what nobody may believe; being refused is as well as being ignored.
async fn bring_all(stand: &Stand, deliveries: impl IntoIterator<Item = Delivery>) {
    for delivery in deliveries {
        let _ = stand.deliver(&delivery).await;
    }
}

/// The webhook about one charge, as if it were about the other.
fn redirected(delivery: &Delivery, from: &Charge, to: &Charge) -> Delivery {
    let body = String::from_utf8_lossy(&delivery.body);
    let mut body = body.replace(from.reference.as_str(), to.reference.as_str());
    if let (Some(from), Some(to)) = (&from.gateway_id, &to.gateway_id) {
        body = body.replace(from.as_str(), to.as_str());
    }
    Delivery {
        headers: delivery.headers.clone(),
        body: body.into_bytes(),
    }
}

/// The same body under headers that prove less.
fn with_worse_headers(delivery: &Delivery) -> Vec<Delivery> {
    let altered = |alter: fn(&str) -> String| {
        let headers = delivery.headers.iter();
        Delivery {
            headers: headers.map(|(k, v)| (k.clone(), alter(v))).collect(),
            body: delivery.body.clone(),
        }
    };
    let none = Delivery {
        headers: Vec::new(),
        body: delivery.body.clone(),
    };
    vec![
        none,
        altered(|_| String::new()),
        altered(|value| value.chars().rev().collect()),
        altered(|value| value.chars().skip(1).collect()),
        altered(|value| format!("{value}0")),
        altered(|value| "0".repeat(value.len())),
    ]
}

pub async fn a_forged_webhook_pays_nothing(stand: &Stand) {
    let (paid, known) = stand.sale(LatePolicy::Credit).await;
    let genuine = stand.pay(&known).await;
    let (victim, wanted) = stand.sale(LatePolicy::Credit).await;
    let forged = redirected(&genuine, &known, &wanted);
    assert_ne!(forged.body, genuine.body, "it names its charge");
    bring_all(stand, [forged.clone()]).await;
    bring_all(stand, with_worse_headers(&forged)).await;
    assert_eq!(stand.state(&victim).await, OrderState::AwaitingPayment);
    assert_eq!(stand.outcomes().await, []);
    stand.deliver(&genuine).await.unwrap();
    stand.assert_delivered(&paid).await;
    bring_all(stand, with_worse_headers(&forged)).await;
    bring_all(stand, [forged]).await;
    assert_eq!(stand.outcomes().await, [Outcome::Paid]);
    assert_eq!(stand.state(&victim).await, OrderState::AwaitingPayment);
}

/// Bodies that no gateway sends.
fn garbled(body: &[u8]) -> Vec<Vec<u8>> {
    let half = body.len() / 2;
    let mut torn = body.to_vec();
    torn.insert(half, 0xff);
    let text = String::from_utf8_lossy(body);
    vec![
        Vec::new(),
        body[..1].to_vec(),
        body[..half].to_vec(),
        body[..body.len() - 1].to_vec(),
        [body, body].concat(),
        torn,
        b"null".to_vec(),
        b"{}".to_vec(),
        b"[]".to_vec(),
        b"\"\"".to_vec(),
        b"[".repeat(20_000),
        b"{\"a\":".repeat(20_000),
        text.replace(':', ":-").into_bytes(),
        text.replace('"', "").into_bytes(),
        text.replace(|c: char| c.is_ascii_digit(), "9").into_bytes(),
        text.replace(|c: char| c.is_ascii_digit(), "99999999999999999999")
            .into_bytes(),
    ]
}

pub async fn a_garbled_webhook_records_nothing_untrue(stand: &Stand) {
    let (placed, charge) = stand.sale(LatePolicy::Credit).await;
    let genuine = stand.pay(&charge).await;
    let bodies = garbled(&genuine.body).into_iter().map(|body| Delivery {
        headers: genuine.headers.clone(),
        body,
    });
    bring_all(stand, bodies).await;
    // Where the gateway is asked, a body may be torn and still name the charge.
    for payment in stand.payments().await {
        assert_eq!(payment.reference, charge.reference);
        assert_eq!(payment.amount, charge.payable);
    }
    stand.deliver(&genuine).await.unwrap();
    assert_eq!(stand.outcomes().await, [Outcome::Paid]);
    stand.assert_delivered(&placed).await;
}

pub async fn a_genuine_webhook_is_believed_whatever_else_its_headers_say(stand: &Stand) {
    let (placed, charge) = stand.sale(LatePolicy::Credit).await;
    let mut delivery = stand.pay(&charge).await;
    let others = [("accept", "*/*"), ("x-forwarded-for", "192.0.2.1")];
    let others = others.map(|(name, value)| (name.to_owned(), value.to_owned()));
    delivery.headers.splice(0..0, others);
    stand.deliver(&delivery).await.unwrap();
    stand.assert_delivered(&placed).await;
}
