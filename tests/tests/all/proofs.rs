//! Payments that only a proof tells of, and a person who judges it.

use std::sync::Arc;

use chrono::Duration;
use shopcore::audit::Actor;
use shopcore::customer::Customer;
use shopcore::gateway::{Fee, GatewayName, PaymentMethod, PaymentTerms};
use shopcore::id::CaseId;
use shopcore::invoice::{BankAccount, Charge, PayWith};
use shopcore::jobs::JobName;
use shopcore::money::{Currency, Percent};
use shopcore::order::OrderState;
use shopcore::service::{Placed, ProofError, ReviewError};
use shopcore::stock::Content;
use shopcore::store::Page;
use shopcore::text::Reason;
use shopcore_payments::Transfer;

use crate::world::{Backend, Bank, ORDER_TTL, World, idr, on_every_backend};

on_every_backend! {
    a_proof_that_is_believed_delivers,
    a_proof_that_is_not_believed_may_be_sent_again,
    an_invoice_waits_for_its_proof_and_not_for_ever,
    of_two_proofs_at_once_one_is_taken,
    of_two_who_believe_a_proof_one_decides,
    what_takes_no_proof_gets_none,
    a_proof_that_comes_late_tells_of_a_late_payment,
    a_proof_tells_of_the_charge_that_was_shown_when_it_was_sent,
}

/// A shop that is paid by transfers into its account.
async fn world(backend: Backend) -> World {
    let method = |name: &str, fee: i64| {
        let account = BankAccount {
            bank: "BCA".to_owned(),
            number: "123".to_owned(),
            holder: Some("Siti".to_owned()),
        };
        let fee = Fee {
            share: Percent::default(),
            fixed: idr(fee),
        };
        let name = GatewayName::parse(name).unwrap();
        PaymentMethod {
            gateway: Arc::new(Transfer::new(name, account, Currency::IDR)),
            terms: PaymentTerms {
                fee: (!fee.fixed.is_zero()).then_some(fee),
                ..PaymentTerms::default()
            },
        }
    };
    let methods = vec![method("transfer", 0), method("dear", 700)];
    World::offering(backend, Bank::open("bank"), methods).await
}

async fn ordered(world: &World) -> (Customer, Placed, Charge) {
    let product = world.product("KEY", 5_000, 1).await;
    let customer = world.customer("ann").await;
    let placed = world.place(&customer, &product).await;
    let transfer = GatewayName::parse("transfer").unwrap();
    let checkout = world.shop.checkout();
    let charge = checkout.charge(placed.invoice.id, &transfer).await.unwrap();
    (customer, placed, charge)
}

fn receipt() -> Content {
    Content::file("receipt.jpg", b"picture".to_vec()).unwrap()
}

async fn send(world: &World, customer: &Customer, placed: &Placed) -> Result<CaseId, ProofError> {
    let proofs = world.shop.proofs();
    proofs
        .send(customer.id, placed.invoice.id, &receipt())
        .await
}

async fn accept(world: &World, case: CaseId) -> Result<(), ProofError> {
    world.shop.proofs().accept(&Actor::Operator, case).await
}

async fn decline(world: &World, case: CaseId) {
    let why = Reason::parse("no money came").unwrap();
    let reviews = world.shop.reviews();
    reviews.close(&Actor::Operator, case, &why).await.unwrap();
}

async fn a_proof_that_is_believed_delivers(backend: Backend) {
    let world = world(backend).await;
    let (customer, placed, charge) = ordered(&world).await;
    assert!(matches!(charge.pay_with, Some(PayWith::Account(_))));
    let case = send(&world, &customer, &placed).await.unwrap();
    world.assert_sound().await;
    let seen = world.shop.proofs().look(&Actor::Operator, case).await;
    assert_eq!(seen.unwrap(), receipt());
    accept(&world, case).await.unwrap();
    world.run(JobName::Outbox).await;
    assert_eq!(world.state(&placed).await, OrderState::Delivered);
    let again = accept(&world, case).await;
    assert!(matches!(
        again,
        Err(ProofError::Review(ReviewError::NotOpen(_)))
    ));
    let gone = world.shop.proofs().look(&Actor::Operator, case).await;
    assert!(
        matches!(gone, Err(ProofError::NoProof)),
        "a proof is not kept for ever"
    );
    world.assert_sound().await;
}

async fn a_proof_that_is_not_believed_may_be_sent_again(backend: Backend) {
    let world = world(backend).await;
    let (customer, placed, _) = ordered(&world).await;
    let first = send(&world, &customer, &placed).await.unwrap();
    let waiting = send(&world, &customer, &placed).await;
    assert!(matches!(waiting, Err(ProofError::Waiting)));
    decline(&world, first).await;
    assert_eq!(world.state(&placed).await, OrderState::AwaitingPayment);
    world.assert_sound().await;
    let second = send(&world, &customer, &placed).await.unwrap();
    accept(&world, second).await.unwrap();
    assert_eq!(world.state(&placed).await, OrderState::Paid);
    world.assert_sound().await;
}

