//! What was once broken, on every backend.

use shopcore::audit::Actor;
use shopcore::gateway::CreateMode;
use shopcore::invoice::{ChargeState, InvoiceState, Outcome};
use shopcore::jobs::JobName;
use shopcore::money::Money;
use shopcore::order::OrderState;
use shopcore::review::{Case, CaseReason};
use shopcore::service::{CheckoutError, ReviewError};
use shopcore::store::{CommitError, Page};
use shopcore::testing::fault::Fault;
use shopcore::text::Reason;

use crate::world::{Backend, Bank, Manner, Mood, World, idr, new_order, on_every_backend};

on_every_backend! {
    a_free_order_is_told_as_paid,
    a_payment_beyond_all_amounts_waits_for_a_person,
    refused_goods_that_were_handed_over_elsewhere_close_their_order,
    a_charge_paid_once_more_without_a_webhook_is_credited,
    a_payment_of_nothing_does_not_hold_back_the_one_behind_it,
    the_rest_of_a_part_payment_is_asked_for_after_a_crash,
    a_charge_whose_reply_was_lost_is_found_again,
    a_charge_that_can_not_be_found_again_is_replaced,
    times_that_are_finer_than_stores_keep_are_cut,
    an_outage_after_a_lost_reply_is_not_told_as_a_failure,
}

async fn only_case(world: &World) -> Case {
    let cases = world.shop.reviews().list(Page::first(2)).await.unwrap();
    assert_eq!(cases.total, 1);
    cases.items[0].clone()
}

async fn a_free_order_is_told_as_paid(backend: Backend) {
    let world = World::open(backend).await;
    let gift = world.product("GIFT", 0, 1).await;
    let order = new_order(&world.customer("ann").await, &gift, 1, None);
    let placed = world.shop.checkout().place(order.clone()).await.unwrap();
    assert_eq!(placed.order.state, OrderState::Paid);
    assert_eq!(placed.invoice.state, InvoiceState::Paid);
    assert_eq!(world.shop.checkout().place(order).await.unwrap(), placed);
    world.assert_sound().await;
}

async fn a_payment_beyond_all_amounts_waits_for_a_person(backend: Backend) {
    let world = World::open(backend).await;
    let product = world.product("KEY", 1_000, 1).await;
    let placed = world.place(&world.customer("ann").await, &product).await;
    let charge = world.charge(&placed.invoice).await;
    for minor in [Money::MAX_MINOR + 1, i64::MAX, i64::MAX] {
        let event = world
            .bank
            .pay(&charge.reference, idr(minor), world.shop.now());
        let settled = world.shop.settlement().settle(&event).await.unwrap();
        assert_eq!(settled.payment.outcome, Outcome::Review);
    }
    assert_eq!(world.state(&placed).await, OrderState::AwaitingPayment);
    let cases = world.shop.reviews().list(Page::first(9)).await.unwrap();
    assert!(
        cases
            .items
            .iter()
            .all(|case| case.reason == CaseReason::Unsettled)
    );
    assert_eq!(cases.total, 3);
    let reviews = world.shop.reviews();
    let credited = reviews
        .credit(&Actor::Operator, cases.items[0].id, None)
        .await;
    assert!(matches!(credited, Err(ReviewError::Money(_))));
    world.assert_sound().await;
}

async fn a_charge_paid_once_more_without_a_webhook_is_credited(backend: Backend) {
    let world = World::open(backend).await;
    let (ann, product) = (
        world.customer("ann").await,
        world.product("KEY", 1_000, 1).await,
    );
    let placed = world.place(&ann, &product).await;
    let charge = world.charge(&placed.invoice).await;
    for balance in [0, 1_000] {
        world
            .bank
            .pay(&charge.reference, charge.payable, world.shop.now());
        world.clock.advance(chrono::Duration::minutes(1));
        world.run(JobName::Reconcile).await;
        assert_eq!(world.balance(&ann).await, balance);
    }
    assert_eq!(world.state(&placed).await, OrderState::Paid);
    world.assert_sound().await;
}

async fn a_payment_of_nothing_does_not_hold_back_the_one_behind_it(backend: Backend) {
    let world = World::open(backend).await;
    let product = world.product("KEY", 1_000, 1).await;
    let placed = world.place(&world.customer("ann").await, &product).await;
    let charge = world.charge(&placed.invoice).await;
    for amount in [idr(0), charge.payable] {
        world.bank.pay(&charge.reference, amount, world.shop.now());
    }
    let checked = world.shop.settlement().check(placed.invoice.id).await;
    assert!(checked.is_err());
    assert_eq!(world.state(&placed).await, OrderState::Paid);
    world.assert_sound().await;
}

async fn the_rest_of_a_part_payment_is_asked_for_after_a_crash(backend: Backend) {
    let world = World::open(backend).await;
    let product = world.product("KEY", 1_000, 1).await;
    let placed = world.place(&world.customer("ann").await, &product).await;
    let charge = world.charge(&placed.invoice).await;
    let event = world
        .bank
        .pay(&charge.reference, idr(500), world.shop.now());
    world.faults.script([None, Some(Fault::Unavailable)]);
    let settled = world.shop.settlement().settle(&event).await.unwrap();
    assert_eq!(settled.payment.outcome, Outcome::Partial);
    world.faults.heal();
    world.clock.advance(chrono::Duration::minutes(1));
    world.run(JobName::Reconcile).await;
    let view = world
        .shop
        .checkout()
        .invoice(placed.invoice.id)
        .await
        .unwrap();
    let open: Vec<_> = view
        .charges
        .iter()
        .filter(|charge| charge.state == ChargeState::Open)
        .collect();
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].covers, view.invoice.outstanding().unwrap());
    world.assert_sound().await;
}

