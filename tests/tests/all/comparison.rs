//! What a gateway's own books show, beside the ledger.

use std::sync::Arc;

use chrono::Duration;
use shopcore::audit::Actor;
use shopcore::gateway::{Capabilities, PaymentMethod, PaymentTerms, Support};
use shopcore::invoice::PaymentEvent;
use shopcore::jobs::JobName;
use shopcore::order::OrderState;
use shopcore::review::CaseReason;
use shopcore::service::{CompareError, Placed, ReviewError};
use shopcore::store::Page;
use shopcore::text::Reason;

use crate::world::{Backend, Bank, Mood, World, idr, on_every_backend};

on_every_backend! {
    books_that_agree_open_no_case,
    a_payment_that_nobody_told_of_is_settled,
    what_the_books_do_not_show_or_show_otherwise_waits_for_a_person,
    a_day_is_compared_once_and_none_is_left_out,
    a_gateway_that_shows_nothing_now_is_asked_again,
    a_gateway_that_is_down_keeps_no_other_from_being_compared,
}

fn bank(name: &str) -> Bank {
    Bank::open(name).with_capabilities(|capabilities| Capabilities {
        statement: Support::Yes,
        ..capabilities
    })
}

async fn world(backend: Backend) -> World {
    let world = World::with(backend, bank("bank")).await;
    // The first day that is compared begins before the shop did.
    assert_eq!(compare(&world).await, 1);
    world
}

async fn compare(world: &World) -> usize {
    world.run(JobName::Statements).await
}

async fn a_day_later(world: &World) -> usize {
    world.clock.advance(Duration::days(1));
    compare(world).await
}

async fn reasons(world: &World) -> Vec<CaseReason> {
    let cases = world.shop.reviews().list(Page::first(9)).await.unwrap();
    cases.items.iter().map(|case| case.reason).collect()
}

/// An order that was paid at the bank, two hours after the last comparison.
async fn paid(world: &World, code: &str) -> (Placed, PaymentEvent) {
    let product = world.product(code, 1_000, 1).await;
    let customer = world.customer("ann").await;
    let placed = world.place(&customer, &product).await;
    let charge = world.charge(&placed.invoice).await;
    let now = world.shop.now();
    let event = world.bank.pay(&charge.reference, charge.payable, now);
    (placed, event)
}

async fn books_that_agree_open_no_case(backend: Backend) {
    let world = world(backend).await;
    let (placed, event) = paid(&world, "KEY").await;
    world.shop.settlement().settle(&event).await.unwrap();
    assert_eq!(a_day_later(&world).await, 1);
    assert_eq!(world.state(&placed).await, OrderState::Paid);
    assert_eq!(reasons(&world).await, []);
    world.assert_sound().await;
}

async fn a_payment_that_nobody_told_of_is_settled(backend: Backend) {
    let world = world(backend).await;
    let (placed, _) = paid(&world, "KEY").await;
    assert_eq!(a_day_later(&world).await, 1);
    assert_eq!(world.state(&placed).await, OrderState::Paid);
    assert_eq!(reasons(&world).await, []);
    world.assert_sound().await;
}

async fn what_the_books_do_not_show_or_show_otherwise_waits_for_a_person(backend: Backend) {
    let world = world(backend).await;
    let (_, gone) = paid(&world, "ONE").await;
    let (_, less) = paid(&world, "TWO").await;
    for event in [&gone, &less] {
        world.shop.settlement().settle(event).await.unwrap();
    }
    world.bank.falsify(&gone, None);
    world.bank.falsify(&less, Some(idr(1)));
    assert_eq!(a_day_later(&world).await, 1);
    let found = [CaseReason::NotInStatement, CaseReason::OtherInStatement];
    assert_eq!(reasons(&world).await, found);
    world.assert_sound().await;
    // The money of such a case was earned: there is nothing to credit, only to look after.
    let cases = world.shop.reviews().list(Page::first(1)).await.unwrap();
    let (case, reviews) = (cases.items[0].id, world.shop.reviews());
    let credited = reviews.credit(&Actor::Operator, case, None).await;
    assert!(matches!(credited, Err(ReviewError::NoPayment)));
    let refunded = reviews.refund(&Actor::Operator, case).await;
    assert!(matches!(refunded, Err(ReviewError::NoPayment)));
    let why = Reason::parse("the gateway corrected it").unwrap();
    reviews.close(&Actor::Operator, case, &why).await.unwrap();
    world.assert_sound().await;
}

async fn a_day_is_compared_once_and_none_is_left_out(backend: Backend) {
    let world = world(backend).await;
    let (_, gone) = paid(&world, "KEY").await;
    world.shop.settlement().settle(&gone).await.unwrap();
    world.bank.falsify(&gone, None);
    assert_eq!(compare(&world).await, 0, "the day is not over");
    world.clock.advance(Duration::days(3));
    let other = world.another().await;
    let (here, there) = (world.shop.settlement(), other.settlement());
    let (one, two) = tokio::join!(here.compare(), there.compare());
    assert!(one.unwrap() + two.unwrap() >= 3);
    assert_eq!(compare(&world).await, 0);
    assert_eq!(reasons(&world).await, [CaseReason::NotInStatement]);
    world.assert_sound().await;
}

async fn a_gateway_that_shows_nothing_now_is_asked_again(backend: Backend) {
    let world = world(backend).await;
    let (placed, _) = paid(&world, "KEY").await;
    world.clock.advance(Duration::days(1));
    world.bank.set_mood(Mood::Down);
    assert!(world.jobs().run_once(JobName::Statements).await.is_err());
    world.bank.set_mood(Mood::Well);
    assert_eq!(compare(&world).await, 1);
    assert_eq!(world.state(&placed).await, OrderState::Paid);
    world.assert_sound().await;
}

async fn a_gateway_that_is_down_keeps_no_other_from_being_compared(backend: Backend) {
    let (down, bank) = (bank("another"), bank("bank"));
    let offered = |bank: &Bank| PaymentMethod {
        gateway: Arc::new(bank.clone()),
        terms: PaymentTerms::default(),
    };
    let methods = vec![offered(&down), offered(&bank)];
    let world = World::offering(backend, bank, methods).await;
    compare(&world).await;
    let (placed, _) = paid(&world, "KEY").await;
    down.set_mood(Mood::Down);
    world.clock.advance(Duration::days(1));
    let failed = world.shop.settlement().compare().await;
    assert!(matches!(failed, Err(CompareError::Gateway(_))));
    assert_eq!(world.state(&placed).await, OrderState::Paid);
    world.assert_sound().await;
}
