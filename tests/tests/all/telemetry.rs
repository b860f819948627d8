//! Figures: everything counts on its day, once, whoever keeps it and however they end.

use std::time::Duration;

use chrono::{Days, NaiveDate};
use shopcore::Shop;
use shopcore::audit::Actor;
use shopcore::catalog::Product;
use shopcore::customer::Customer;
use shopcore::invoice::Subject;
use shopcore::jobs::JobName;
use shopcore::refund::RefundWay;
use shopcore::service::{FiguresError, Placed};
use shopcore::telemetry::{Daily, Glance, csv};
use shopcore::testing::fault::Fault;

use crate::refunds::{back, bought, give_back};
use crate::world::{Backend, World, idr, on_every_backend};

on_every_backend! {
    everything_counts_on_the_day_it_happened,
    a_day_is_exact_whoever_keeps_it_and_however_they_end,
    glances_of_all_processes_are_summed,
    a_flush_that_fails_is_made_good_by_the_next,
    a_period_has_a_beginning_and_an_end,
}

fn next(day: NaiveDate) -> NaiveDate {
    day.checked_add_days(Days::new(1)).unwrap()
}

/// The business of a day as a report tells it.
async fn told(shop: &Shop, day: NaiveDate) -> Daily {
    let period = shop.figures().period(day, day).await.unwrap();
    period.sum.business
}

async fn everything_counts_on_the_day_it_happened(backend: Backend) {
    let world = World::open(backend).await;
    let day = world.shop.figures().today();
    let product = world.product("LATE", 7_000, 2).await;
    let ann = world.customer("ann").await;
    let at_night = world.place(&ann, &product).await;
    let given_up = world.place(&ann, &product).await;
    let charge = world.charge(&at_night.invoice).await;
    world.clock.advance(chrono::Duration::days(1));
    // Paid in time by the bank's clock, heard of on the next day.
    world
        .bank
        .pay(&charge.reference, charge.payable, at_night.order.placed_at);
    world
        .shop
        .settlement()
        .check(at_night.invoice.id)
        .await
        .unwrap();
    world.run(JobName::Expiry).await;
    let first = told(&world.shop, day).await;
    assert_eq!((first.placed, first.paid, first.expired), (2, 0, 0));
    assert_eq!((first.new_customers, first.revenue), (1, idr(0)));
    let second = told(&world.shop, next(day)).await;
    assert_eq!(second.placed, 0);
    assert_eq!(second.expired + second.paid, 2, "{second:?}");
    assert_eq!(given_up.invoice.subject, Subject::Order(given_up.order.id));

    let (_, placed) = bought(&world).await;
    world.clock.advance(chrono::Duration::days(1));
    let total = placed.order.totals.total;
    for value in [Some(1_000), None] {
        let wanted = back(&placed, value, Some(RefundWay::Wallet));
        give_back(&world, &wanted).await.unwrap();
    }
    let paid = told(&world.shop, next(day)).await;
    assert_eq!(paid.net, paid.revenue);
    let third = told(&world.shop, next(next(day))).await;
    assert_eq!(
        (third.paid, third.revenue, third.refunds),
        (0, idr(0), total)
    );
    assert_eq!(third.net, total.checked_neg().unwrap());
}

/// Buys from the wallet, again and again.
async fn buy(shop: &Shop, customer: &Customer, product: &Product) -> Placed {
    let order = crate::world::new_order(customer, product, 1, None);
    let placed = shop.checkout().place(order).await.unwrap();
    let me = Actor::Customer(customer.id);
    shop.checkout()
        .pay_from_wallet(&me, placed.invoice.id)
        .await
        .unwrap();
    placed
}

async fn a_day_is_exact_whoever_keeps_it_and_however_they_end(backend: Backend) {
    const ORDERS: usize = 24;
    let world = World::open(backend).await;
    let other = world.another().await;
    let day = world.shop.figures().today();
    let product = world.product("KEY", 1_000, ORDERS).await;
    let ann = world.customer("ann").await;
    world.credit(&ann, 1_000_000).await;
    let flushing = [world.shop.clone(), other.clone()].map(|shop| {
        tokio::spawn(async move {
            for round in 0..40_u64 {
                let flush = tokio::spawn({
                    let shop = shop.clone();
                    async move { shop.figures().flush().await }
                });
                // Every other one is cut somewhere in its middle.
                tokio::time::sleep(Duration::from_micros(round * 97 % 1_500)).await;
                if round % 2 == 0 {
                    flush.abort();
                }
                match flush.await {
                    Ok(flushed) => drop(flushed.unwrap()),
                    Err(cut) => assert!(cut.is_cancelled()),
                }
            }
        })
    });
    for number in 0..ORDERS {
        let shop = if number % 2 == 0 { &world.shop } else { &other };
        buy(shop, &ann, &product).await;
    }
    for task in flushing {
        task.await.unwrap();
    }
    for shop in [&world.shop, &other] {
        let daily = told(shop, day).await;
        assert_eq!((daily.placed, daily.paid), (24, 24));
        assert_eq!((daily.revenue, daily.net), (idr(24_000), idr(24_000)));
        assert_eq!((daily.products.len(), daily.products[0].units), (1, 24));
        assert_eq!(daily, shop.figures().compute(day).await.unwrap());
    }
}

async fn glances_of_all_processes_are_summed(backend: Backend) {
    let world = World::open(backend).await;
    let other = world.another().await;
    let day = world.shop.figures().today();
    world.shop.figures().count(Glance::Shelf);
    for shop in [&world.shop, &other] {
        shop.figures().count(Glance::Product);
        shop.figures().answered(Duration::from_millis(4), false);
        // However often it is flushed.
        shop.figures().flush().await.unwrap();
        shop.figures().flush().await.unwrap();
    }
    let period = other.figures().period(day, next(day)).await.unwrap();
    let views = period.sum.views;
    assert_eq!((views.shelves, views.products, views.answers), (1, 2, 2));
    assert_eq!(views.mean_millis(), Some(4));
    let table = csv(&period);
    let mut lines = table.lines();
    assert!(lines.next().unwrap().starts_with("day,placed,paid"));
    assert_eq!(
        lines.next().unwrap(),
        format!("{day},0,0,0,0,0,0,0,0,0,0,0,1,2,0")
    );
    assert_eq!(lines.count(), 1);
}

async fn a_flush_that_fails_is_made_good_by_the_next(backend: Backend) {
    let world = World::open(backend).await;
    let day = world.shop.figures().today();
    let (_, placed) = bought(&world).await;
    world.faults.script([Some(Fault::Unavailable)]);
    assert!(world.shop.figures().flush().await.is_err());
    // Days nobody flushed on are not left out.
    world.clock.advance(chrono::Duration::days(3));
    assert_eq!(world.run(JobName::Telemetry).await, 4);
    assert!(world.run(JobName::Telemetry).await <= 2);
    let period = world.shop.figures().period(day, next(day)).await.unwrap();
    assert_eq!(period.sum.business.revenue, placed.order.totals.total);
    assert_eq!(period.days[1].business.paid, 0);
}

async fn a_period_has_a_beginning_and_an_end(backend: Backend) {
    let world = World::open(backend).await;
    let today = world.shop.figures().today();
    let figures = world.shop.figures();
    let backwards = figures.period(next(today), today).await;
    assert!(matches!(backwards, Err(FiguresError::Period)));
    let endless = figures.period(NaiveDate::MIN, today).await;
    assert!(matches!(endless, Err(FiguresError::Period)));
}