async fn refused_goods_that_were_handed_over_elsewhere_close_their_order(backend: Backend) {
    let world = World::open(backend).await;
    let product = world.product("KEY", 0, 1).await;
    let placed = world.place(&world.customer("ann").await, &product).await;
    world.post.set_manner(Manner::Refuses);
    world.run(JobName::Outbox).await;
    let case = only_case(&world).await;
    assert_eq!(case.reason, CaseReason::DeliveryRefused);

    let reviews = world.shop.reviews();
    let credited = reviews.credit(&Actor::Operator, case.id, None).await;
    assert!(matches!(credited, Err(ReviewError::NoPayment)));
    let reason = Reason::parse("sent by mail").unwrap();
    reviews
        .close(&Actor::Operator, case.id, &reason)
        .await
        .unwrap();
    assert_eq!(world.state(&placed).await, OrderState::Delivered);
    world.assert_sound().await;
}

async fn a_charge_whose_reply_was_lost_is_found_again(backend: Backend) {
    let world = World::with(backend, Bank::with("finder", CreateMode::FindByReference)).await;
    let product = world.product("KEY", 1_000, 1).await;
    let placed = world.place(&world.customer("ann").await, &product).await;
    let checkout = world.shop.checkout();
    world.bank.set_mood(Mood::Mute);
    assert!(
        checkout
            .charge(placed.invoice.id, world.bank.port())
            .await
            .is_err()
    );

    world.bank.set_mood(Mood::Well);
    let charge = world.charge(&placed.invoice).await;
    assert_eq!(charge.state, ChargeState::Open);
    assert_eq!(world.bank.charges(), 1);
    world.assert_sound().await;
}

async fn a_charge_that_can_not_be_found_again_is_replaced(backend: Backend) {
    let world = World::with(backend, Bank::with("forgetter", CreateMode::Neither)).await;
    let product = world.product("KEY", 1_000, 1).await;
    let placed = world.place(&world.customer("ann").await, &product).await;
    let checkout = world.shop.checkout();
    for mood in [Mood::Mute, Mood::Down] {
        world.bank.set_mood(mood);
        assert!(
            checkout
                .charge(placed.invoice.id, world.bank.port())
                .await
                .is_err()
        );
    }
    world.bank.set_mood(Mood::Well);
    world.charge(&placed.invoice).await;

    let charges = checkout.invoice(placed.invoice.id).await.unwrap().charges;
    let states: Vec<_> = charges.iter().map(|charge| charge.state).collect();
    assert_eq!(
        states,
        [
            ChargeState::Abandoned,
            ChargeState::Closed,
            ChargeState::Open
        ]
    );
    // Whoever pays the charge that was given up has paid the order.
    let event = world
        .bank
        .pay(&charges[0].reference, charges[0].payable, world.shop.now());
    let settled = world.shop.settlement().settle(&event).await.unwrap();
    assert_eq!(settled.payment.outcome, Outcome::Paid);
    world.assert_sound().await;
}

async fn times_that_are_finer_than_stores_keep_are_cut(backend: Backend) {
    let world = World::open(backend).await;
    let product = world.product("KEY", 1_000, 1).await;
    let placed = world.place(&world.customer("ann").await, &product).await;
    let charge = world.charge(&placed.invoice).await;
    let at = world.shop.now() + chrono::Duration::nanoseconds(1_999);
    let event = world.bank.pay(&charge.reference, charge.payable, at);
    let settlement = world.shop.settlement();
    let first = settlement.settle(&event).await.unwrap();
    let again = settlement.settle(&event).await.unwrap();
    assert_eq!(first.payment, again.payment);
}

async fn an_outage_after_a_lost_reply_is_not_told_as_a_failure(backend: Backend) {
    let world = World::open(backend).await;
    let product = world.product("KEY", 1_000, 2).await;
    let order = new_order(&world.customer("ann").await, &product, 1, None);
    let faults = [Fault::LostReply, Fault::Unavailable, Fault::Unavailable];
    world.faults.script(faults.map(Some));
    let placed = world.shop.checkout().place(order.clone()).await.unwrap();
    assert_eq!(
        world.shop.checkout().place(order).await.unwrap().order.id,
        placed.order.id
    );
    assert_eq!(world.available(&product).await, 1);

    let order = new_order(&world.customer("bob").await, &product, 1, None);
    let outage = std::iter::repeat_n(Fault::Unavailable, 9);
    world
        .faults
        .script([Fault::LostReply].into_iter().chain(outage).map(Some));
    let lost = world.shop.checkout().place(order).await.unwrap_err();
    let unknown = matches!(&lost, CheckoutError::Commit(CommitError::OutcomeUnknown(_)));
    assert!(unknown, "{lost}");
    world.faults.heal();
    world.assert_sound().await;
}
