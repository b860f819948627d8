//! The sandbox behaves like a gateway that several processes use.

use chrono::Duration;
use shopcore::testing::fixture::open_charge;
use shopcore::time::VirtualClock;

use super::*;

fn idr(minor: i64) -> Money {
    Money::new(minor, Currency::IDR)
}

fn reference(text: &str) -> Reference {
    Reference::parse(text).unwrap()
}

fn charge(reference: &str) -> Charge {
    let sandbox = GatewayName::parse("sandbox").unwrap();
    open_charge(&sandbox, reference, idr(15_000))
}

fn request(text: &str, clock: &dyn Clock) -> ChargeRequest {
    ChargeRequest {
        reference: reference(text),
        amount: idr(15_000),
        description: "Order".to_owned(),
        expires_at: clock.now() + Duration::minutes(15),
    }
}

fn options(clock: &Arc<VirtualClock>) -> SandboxOptions {
    SandboxOptions {
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        ..SandboxOptions::default()
    }
}

fn signed(sandbox: &Sandbox, body: &[u8]) -> Vec<(String, String)> {
    vec![(SIGNATURE_HEADER.to_owned(), sandbox.sign(body))]
}

#[tokio::test]
async fn asking_twice_makes_one_charge() {
    let clock = Arc::new(VirtualClock::default());
    let sandbox = Sandbox::in_memory(Arc::clone(&clock) as Arc<dyn Clock>).unwrap();
    let request = request("a", &*clock);
    let first = sandbox.create_charge(&request).await.unwrap();
    assert_eq!(sandbox.create_charge(&request).await.unwrap(), first);
    assert_eq!(sandbox.list().await.unwrap().len(), 1);
    let dearer = ChargeRequest {
        amount: idr(1),
        ..request
    };
    let refused = sandbox.create_charge(&dearer).await;
    assert!(matches!(refused, Err(GatewayError::Refused(_))));
}

#[tokio::test]
async fn a_refund_is_made_once_and_never_exceeds_its_payment() {
    let clock = Arc::new(VirtualClock::default());
    let sandbox = Sandbox::in_memory(Arc::clone(&clock) as Arc<dyn Clock>).unwrap();
    sandbox.create_charge(&request("a", &*clock)).await.unwrap();
    let paid = sandbox.pay(&reference("a"), idr(15_000), clock.now()).await;
    let ids = shopcore::id::IdSource::new(Arc::clone(&clock) as Arc<dyn Clock>);
    let first = RefundRequest {
        refund: ids.next(),
        reference: reference("a"),
        gateway_id: None,
        payment: paid.unwrap().event,
        amount: idr(10_000),
    };
    sandbox.refund(&first).await.unwrap();
    sandbox.refund(&first).await.unwrap();
    let second = |minor| RefundRequest {
        refund: ids.next(),
        amount: idr(minor),
        ..first.clone()
    };
    for minor in [5_001, 0, -1] {
        let refused = sandbox.refund(&second(minor)).await;
        assert!(matches!(refused, Err(GatewayError::Refused(_))), "{minor}");
    }
    sandbox.refund(&second(5_000)).await.unwrap();
    let other = RefundRequest {
        amount: idr(1),
        ..first
    };
    let refused = sandbox.refund(&other).await;
    assert!(matches!(refused, Err(GatewayError::Refused(_))));
}

#[tokio::test]
async fn a_payment_of_the_future_is_told_when_its_time_has_come() {
    let clock = Arc::new(VirtualClock::default());
    let sandbox = Sandbox::in_memory(Arc::clone(&clock) as Arc<dyn Clock>).unwrap();
    sandbox.create_charge(&request("a", &*clock)).await.unwrap();
    let due = clock.now() + Duration::minutes(20);
    let event = sandbox
        .pay(&reference("a"), idr(15_000), due)
        .await
        .unwrap();
    let before = sandbox.charge_status(&charge("a")).await.unwrap();
    assert!(before.open.is_some() && before.payments.is_empty());
    clock.advance(Duration::minutes(20));
    let after = sandbox.charge_status(&charge("a")).await.unwrap();
    assert_eq!((after.open, after.payments), (None, vec![event]));
}

#[tokio::test]
async fn a_webhook_tells_the_same_event_as_the_poll() {
    let clock = Arc::new(VirtualClock::default());
    let sandbox = Sandbox::in_memory(Arc::clone(&clock) as Arc<dyn Clock>).unwrap();
    sandbox.create_charge(&request("a", &*clock)).await.unwrap();
    let (a, now) = (reference("a"), clock.now());
    let pay = || sandbox.pay(&a, idr(15_000), now);
    let events = vec![pay().await.unwrap(), pay().await.unwrap()];
    assert_ne!(events[0].event, events[1].event);
    let body = notice::body(&events).unwrap();
    let headers = signed(&sandbox, &body);
    let webhook = sandbox.verify_webhook(WebhookRequest {
        headers: &headers,
        body: &body,
    });
    assert_eq!(webhook, Ok(VerifiedWebhook::Payments(events.clone())));
    let polled = sandbox.charge_status(&charge("a")).await.unwrap();
    assert_eq!(polled.payments, events);
}