async fn an_invoice_waits_for_its_proof_and_not_for_ever(backend: Backend) {
    let world = world(backend).await;
    let (customer, placed, _) = ordered(&world).await;
    let case = send(&world, &customer, &placed).await.unwrap();
    world.clock.advance(Duration::hours(23));
    world.run(JobName::Expiry).await;
    assert_eq!(world.state(&placed).await, OrderState::AwaitingPayment);
    decline(&world, case).await;
    let ttl = Duration::from_std(ORDER_TTL).unwrap();
    world.clock.advance(ttl);
    world.run(JobName::Expiry).await;
    assert_eq!(world.state(&placed).await, OrderState::Expired);
    world.clock.advance(Duration::days(3));
    let late = send(&world, &customer, &placed).await;
    assert!(matches!(late, Err(ProofError::NotOpen(_))));
    world.assert_sound().await;
}

async fn of_two_proofs_at_once_one_is_taken(backend: Backend) {
    let world = world(backend).await;
    let (customer, placed, _) = ordered(&world).await;
    let (one, two) = tokio::join!(
        send(&world, &customer, &placed),
        send(&world, &customer, &placed)
    );
    assert_ne!(one.is_ok(), two.is_ok(), "{one:?} {two:?}");
    let cases = world.shop.reviews().list(Page::first(2)).await.unwrap();
    assert_eq!(cases.total, 1);
    world.assert_sound().await;
}

async fn of_two_who_believe_a_proof_one_decides(backend: Backend) {
    let world = world(backend).await;
    let (customer, placed, _) = ordered(&world).await;
    let case = send(&world, &customer, &placed).await.unwrap();
    let (one, two) = tokio::join!(accept(&world, case), accept(&world, case));
    assert!(one.is_ok() || two.is_ok(), "{one:?} {two:?}");
    assert_eq!(world.snapshot().await.payments.len(), 1);
    assert_eq!(world.state(&placed).await, OrderState::Paid);
    world.assert_sound().await;
}

async fn what_takes_no_proof_gets_none(backend: Backend) {
    let world = World::open(backend).await;
    let product = world.product("KEY", 5_000, 1).await;
    let (ann, eve) = (world.customer("ann").await, world.customer("eve").await);
    let placed = world.place(&ann, &product).await;
    let charge = world.charge(&placed.invoice).await;
    assert!(!world.shop.proofs().wants(&charge));
    let refused = send(&world, &ann, &placed).await;
    assert!(matches!(refused, Err(ProofError::NotWanted)));
    let refused = send(&world, &eve, &placed).await;
    assert!(matches!(refused, Err(ProofError::UnknownInvoice)));
    let nothing = accept(&world, world.shop.ids().next()).await;
    assert!(matches!(
        nothing,
        Err(ProofError::Review(ReviewError::Unknown))
    ));
    world.assert_sound().await;
}

async fn a_proof_that_comes_late_tells_of_a_late_payment(backend: Backend) {
    let world = world(backend).await;
    let (customer, placed, _) = ordered(&world).await;
    world.clock.advance(Duration::from_std(ORDER_TTL).unwrap());
    world.run(JobName::Expiry).await;
    assert_eq!(world.state(&placed).await, OrderState::Expired);
    let case = send(&world, &customer, &placed).await.unwrap();
    world.assert_sound().await;
    decline(&world, case).await;
    assert_eq!(world.state(&placed).await, OrderState::Expired);
    let again = send(&world, &customer, &placed).await.unwrap();
    accept(&world, again).await.unwrap();
    let found = (world.state(&placed).await, world.balance(&customer).await);
    assert_eq!(
        found,
        (OrderState::Expired, 5_000),
        "as late payments are here"
    );
    world.assert_sound().await;
}

async fn a_proof_tells_of_the_charge_that_was_shown_when_it_was_sent(backend: Backend) {
    let world = world(backend).await;
    let (customer, placed, charge) = ordered(&world).await;
    let case = send(&world, &customer, &placed).await.unwrap();
    let dear = GatewayName::parse("dear").unwrap();
    let checkout = world.shop.checkout();
    let other = checkout.charge(placed.invoice.id, &dear).await.unwrap();
    assert_ne!(other.payable, charge.payable);
    accept(&world, case).await.unwrap();
    let payments = world.snapshot().await.payments;
    assert_eq!(payments.len(), 1);
    assert_eq!(
        (payments[0].charge, payments[0].amount),
        (Some(charge.id), charge.payable)
    );
    assert_eq!(world.state(&placed).await, OrderState::Paid);
    world.assert_sound().await;
}
