//! What is followed up: charges that no webhook tells of, and webhooks that never come.

use chrono::Duration;
use shopcore::Shop;
use shopcore::customer::Customer;
use shopcore::gateway::WebhookRequest;
use shopcore::invoice::Reference;
use shopcore::jobs::{JobName, Jobs};
use shopcore::message::{Destination, Notice, Task};
use shopcore::order::OrderState;

use crate::world::{Backend, Bank, ORDER_TTL, World, on_every_backend};

on_every_backend! {
    an_open_charge_is_asked_about_most_often_when_it_is_young_or_about_to_expire,
    a_payment_of_the_last_moment_is_found_just_after_its_charge_expired,
    webhooks_that_never_come_are_told_once,
    webhooks_that_stop_again_are_told_again,
    webhooks_that_are_only_late_are_not_told,
}

async fn passes(world: &World, seconds: i64) -> u32 {
    let before = world.bank.asked();
    for _ in 0..seconds {
        world.clock.advance(Duration::seconds(1));
        world.run(JobName::Reconcile).await;
    }
    world.bank.asked() - before
}

async fn an_open_charge_is_asked_about_most_often_when_it_is_young_or_about_to_expire(
    backend: Backend,
) {
    let world = World::open(backend).await;
    let product = world.product("A", 1_000, 1).await;
    let placed = world.place(&world.customer("ann").await, &product).await;
    world.charge(&placed.invoice).await;
    let young = passes(&world, 20).await;
    passes(&world, 400).await;
    let amid = passes(&world, 60).await;
    passes(&world, 400).await;
    let at_last = passes(&world, 19).await;
    assert_eq!((young, amid, at_last), (10, 1, 10));
    world.assert_sound().await;
}

async fn a_payment_of_the_last_moment_is_found_just_after_its_charge_expired(backend: Backend) {
    let world = World::open(backend).await;
    let product = world.product("A", 1_000, 1).await;
    let placed = world.place(&world.customer("ann").await, &product).await;
    let charge = world.charge(&placed.invoice).await;
    let ttl = i64::try_from(ORDER_TTL.as_secs()).unwrap();
    passes(&world, ttl - 1).await;
    world.clock.advance(Duration::milliseconds(1_001));
    world.run(JobName::Expiry).await;
    assert_eq!(world.state(&placed).await, OrderState::Expired);
    let paid_at = placed.invoice.expires_at;
    world.bank.pay(&charge.reference, charge.payable, paid_at);
    passes(&world, 2).await;
    assert_eq!(world.bank.payments().len(), 1);
    let recorded = world.snapshot().await.payments;
    assert_eq!(recorded.len(), 1, "it was asked about once more");
    world.assert_sound().await;
}

/// A shop with a bank that promises webhooks, and a second process that serves it.
struct Silence {
    world: World,
    other: Shop,
    customer: Customer,
    product: shopcore::catalog::Product,
}

impl Silence {
    async fn open(backend: Backend) -> Self {
        let world = World::with(backend, Bank::open("bank").promising_webhooks()).await;
        let other = world.another().await;
        let customer = world.customer("ann").await;
        let product = world.product("A", 1_000, 40).await;
        Self {
            world,
            other,
            customer,
            product,
        }
    }

    /// Someone pays; both processes ask about it at once, some minutes later.
    async fn pays_unheard(&self) -> Reference {
        let placed = self.world.place(&self.customer, &self.product).await;
        let charge = self.world.charge(&placed.invoice).await;
        let now = self.world.shop.now();
        self.world.bank.pay(&charge.reference, charge.payable, now);
        self.world.clock.advance(Duration::minutes(4));
        let other = Jobs::new(
            self.other.clone(),
            std::sync::Arc::clone(&self.world.post) as _,
        );
        let asked = tokio::join!(
            self.world.run(JobName::Reconcile),
            other.run_once(JobName::Reconcile)
        );
        asked.1.unwrap();
        assert_eq!(self.world.state(&placed).await, OrderState::Paid);
        charge.reference
    }

    async fn hears_of(&self, reference: &Reference) {
        let request = WebhookRequest {
            headers: &[],
            body: reference.as_str().as_bytes(),
        };
        let settlement = self.world.shop.settlement();
        let heard = settlement.webhook(self.world.bank.port(), request).await;
        heard.unwrap();
    }

    /// How often the admins are told.
    async fn told(&self) -> usize {
        let outbox = self.world.snapshot().await.outbox;
        let notice = Notice::WebhooksMissing {
            gateway: self.world.bank.port().clone(),
        };
        let task = Task::Notice(notice);
        let told = outbox.iter().filter(|item| item.task == task);
        told.inspect(|item| assert_eq!(item.destination, Destination::Admins))
            .count()
    }
}

async fn webhooks_that_never_come_are_told_once(backend: Backend) {
    let silence = Silence::open(backend).await;
    for _ in 0..4 {
        silence.pays_unheard().await;
    }
    assert_eq!(silence.told().await, 0);
    for _ in 0..5 {
        silence.pays_unheard().await;
        assert_eq!(silence.told().await, 1);
    }
    silence.world.assert_sound().await;
}

async fn webhooks_that_stop_again_are_told_again(backend: Backend) {
    let silence = Silence::open(backend).await;
    let mut last = None;
    for _ in 0..6 {
        last = Some(silence.pays_unheard().await);
    }
    silence.hears_of(&last.unwrap()).await;
    for _ in 0..4 {
        silence.pays_unheard().await;
        assert_eq!(silence.told().await, 1);
    }
    silence.pays_unheard().await;
    assert_eq!(silence.told().await, 2);
    silence.world.assert_sound().await;
}

async fn webhooks_that_are_only_late_are_not_told(backend: Backend) {
    let silence = Silence::open(backend).await;
    for _ in 0..4 {
        let mut paid = Vec::new();
        for _ in 0..2 {
            paid.push(silence.pays_unheard().await);
        }
        for reference in &paid {
            silence.hears_of(reference).await;
        }
    }
    assert_eq!(silence.told().await, 0);
}