#[tokio::test]
async fn forged_and_garbled_webhooks_are_not_believed() {
    let clock = Arc::new(VirtualClock::default());
    let sandbox = Sandbox::in_memory(Arc::clone(&clock) as Arc<dyn Clock>).unwrap();
    let other = Sandbox::in_memory(clock).unwrap();
    let body = br#"{"payments":[]}"#;
    let check = |headers: &[(String, String)], body: &[u8]| {
        sandbox.verify_webhook(WebhookRequest { headers, body })
    };
    assert_eq!(check(&[], body), Err(WebhookError::Signature));
    for forged in ["", "zz", "00", "é"] {
        let header = [(SIGNATURE_HEADER.to_owned(), forged.to_owned())];
        assert_eq!(check(&header, body), Err(WebhookError::Signature));
    }
    assert_eq!(
        check(&signed(&other, body), body),
        Err(WebhookError::Signature)
    );
    assert_eq!(
        check(&signed(&sandbox, body), b"{}"),
        Err(WebhookError::Signature)
    );
    assert_eq!(
        check(&signed(&sandbox, b"{}"), b"{}"),
        Err(WebhookError::Malformed)
    );
}

#[tokio::test]
async fn several_openers_of_one_file_are_one_sandbox() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sandbox.jsonl");
    let clock = Arc::new(VirtualClock::default());
    let shop = Sandbox::open(&path, options(&clock)).unwrap();
    let person = Sandbox::open(&path, options(&clock)).unwrap();
    shop.create_charge(&request("a", &*clock)).await.unwrap();
    let event = person
        .pay(&reference("a"), idr(15_000), clock.now())
        .await
        .unwrap();
    let told = shop.charge_status(&charge("a")).await.unwrap();
    assert_eq!(told.payments, vec![event]);
    assert_eq!(shop.sign(b"x"), person.sign(b"x"));
    assert_eq!(person.list().await.unwrap()[0].state, SandboxState::Paid);
}

#[tokio::test]
async fn a_line_that_a_crash_cut_off_is_passed_over_and_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sandbox.jsonl");
    let clock = Arc::new(VirtualClock::default());
    let sandbox = Sandbox::open(&path, options(&clock)).unwrap();
    sandbox.create_charge(&request("a", &*clock)).await.unwrap();
    let whole = std::fs::read(&path).unwrap();
    for (torn, id) in [(r#"{"created":{"refe"#, "b"), ("{\"paid\":{\n", "c")] {
        let mut file = std::fs::OpenOptions::new()
            .append(true)
            .open(&path)
            .unwrap();
        std::io::Write::write_all(&mut file, torn.as_bytes()).unwrap();
        let before = sandbox.list().await.unwrap().len();
        sandbox.create_charge(&request(id, &*clock)).await.unwrap();
        let reopened = Sandbox::open(&path, options(&clock)).unwrap();
        assert_eq!(reopened.list().await.unwrap().len(), before + 1);
    }
    std::fs::write(&path, [b"{\"paid\":\n", &whole[..]].concat()).unwrap();
    let refused = Sandbox::open(&path, options(&clock));
    assert!(matches!(
        refused,
        Err(SandboxError::Damaged { line: 1, .. })
    ));
}

#[test]
fn a_foreign_file_is_refused_by_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sandbox.jsonl");
    std::fs::write(&path, "hello\n").unwrap();
    let clock = Arc::new(VirtualClock::default());
    let refused = Sandbox::open(&path, options(&clock));
    assert!(matches!(
        refused,
        Err(SandboxError::Damaged { line: 1, .. })
    ));
}

#[tokio::test]
async fn cancelled_and_expired_charges_still_take_a_late_payment() {
    let clock = Arc::new(VirtualClock::default());
    let sandbox = Sandbox::in_memory(Arc::clone(&clock) as Arc<dyn Clock>).unwrap();
    sandbox.create_charge(&request("a", &*clock)).await.unwrap();
    sandbox.cancel_charge(&charge("a")).await.unwrap();
    sandbox.cancel_charge(&charge("a")).await.unwrap();
    let states = |listed: Vec<SandboxCharge>| listed[0].state;
    assert_eq!(
        states(sandbox.list().await.unwrap()),
        SandboxState::Cancelled
    );
    sandbox
        .simulate_payment(&charge("a"), idr(15_000))
        .await
        .unwrap();
    assert_eq!(states(sandbox.list().await.unwrap()), SandboxState::Paid);
    let nothing = sandbox.simulate_payment(&charge("a"), idr(0)).await;
    assert!(matches!(nothing, Err(GatewayError::Refused(_))));
    let unknown = sandbox.simulate_payment(&charge("b"), idr(1)).await;
    assert!(matches!(unknown, Err(GatewayError::UnknownCharge)));
}
