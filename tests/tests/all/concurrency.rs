//! What must hold when many do the same thing at once.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use shopcore::audit::Actor;
use shopcore::cart::Change;
use shopcore::catalog::{LatePolicy, Product};
use shopcore::customer::Customer;
use shopcore::gateway::WebhookRequest;
use shopcore::id::{CustomerId, InvoiceId};
use shopcore::invoice::{InvoiceState, Outcome, PaymentEvent};
use shopcore::jobs::{JobName, Jobs, Shutdown};
use shopcore::order::OrderState;
use shopcore::service::{CheckoutError, Placed, Settled, SettledBy};
use shopcore::voucher::VoucherRefusal;
use shopcore::{Shop, store::Page};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::world::{
    Backend, ORDER_TTL, World, contents, fresh_request, idr, new_order, on_every_backend,
};

on_every_backend! {
    one_unit_goes_to_one_of_fifty_buyers,
    a_voucher_with_five_uses_serves_five_of_two_hundred,
    a_payment_settled_eight_times_at_once_is_delivered_once,
    a_payment_and_expiry_at_once_win_or_lose_as_a_whole,
    a_payment_for_delivery_that_races_expiry_is_delivered,
    a_deposit_settled_twice_at_once_is_credited_once,
    two_payments_at_once_are_both_kept,
    a_wallet_for_one_purchase_pays_one_of_twenty,
    an_invoice_is_paid_from_the_wallet_once,
    a_request_made_ten_times_at_once_places_one_order,
    expiry_runs_through_paid_checkouts_and_a_large_import,
    a_job_does_its_work_once_a_period_in_one_of_four_processes,
}

/// Starts every job at one moment and waits for all.
async fn at_once<T: Send + 'static>(
    jobs: impl IntoIterator<Item = impl Future<Output = T> + Send + 'static>,
) -> Vec<T> {
    let jobs: Vec<_> = jobs.into_iter().collect();
    let barrier = Arc::new(Barrier::new(jobs.len()));
    let mut tasks = JoinSet::new();
    for job in jobs {
        let barrier = Arc::clone(&barrier);
        tasks.spawn(async move {
            barrier.wait().await;
            job.await
        });
    }
    tasks.join_all().await
}

async fn settle(shop: Shop, event: PaymentEvent) -> Settled {
    shop.settlement().settle(&event).await.unwrap()
}

async fn one_unit_goes_to_one_of_fifty_buyers(backend: Backend) {
    let world = World::open(backend).await;
    let product = world.product("LAST", 1_000, 1).await;
    let mut tries = Vec::new();
    for number in 0..50 {
        let customer = world.customer(&format!("buyer-{number}")).await;
        let (shop, order) = (world.shop.clone(), new_order(&customer, &product, 1, None));
        tries.push(async move { shop.checkout().place(order).await });
    }
    let (placed, refused): (Vec<_>, Vec<_>) =
        at_once(tries).await.into_iter().partition(Result::is_ok);
    assert_eq!(placed.len(), 1);
    for error in refused.into_iter().map(Result::unwrap_err) {
        let fewer = |change: &Change| matches!(change, Change::Fewer { available: 0, .. });
        assert!(
            matches!(&error, CheckoutError::Changed(all) if all.iter().all(fewer)),
            "{error}"
        );
    }
    let orders = world
        .shop
        .orders()
        .list(Default::default(), Page::first(9))
        .await;
    assert_eq!(orders.unwrap().total, 1);
    assert_eq!(world.available(&product).await, 0);
    world.assert_sound().await;
}

async fn a_voucher_with_five_uses_serves_five_of_two_hundred(backend: Backend) {
    let world = World::open(backend).await;
    let product = world.product("GAME", 1_000, 200).await;
    let code = world.voucher("FIVE", 100, 5).await;
    let mut tries = Vec::new();
    for number in 0..200 {
        let customer = world.customer(&format!("buyer-{number}")).await;
        let order = new_order(&customer, &product, 1, Some(code.clone()));
        let shop = world.shop.clone();
        tries.push(async move { shop.checkout().place(order).await });
    }
    let (placed, refused): (Vec<_>, Vec<_>) =
        at_once(tries).await.into_iter().partition(Result::is_ok);
    assert_eq!(placed.len(), 5);
    for error in refused.into_iter().map(Result::unwrap_err) {
        let exhausted = matches!(error, CheckoutError::Voucher(VoucherRefusal::Exhausted));
        assert!(exhausted, "{error}");
    }
    let voucher = world.shop.vouchers().find(&code).await.unwrap().unwrap();
    assert_eq!((voucher.held, voucher.redeemed), (5, 0));
    assert_eq!(world.available(&product).await, 195);
    world.assert_sound().await;
}

