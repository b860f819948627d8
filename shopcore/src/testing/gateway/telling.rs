//! How the shop learns of a payment: by webhook, by asking, by both, in any order, and once.

use chrono::TimeDelta;

use super::Stand;
use crate::catalog::LatePolicy;
use crate::gateway::Support;
use crate::invoice::Outcome;
use crate::jobs::JobName;
use crate::order::OrderState;

pub async fn a_charge_that_nobody_paid_is_told_as_such(stand: &Stand) {
    let (placed, charge) = stand.sale(LatePolicy::Credit).await;
    let status = stand.gateway().charge_status(&charge).await.unwrap();
    assert_eq!(status.payments, []);
    stand.job(JobName::Reconcile).await;
    assert_eq!(stand.state(&placed).await, OrderState::AwaitingPayment);
}

pub async fn a_webhook_that_is_sent_again_changes_nothing(stand: &Stand) {
    let (placed, charge) = stand.sale(LatePolicy::Credit).await;
    let delivery = stand.pay(&charge).await;
    let (one, two) = tokio::join!(stand.deliver(&delivery), stand.deliver(&delivery));
    one.and(two).unwrap();
    stand.assert_delivered(&placed).await;
    stand.deliver(&delivery).await.unwrap();
    stand.assert_delivered(&placed).await;
}

pub async fn webhooks_in_any_order_settle_each_payment_once(stand: &Stand) {
    let (first, second) = (
        stand.sale(LatePolicy::Credit).await,
        stand.sale(LatePolicy::Credit).await,
    );
    let earlier = stand.pay(&first.1).await;
    stand.clock.advance(TimeDelta::seconds(5));
    let later = stand.pay(&second.1).await;
    stand.deliver(&later).await.unwrap();
    assert_eq!(stand.state(&first.0).await, OrderState::AwaitingPayment);
    for delivery in [&earlier, &later, &earlier] {
        stand.deliver(delivery).await.unwrap();
    }
    for (placed, _) in [&first, &second] {
        stand.assert_delivered(placed).await;
    }
}

pub async fn part_payments_in_any_order_add_up(stand: &Stand) {
    if !stand.takes_any_amount() {
        return;
    }
    let (placed, charge) = stand.sale(LatePolicy::Credit).await;
    let whole = charge.payable;
    let part = crate::money::Money::new(whole.minor() / 2, whole.currency());
    let earlier = stand.side.pay(&charge, part).await;
    let later = stand.side.pay(&charge, whole.checked_sub(part).unwrap());
    let later = later.await;
    for delivery in [&later, &earlier, &later] {
        stand.deliver(delivery).await.unwrap();
    }
    let outcomes = stand.outcomes().await;
    assert_eq!(outcomes, [Outcome::Partial, Outcome::Paid]);
    stand.job(JobName::Outbox).await;
    assert_eq!(stand.state(&placed).await, OrderState::Delivered);
}

pub async fn a_payment_without_a_webhook_is_found_by_asking(stand: &Stand) {
    let (placed, charge) = stand.sale(LatePolicy::Credit).await;
    stand.pay(&charge).await;
    stand.clock.advance(TimeDelta::minutes(6));
    stand.job(JobName::Reconcile).await;
    assert_eq!(stand.outcomes().await, [Outcome::Paid]);
    stand.assert_delivered(&placed).await;
}

pub async fn a_customer_who_asks_finds_the_payment(stand: &Stand) {
    let (placed, charge) = stand.sale(LatePolicy::Credit).await;
    let settlement = stand.shop.settlement();
    settlement.check(placed.invoice.id).await.unwrap();
    assert_eq!(stand.outcomes().await, []);
    stand.pay(&charge).await;
    settlement.check(placed.invoice.id).await.unwrap();
    stand.assert_delivered(&placed).await;
}

pub async fn a_webhook_and_asking_after_it_settle_once(stand: &Stand) {
    let (placed, charge) = stand.sale(LatePolicy::Credit).await;
    let delivery = stand.pay(&charge).await;
    stand.deliver(&delivery).await.unwrap();
    stand.clock.advance(TimeDelta::minutes(6));
    stand.job(JobName::Reconcile).await;
    stand.assert_delivered(&placed).await;
}

pub async fn asking_and_a_webhook_after_it_settle_once(stand: &Stand) {
    let (placed, charge) = stand.sale(LatePolicy::Credit).await;
    let delivery = stand.pay(&charge).await;
    stand.job(JobName::Reconcile).await;
    assert_eq!(stand.outcomes().await, [Outcome::Paid]);
    stand.deliver(&delivery).await.unwrap();
    stand.assert_delivered(&placed).await;
}

pub async fn a_webhook_and_asking_at_once_settle_once(stand: &Stand) {
    let (placed, charge) = stand.sale(LatePolicy::Credit).await;
    let delivery = stand.pay(&charge).await;
    let settlement = stand.shop.settlement();
    let (told, asked, _) = tokio::join!(
        stand.deliver(&delivery),
        settlement.check(placed.invoice.id),
        stand.job(JobName::Reconcile),
    );
    told.and(asked).unwrap();
    stand.assert_delivered(&placed).await;
}

pub async fn a_webhook_that_comes_when_the_order_is_old_is_not_lost(stand: &Stand) {
    let (placed, charge) = stand.sale(LatePolicy::Credit).await;
    let delivery = stand.pay(&charge).await;
    stand.clock.advance(TimeDelta::minutes(45));
    // One that proves its age is refused, and asking is relied upon.
    let _ = stand.deliver(&delivery).await;
    stand.job(JobName::Reconcile).await;
    assert_eq!(stand.outcomes().await, [Outcome::Paid]);
    stand.assert_delivered(&placed).await;
}

pub async fn a_statement_lists_payments_as_webhooks_tell_of_them(stand: &Stand) {
    if stand.capabilities().statement == Support::No {
        return;
    }
    let from = stand.shop.now();
    for _ in 0..3 {
        let (_, charge) = stand.sale(LatePolicy::Credit).await;
        let delivery = stand.pay(&charge).await;
        stand.deliver(&delivery).await.unwrap();
        stand.clock.advance(TimeDelta::minutes(10));
    }
    let (gateway, to) = (stand.gateway(), stand.shop.now());
    let listed = gateway.list_payments(from, to).await.unwrap();
    let mut listed: Vec<_> = listed.iter().map(|p| (&p.event, p.amount)).collect();
    listed.sort_unstable_by_key(|(event, _)| event.as_str());
    let recorded = stand.payments().await;
    let mut recorded: Vec<_> = recorded.iter().map(|p| (&p.event, p.amount)).collect();
    recorded.sort_unstable_by_key(|(event, _)| event.as_str());
    assert_eq!(listed, recorded);
    let day = TimeDelta::days(1);
    let before = gateway.list_payments(from - day, from).await.unwrap();
    let after = gateway.list_payments(to, to + day).await.unwrap();
    assert_eq!((before, after), (Vec::new(), Vec::new()));
}
