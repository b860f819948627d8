//! A day's figures: what was sold that day, without what was given back that day.

use chrono::{Days, Utc};
use shopcore::refund::RefundWay;
use shopcore::telemetry::Daily;

use crate::refunds::{back, bought, give_back};
use crate::world::{Backend, World, idr, on_every_backend};

on_every_backend! {
    revenue_stays_on_its_day_and_refunds_count_on_theirs,
}

async fn revenue_stays_on_its_day_and_refunds_count_on_theirs(backend: Backend) {
    let world = World::open(backend).await;
    let (_, placed) = bought(&world).await;
    let day = placed.order.placed_at.date_naive();
    let next = day.checked_add_days(Days::new(1)).unwrap();
    let figures = async |day| {
        let shop = &world.shop;
        let rows = shop.store().snapshot(shop.id()).await.unwrap();
        let (orders, refunds) = (&rows.orders, &rows.refunds);
        let currency = shop.currency();
        Daily::of(orders, refunds, &rows.customers, currency, day, &Utc).unwrap()
    };
    let total = placed.order.totals.total;
    world.clock.advance(chrono::Duration::days(1));
    for value in [Some(1_000), None] {
        let wanted = back(&placed, value, Some(RefundWay::Wallet));
        give_back(&world, &wanted).await.unwrap();
        let then = figures(day).await;
        assert_eq!((then.paid, then.revenue, then.net), (1, total, total));
    }
    let now = figures(next).await;
    assert_eq!((now.placed, now.paid), (0, 0));
    assert_eq!((now.revenue, now.refunds), (idr(0), total));
    assert_eq!(now.net, total.checked_neg().unwrap());
}