async fn a_payment_settled_eight_times_at_once_is_delivered_once(backend: Backend) {
    let world = World::open(backend).await;
    let product = world.product("KEY", 1_000, 2).await;
    let customer = world.customer("ann").await;
    let placed = world.place(&customer, &product).await;
    let event = paid(&world, &placed).await;

    let settled = at_once((0..8).map(|_| settle(world.shop.clone(), event.clone()))).await;
    let first = settled.iter().filter(|s| s.by == SettledBy::ThisCall);
    assert_eq!(first.count(), 1);
    assert!(settled.iter().all(|s| s.payment == settled[0].payment));

    let jobs = world.jobs();
    let runs = (0..3).map(|_| jobs.clone());
    at_once(runs.map(|jobs| async move { jobs.run_once(JobName::Outbox).await.unwrap() })).await;
    assert_eq!(world.post.deliveries(placed.order.id), 1);
    assert_eq!(world.state(&placed).await, OrderState::Delivered);
    assert_eq!(world.balance(&customer).await, 0);
    assert_eq!(world.available(&product).await, 1);
    world.assert_sound().await;
}

/// The payment of an order, as its gateway vouches for it.
async fn paid(world: &World, placed: &Placed) -> PaymentEvent {
    let charge = world.charge(&placed.invoice).await;
    world
        .bank
        .pay(&charge.reference, charge.payable, world.shop.now())
}

/// Buyers whose orders are overdue, and whose payments are under way.
async fn overdue(world: &World, product: &Product, count: u32) -> Vec<Late> {
    let mut all = Vec::new();
    for number in 0..count {
        let customer = world.customer(&format!("buyer-{number}")).await;
        let placed = world.place(&customer, product).await;
        let event = paid(world, &placed).await;
        all.push(Late {
            customer,
            placed,
            event,
        });
    }
    world
        .clock
        .advance(chrono::Duration::from_std(ORDER_TTL).unwrap());
    all
}

struct Late {
    customer: Customer,
    placed: Placed,
    event: PaymentEvent,
}

/// Settles every payment while the expiry job runs.
async fn race(world: &World, all: &[Late]) {
    let jobs = world.jobs();
    let mut racers: Vec<Pin<Box<dyn Future<Output = ()> + Send>>> = Vec::new();
    for late in all {
        let (shop, event) = (world.shop.clone(), late.event.clone());
        racers.push(Box::pin(async move { drop(settle(shop, event).await) }));
    }
    let job = async move {
        jobs.run_once(JobName::Expiry).await.unwrap();
    };
    racers.insert(all.len() / 2, Box::pin(job));
    at_once(racers).await;
}

async fn a_payment_and_expiry_at_once_win_or_lose_as_a_whole(backend: Backend) {
    let world = World::open(backend).await;
    let product = world.product("KEY", 1_000, 24).await;
    let all = overdue(&world, &product, 24).await;
    race(&world, &all).await;

    let mut sold = 0;
    for late in &all {
        let balance = world.balance(&late.customer).await;
        let state = world.state(&late.placed).await;
        if state == OrderState::Paid {
            sold += 1;
            assert_eq!(balance, 0);
        } else {
            assert_eq!((state, balance), (OrderState::Expired, 1_000));
        }
    }
    assert_eq!(world.available(&product).await, 24 - sold);
    world.assert_sound().await;
}

async fn a_payment_for_delivery_that_races_expiry_is_delivered(backend: Backend) {
    let world = World::open(backend).await;
    let product = world.product("KEY", 1_000, 24).await;
    let product = Product {
        late: LatePolicy::Deliver,
        ..product
    };
    let product = world
        .shop
        .catalog()
        .update_product(&Actor::Operator, product)
        .await
        .unwrap();
    let all = overdue(&world, &product, 24).await;
    race(&world, &all).await;

    for late in &all {
        assert_eq!(world.state(&late.placed).await, OrderState::Paid);
        assert_eq!(world.balance(&late.customer).await, 0);
    }
    assert_eq!(world.available(&product).await, 0);
    world.assert_sound().await;
}

