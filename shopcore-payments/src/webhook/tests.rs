//! Webhooks over real HTTP, on this machine.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use shopcore::MemoryStore;
use shopcore::audit::Actor;
use shopcore::cart::CartLine;
use shopcore::customer::{Chat, ChatId, Contact, ExternalId, FrontendName};
use shopcore::id::OrderId;
use shopcore::invoice::{Charge, InvoiceState};
use shopcore::money::{Currency, Money};
use shopcore::service::{NewOrder, NewProduct, Placed};
use shopcore::stock::Content;
use shopcore::store::{Page, RequestKey, Store};
use shopcore::testing::fault::{Fault, FaultStore};
use shopcore::text::{Name, ProductCode};
use shopcore::time::{Clock, SystemClock};
use shopcore::vault::{Vault, VaultKey};

use super::*;
use crate::call::client_builder;
use crate::{NotifyError, SIGNATURE_HEADER, Sandbox};

struct Stand {
    shop: Shop,
    store: Arc<FaultStore>,
    sandbox: Sandbox,
    url: String,
}

impl Stand {
    async fn open() -> Self {
        Self::within(CallLimit::default()).await
    }

    async fn within(limit: CallLimit) -> Self {
        let sandbox = Sandbox::in_memory(Arc::new(SystemClock)).unwrap();
        let store = Arc::new(FaultStore::new(Arc::new(MemoryStore::default())));
        let shop = Shop::builder(Currency::IDR)
            .shared_store(Arc::clone(&store) as Arc<dyn Store>)
            .vault(Vault::new(&VaultKey::generate().unwrap()))
            .gateway(sandbox.clone())
            .build()
            .await
            .unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let routes = webhooks_within(shop.clone(), limit);
        let service = routes.into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(axum::serve(listener, service).into_future());
        Self {
            shop,
            store,
            sandbox,
            url,
        }
    }

    fn address(&self, gateway: &str) -> String {
        format!("{}/webhooks/{gateway}", self.url)
    }

    /// Orders one key, and asks the sandbox for its payment.
    async fn order(&self) -> (Placed, Charge) {
        let price = Money::new(15_000, Currency::IDR);
        let code = ProductCode::parse("KEY").unwrap();
        let mut key = NewProduct::new(code, Name::parse("A key").unwrap(), price);
        key.contents = vec![Content::text("AAAA-BBBB").unwrap()];
        let added = self.shop.catalog().add_product(&Actor::Operator, key).await;
        let frontend = FrontendName::parse("test").unwrap();
        let external = ExternalId::parse("7").unwrap();
        let chat = Chat {
            frontend: frontend.clone(),
            id: ChatId::parse("7").unwrap(),
        };
        let contact = Contact { frontend, external };
        let met = self.shop.customers().meet(&contact, &chat, None).await;
        let line = CartLine {
            product: added.unwrap().id,
            quantity: 1,
            accepted: price,
        };
        let new = NewOrder {
            customer: met.unwrap().id,
            chat,
            lines: vec![line],
            voucher: None,
            request: RequestKey("1".to_owned()),
        };
        let placed = self.shop.checkout().place(new).await.unwrap();
        let gateway = self.sandbox_name();
        let checkout = self.shop.checkout();
        let charge = checkout.charge(placed.invoice.id, &gateway).await.unwrap();
        (placed, charge)
    }

    fn sandbox_name(&self) -> GatewayName {
        GatewayName::parse("sandbox").unwrap()
    }

    async fn post(&self, gateway: &str, signature: &str, body: impl Into<reqwest::Body>) -> u16 {
        self.answer(gateway, signature, body).await.0
    }

