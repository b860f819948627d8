//! Gateways that never answer: the shop does not wait for them for ever. Time stands still here but
//! for what is waited for, so half a minute passes at once.

use std::sync::Arc;
use std::time::Duration;

use shopcore::audit::Actor;
use shopcore::gateway::{CreateMode, Effect, GatewayError};
use shopcore::invoice::ChargeState;
use shopcore::jobs::{JobName, Jobs, Shutdown};
use shopcore::order::OrderState;
use shopcore::service::{ChargeError, Placed};
use tokio::time::timeout;

use crate::world::{Backend, Bank, World};

/// Longer than any call may take.
const VERY_LONG: Duration = Duration::from_secs(31);

async fn order(world: &World) -> Placed {
    let product = world.product("KEY", 1_000, 1).await;
    world.place(&world.customer("ann").await, &product).await
}

#[tokio::test(start_paused = true)]
async fn a_charge_that_is_never_answered_may_have_been_made() {
    let bank = Bank::with("forgetter", CreateMode::Neither);
    let world = World::with(Backend::Memory, bank).await;
    let placed = order(&world).await;
    let _delay = world.bank.delay_next();
    let checkout = world.shop.checkout();
    let asked = checkout.charge(placed.invoice.id, world.bank.port());
    let failure = timeout(VERY_LONG, asked).await.unwrap().unwrap_err();
    let ChargeError::Gateway(GatewayError::Unavailable { effect, .. }) = failure else {
        panic!("{failure}");
    };
    assert_eq!(effect, Effect::Unknown);

    let given_up = checkout.invoice(placed.invoice.id).await.unwrap().charges;
    assert_eq!(given_up[0].state, ChargeState::Abandoned);
    assert_eq!(world.charge(&placed.invoice).await.state, ChargeState::Open);
    world.assert_sound().await;
}

#[tokio::test(start_paused = true)]
async fn a_look_that_is_never_answered_holds_up_no_other_and_is_taken_again() {
    let world = World::open(Backend::Memory).await;
    let mut orders = Vec::new();
    for (name, code) in [("ann", "A"), ("bob", "B")] {
        let product = world.product(code, 1_000, 1).await;
        let placed = world.place(&world.customer(name).await, &product).await;
        let charge = world.charge(&placed.invoice).await;
        world
            .bank
            .pay(&charge.reference, charge.payable, world.shop.now());
        orders.push(placed);
    }
    let paid = async || {
        let mut count = 0;
        for placed in &orders {
            count += usize::from(world.state(placed).await == OrderState::Paid);
        }
        count
    };
    world.clock.advance(chrono::Duration::minutes(1));
    let _delay = world.bank.delay_next();
    let run = world.run(JobName::Reconcile);
    timeout(VERY_LONG, run).await.unwrap();
    assert_eq!(paid().await, 1);
    world.clock.advance(chrono::Duration::minutes(1));
    world.run(JobName::Reconcile).await;
    assert_eq!(paid().await, 2);
    world.assert_sound().await;
}

#[tokio::test(start_paused = true)]
async fn a_cancel_that_is_never_answered_is_tried_again() {
    let world = World::open(Backend::Memory).await;
    let placed = order(&world).await;
    let charge = world.charge(&placed.invoice).await;
    let checkout = world.shop.checkout();
    checkout
        .cancel(&Actor::Operator, placed.invoice.id)
        .await
        .unwrap();
    let _delay = world.bank.delay_next();
    let run = world.run(JobName::Outbox);
    timeout(VERY_LONG, run).await.unwrap();
    assert!(world.bank.takes(&charge.reference));
    world.clock.advance(chrono::Duration::minutes(1));
    world.run(JobName::Outbox).await;
    assert!(!world.bank.takes(&charge.reference));
    world.assert_sound().await;
}

#[tokio::test(start_paused = true)]
async fn a_job_that_waits_long_keeps_its_lease() {
    let world = World::open(Backend::Memory).await;
    world.charge(&order(&world).await.invoice).await;
    let shop = world.another().await;
    let (store, every) = (Arc::clone(shop.store()), shop.settings().reconcile_every);
    let name = JobName::Reconcile.as_str();
    let stranger = async || {
        let taken = store.take_lease(shop.id(), name, shop.ids().next(), Duration::ZERO);
        taken.await.unwrap()
    };
    let delay = world.bank.delay_next();
    let (_stopper, shutdown) = Shutdown::new();
    let jobs = Jobs::new(shop.clone(), Arc::clone(&world.post) as _);
    let running = tokio::spawn(async move { jobs.run(shutdown).await });
    world.clock.advance(chrono::Duration::seconds(15));
    delay.begun().await;
    for _ in 0..10 {
        assert!(!stranger().await);
        tokio::time::sleep(every).await;
        world
            .clock
            .advance(chrono::Duration::from_std(every).unwrap());
    }
    running.abort();
    world
        .clock
        .advance(chrono::Duration::from_std(every * 4).unwrap());
    assert!(stranger().await);
}