async fn a_deposit_settled_twice_at_once_is_credited_once(backend: Backend) {
    let world = World::open(backend).await;
    let customer = world.customer("ann").await;
    let checkout = world.shop.checkout();
    let deposit = checkout.deposit(customer.id, idr(5_000), fresh_request());
    let charge = world.charge(&deposit.await.unwrap()).await;
    let event = world
        .bank
        .pay(&charge.reference, charge.payable, world.shop.now());
    // One by webhook, one by poll.
    let (shop, body) = (world.shop.clone(), charge.reference.to_string());
    let port = world.bank.port().clone();
    let pushed = async move {
        let request = WebhookRequest {
            headers: &[],
            body: body.as_bytes(),
        };
        shop.settlement().webhook(&port, request).await.unwrap();
    };
    let (shop, charge) = (world.shop.clone(), charge.clone());
    let polled = async move { shop.settlement().check_charge(&charge).await.unwrap() };
    let racers: [Pin<Box<dyn Future<Output = ()> + Send>>; 2] =
        [Box::pin(pushed), Box::pin(polled)];
    at_once(racers).await;

    let settled = settle(world.shop.clone(), event).await;
    assert_eq!(
        (settled.by, settled.payment.outcome),
        (SettledBy::Earlier, Outcome::Paid)
    );
    assert_eq!(world.balance(&customer).await, 5_000);
    world.assert_sound().await;
}

async fn two_payments_at_once_are_both_kept(backend: Backend) {
    let world = World::open(backend).await;
    let product = world.product("KEY", 1_000, 1).await;
    let customer = world.customer("ann").await;
    let placed = world.place(&customer, &product).await;
    let charge = world.charge(&placed.invoice).await;
    let pay = |minor| {
        world
            .bank
            .pay(&charge.reference, idr(minor), world.shop.now())
    };
    let events = [pay(604), pay(604)];
    at_once(events.map(|event| settle(world.shop.clone(), event))).await;

    assert_eq!(world.state(&placed).await, OrderState::Paid);
    // 604 of 1,007 is worth 599 of 1,000.
    assert_eq!(world.balance(&customer).await, 198);
    world.assert_sound().await;
}

async fn a_wallet_for_one_purchase_pays_one_of_twenty(backend: Backend) {
    let world = World::open(backend).await;
    let product = world.product("KEY", 1_000, 20).await;
    let customer = world.customer("ann").await;
    world.credit(&customer, 1_500).await;
    let mut tries = Vec::new();
    for _ in 0..20 {
        let invoice = world.place(&customer, &product).await.invoice.id;
        tries.push(pay_from_wallet(world.shop.clone(), customer.id, invoice));
    }
    let done = at_once(tries).await;
    assert_eq!(done.iter().filter(|done| done.is_ok()).count(), 1);
    for error in done.into_iter().filter_map(Result::err) {
        let short =
            matches!(error, CheckoutError::InsufficientFunds { balance } if balance == idr(500));
        assert!(short, "{error}");
    }
    assert_eq!(world.balance(&customer).await, 500);
    world.assert_sound().await;
}

async fn pay_from_wallet(
    shop: Shop,
    customer: CustomerId,
    invoice: InvoiceId,
) -> Result<(), CheckoutError> {
    shop.checkout()
        .pay_from_wallet(&Actor::Customer(customer), invoice)
        .await
}

async fn an_invoice_is_paid_from_the_wallet_once(backend: Backend) {
    let world = World::open(backend).await;
    let product = world.product("KEY", 1_000, 2).await;
    let customer = world.customer("ann").await;
    world.credit(&customer, 50_000).await;
    let invoice = world.place(&customer, &product).await.invoice.id;
    let tries = (0..20).map(|_| pay_from_wallet(world.shop.clone(), customer.id, invoice));
    let done = at_once(tries).await;
    assert_eq!(done.iter().filter(|done| done.is_ok()).count(), 1);
    for error in done.into_iter().filter_map(Result::err) {
        let paid = matches!(error, CheckoutError::NotOpen(InvoiceState::Paid));
        assert!(paid, "{error}");
    }
    assert_eq!(world.balance(&customer).await, 49_000);
    world.assert_sound().await;
}