    /// The status and the body that a webhook is answered with.
    async fn answer(
        &self,
        gateway: &str,
        signature: &str,
        body: impl Into<reqwest::Body>,
    ) -> (u16, String) {
        let client = client_builder().no_proxy().build().unwrap();
        let request = client.post(self.address(gateway)).body(body);
        let answer = request.header(SIGNATURE_HEADER, signature).send().await;
        let answer = answer.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    async fn goods(&self, order: OrderId) -> usize {
        let goods = self.shop.orders().goods(&Actor::Operator, order).await;
        goods.map_or(0, |goods| {
            goods.iter().map(|line| line.contents.len()).sum()
        })
    }
}

#[tokio::test]
async fn a_webhook_pays_the_order_and_its_replay_changes_nothing() {
    let stand = Stand::open().await;
    let (placed, charge) = stand.order().await;
    let now = SystemClock.now();
    let payment = stand
        .sandbox
        .pay(&charge.reference, charge.payable, now)
        .await
        .unwrap();
    assert_eq!(stand.goods(placed.order.id).await, 0);
    for _ in 0..3 {
        let address = stand.address("sandbox");
        stand.sandbox.notify(&address, &payment).await.unwrap();
    }
    let view = stand.shop.checkout().invoice(placed.invoice.id).await;
    assert_eq!(view.unwrap().invoice.state, InvoiceState::Paid);
    assert_eq!(stand.goods(placed.order.id).await, 1);
    let customer = placed.order.customer;
    let wallet = stand.shop.wallet().balance(customer).await.unwrap();
    assert!(wallet.is_zero());
}

#[tokio::test]
async fn what_is_forged_unknown_or_garbled_is_told_apart_and_changes_nothing() {
    let stand = Stand::open().await;
    let (placed, charge) = stand.order().await;
    let body = format!(
        r#"{{"payments":[{{"event":"x","reference":"{}","amount":{{"minor":15000,"currency":"IDR"}},"paid_at":"2026-01-01T00:00:00Z"}}]}}"#,
        charge.reference
    );
    assert_eq!(stand.post("sandbox", "00ff", body.clone()).await, 401);
    let right = stand.sandbox.sign(body.as_bytes());
    assert_eq!(stand.post("nobody", &right, body.clone()).await, 404);
    assert_eq!(stand.post("%20", &right, body.clone()).await, 404);
    let garbled = stand.sandbox.sign(b"{}");
    assert_eq!(stand.post("sandbox", &garbled, "{}").await, 400);
    let nothing = body.replace("15000", "0");
    let signed = stand.sandbox.sign(nothing.as_bytes());
    assert_eq!(stand.post("sandbox", &signed, nothing).await, 422);
    let long = vec![b' '; BODY_MAX + 1];
    assert_eq!(stand.post("sandbox", &right, long).await, 413);
    let view = stand.shop.checkout().invoice(placed.invoice.id).await;
    assert!(view.unwrap().invoice.state.is_open());
}

#[tokio::test]
async fn a_store_that_is_down_makes_the_gateway_send_again() {
    let stand = Stand::open().await;
    let (placed, charge) = stand.order().await;
    let now = SystemClock.now();
    let payment = stand
        .sandbox
        .pay(&charge.reference, charge.payable, now)
        .await
        .unwrap();
    let address = stand.address("sandbox");
    stand.store.script([Some(Fault::Unavailable)]);
    let refused = stand.sandbox.notify(&address, &payment).await;
    assert!(matches!(refused, Err(NotifyError::Refused(503))));
    // One read tells whether webhooks had been missed, and is no reason to refuse this one.
    stand.store.fail_reads(2);
    let refused = stand.sandbox.notify(&address, &payment).await;
    assert!(matches!(refused, Err(NotifyError::Refused(503))));
    stand.sandbox.notify(&address, &payment).await.unwrap();
    assert_eq!(stand.goods(placed.order.id).await, 1);
}

#[tokio::test]
async fn a_payment_of_an_unknown_reference_is_kept_for_review() {
    let stand = Stand::open().await;
    let body = r#"{"payments":[{"event":"x","reference":"nobody","amount":{"minor":15000,"currency":"IDR"},"paid_at":"2026-01-01T00:00:00Z"}]}"#;
    let signature = stand.sandbox.sign(body.as_bytes());
    let taken = (200, r#"{"success":true}"#.to_owned());
    assert_eq!(stand.answer("sandbox", &signature, body).await, taken);
    let cases = stand.shop.reviews().list(Page::first(10)).await.unwrap();
    assert_eq!(cases.total, 1);
}

#[tokio::test]
async fn the_sandbox_tells_when_the_shop_is_not_there() {
    let stand = Stand::open().await;
    let (_, charge) = stand.order().await;
    let now = SystemClock.now();
    let payment = stand
        .sandbox
        .pay(&charge.reference, charge.payable, now)
        .await
        .unwrap();
    let nowhere = stand.sandbox.notify("http://127.0.0.1:1/", &payment).await;
    assert!(matches!(nowhere, Err(NotifyError::Unreachable(_))));
    let address = stand.address("nobody");
    let wrong = stand.sandbox.notify(&address, &payment).await;
    assert!(matches!(wrong, Err(NotifyError::Refused(404))));
}

#[tokio::test]
async fn the_process_and_its_store_tell_how_they_are() {
    let stand = Stand::open().await;
    for path in ["healthz", "readyz"] {
        let answer = reqwest::get(format!("{}/{path}", stand.url)).await.unwrap();
        assert_eq!(answer.status().as_u16(), 200);
    }
    stand.store.fail_reads(1);
    let answer = reqwest::get(format!("{}/readyz", stand.url)).await.unwrap();
    assert_eq!(answer.status().as_u16(), 503);
}

#[tokio::test]
async fn an_address_that_calls_too_often_is_told_to_wait_and_probes_are_not() {
    let stand = Stand::within(CallLimit {
        calls_a_second: NonZeroU32::MIN,
        calls_at_once: NonZeroU32::new(3).unwrap(),
        ..CallLimit::default()
    })
    .await;
    let mut answers = Vec::new();
    for _ in 0..20 {
        answers.push(stand.post("sandbox", "00ff", "{}").await);
    }
    assert_eq!(answers[..3], [401, 401, 401]);
    assert!(answers.contains(&429), "{answers:?}");
    let probe = reqwest::get(format!("{}/readyz", stand.url)).await.unwrap();
    assert_eq!(probe.status().as_u16(), 200);
}

#[tokio::test]
async fn a_header_moves_no_address_unless_a_proxy_is_configured() {
    let one_call = CallLimit {
        calls_a_second: NonZeroU32::MIN,
        calls_at_once: NonZeroU32::MIN,
        ..CallLimit::default()
    };
    let header = "x-forwarded-for";
    let proxied = CallLimit {
        address: CallerAddress::Header(header.parse().unwrap()),
        ..one_call.clone()
    };
    let client = client_builder().no_proxy().build().unwrap();
    for (limit, is_moved) in [(one_call, false), (proxied, true)] {
        let stand = Stand::within(limit).await;
        let mut answers = Vec::new();
        for host in 1..=20 {
            let call = client.post(stand.address("sandbox"));
            let call = call.header(header, format!("192.0.2.{host}"));
            answers.push(call.send().await.unwrap().status().as_u16());
        }
        assert_eq!(answers.contains(&429), !is_moved, "{answers:?}");
    }
}