async fn a_request_made_ten_times_at_once_places_one_order(backend: Backend) {
    let world = World::open(backend).await;
    let product = world.product("KEY", 1_000, 10).await;
    let order = new_order(&world.customer("ann").await, &product, 1, None);
    let tries = (0..10).map(|_| {
        let (shop, order) = (world.shop.clone(), order.clone());
        async move { shop.checkout().place(order).await.unwrap() }
    });
    let placed = at_once(tries).await;
    assert!(
        placed
            .iter()
            .all(|again| again.order.id == placed[0].order.id)
    );
    assert_eq!(world.available(&product).await, 9);
    world.assert_sound().await;
}

async fn expiry_runs_through_paid_checkouts_and_a_large_import(backend: Backend) {
    let world = Arc::new(World::open(backend).await);
    let product = world.product("KEY", 1_000, 400).await;
    let (stopper, mut stopped) = Shutdown::new();
    let ticking = Arc::clone(&world);
    let expiry = tokio::spawn(async move {
        loop {
            tokio::select! {
                () = stopped.wait() => break,
                () = tokio::time::sleep(Duration::from_millis(50)) => {}
            }
            ticking
                .clock
                .advance(chrono::Duration::from_std(ORDER_TTL / 4).unwrap());
            ticking.run(JobName::Expiry).await;
        }
    });
    let importing = {
        let (shop, all) = (world.shop.clone(), contents("MASS", 0..100_000));
        let product = product.id;
        tokio::spawn(async move { shop.stock().add(&Actor::Operator, product, &all).await })
    };
    let buyers = (0..8).map(|number| buy_often(Arc::clone(&world), product.clone(), number));
    let paid: u64 = at_once(buyers).await.into_iter().sum();
    assert_eq!(importing.await.unwrap().unwrap(), 100_000);
    stopper.stop();
    expiry.await.unwrap();
    world
        .clock
        .advance(chrono::Duration::from_std(ORDER_TTL).unwrap());
    world.run(JobName::Expiry).await;

    assert!(paid > 0);
    assert_eq!(world.available(&product).await, 100_400 - paid);
    world.assert_sound().await;
}

async fn a_job_does_its_work_once_a_period_in_one_of_four_processes(backend: Backend) {
    let world = World::open(backend).await;
    let product = world.product("A", 1_000, 5).await;
    let customer = world.customer("ayu").await;
    for _ in 0..5 {
        let placed = world.place(&customer, &product).await;
        world.charge(&placed.invoice).await;
    }
    let mut processes = JoinSet::new();
    let (stopper, shutdown) = Shutdown::new();
    for _ in 0..4 {
        let jobs = Jobs::new(world.another().await, Arc::clone(&world.post) as _);
        let shutdown = shutdown.clone();
        processes.spawn(async move { jobs.run(shutdown).await });
    }
    // Less than a lease lasts, three times 800 ms, which so passes to nobody when the clock jumps,
    // and more than the two seconds after which a young charge is asked about again.
    let period = chrono::Duration::milliseconds(2_200);
    for periods in 1..=3 {
        world.clock.advance(period);
        while world.has_charges_due().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // Whoever works without the lease is late by a moment.
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(world.bank.asked(), 5 * periods);
    }
    stopper.stop();
    processes.join_all().await;
}

/// Places orders and pays every other one; tells how many were paid in time.
async fn buy_often(world: Arc<World>, product: Product, number: u32) -> u64 {
    let customer = world.customer(&format!("buyer-{number}")).await;
    let mut in_time = 0;
    for round in 0..12 {
        let placed = world.place(&customer, &product).await;
        if round % 2 == 1 {
            continue;
        }
        // The order may expire at any moment: before its charge, before its payment, after it.
        let charge = world
            .shop
            .checkout()
            .charge(placed.invoice.id, world.bank.port())
            .await;
        let Ok(charge) = charge else { continue };
        let event = world
            .bank
            .pay(&charge.reference, charge.payable, world.shop.now());
        let settled = settle(world.shop.clone(), event).await;
        in_time += u64::from(settled.payment.outcome == Outcome::Paid);
    }
    in_time
}
