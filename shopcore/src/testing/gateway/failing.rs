//! Gateways that are down, lose their replies, or whose clocks go wrong.

use chrono::TimeDelta;

use super::{Stand, Trouble};
use crate::catalog::LatePolicy;
use crate::gateway::{CreateMode, Support};
use crate::invoice::{Charge, ChargeState, Outcome};
use crate::jobs::JobName;
use crate::order::OrderState;
use crate::service::{ChargeError, Placed};

/// An order whose charge was asked for while the gateway failed.
async fn asked_in(stand: &Stand, trouble: Trouble) -> Placed {
    let product = stand.product(LatePolicy::Credit, 1).await;
    let placed = stand.order(product).await;
    stand.trouble(Some(trouble));
    let failed = stand.try_charge(&placed).await;
    assert!(matches!(failed, Err(ChargeError::Gateway(_))), "{failed:?}");
    stand.trouble(None);
    stand.rest();
    placed
}

async fn assert_paid_by(stand: &Stand, placed: &Placed, charge: &Charge) {
    let delivery = stand.pay(charge).await;
    stand.deliver(&delivery).await.unwrap();
    stand.assert_delivered(placed).await;
}

pub async fn a_charge_that_could_not_be_made_is_made_later(stand: &Stand) {
    let placed = asked_in(stand, Trouble::Down).await;
    assert_eq!(stand.side.charges(), 0);
    let charge = stand.charge(&placed).await;
    assert_eq!(charge.state, ChargeState::Open);
    assert_eq!(stand.side.charges(), 1);
    assert_paid_by(stand, &placed, &charge).await;
}

/// How many charges the gateway may have made after one reply was lost.
fn made_at_most(stand: &Stand) -> usize {
    match stand.capabilities().create {
        CreateMode::Idempotent | CreateMode::FindByReference => 1,
        CreateMode::Neither => 2,
    }
}

pub async fn a_charge_whose_reply_was_lost_is_not_made_again(stand: &Stand) {
    let placed = asked_in(stand, Trouble::LostReply).await;
    // Where it is looked for first, that reply was lost, and none is made yet.
    assert!(stand.side.charges() <= 1);
    let charge = stand.charge(&placed).await;
    assert_eq!(charge.state, ChargeState::Open);
    assert_eq!(stand.side.charges(), made_at_most(stand));
    assert_eq!(stand.charge(&placed).await.id, charge.id);
    assert_paid_by(stand, &placed, &charge).await;
}

pub async fn a_charge_whose_reply_was_lost_is_completed_by_reconciling(stand: &Stand) {
    let placed = asked_in(stand, Trouble::LostReply).await;
    stand.job(JobName::Reconcile).await;
    let states = stand.view(&placed).await.charges;
    let states: Vec<_> = states.iter().map(|charge| charge.state).collect();
    assert_eq!(stand.side.charges(), 1);
    match stand.capabilities().create {
        CreateMode::Idempotent | CreateMode::FindByReference => {
            assert_eq!(states, [ChargeState::Open]);
        }
        CreateMode::Neither => assert_eq!(states, [ChargeState::Abandoned]),
    }
    let charge = stand.charge(&placed).await;
    assert_paid_by(stand, &placed, &charge).await;
}

pub async fn a_payment_during_an_outage_is_found_after_it(stand: &Stand) {
    let (placed, charge) = stand.sale(LatePolicy::Credit).await;
    let delivery = stand.pay(&charge).await;
    stand.trouble(Some(Trouble::Down));
    stand.job(JobName::Reconcile).await;
    let asked = stand.shop.settlement().check(placed.invoice.id).await;
    assert!(asked.is_err(), "nobody can know");
    assert_eq!(stand.state(&placed).await, OrderState::AwaitingPayment);
    stand.trouble(None);
    stand.rest();
    stand.job(JobName::Reconcile).await;
    assert_eq!(stand.outcomes().await, [Outcome::Paid]);
    // Old as it is, it may be refused; it changes nothing either way.
    let _ = stand.deliver(&delivery).await;
    stand.assert_delivered(&placed).await;
}

pub async fn a_webhook_during_an_outage_is_believed_or_sent_again(stand: &Stand) {
    let (placed, charge) = stand.sale(LatePolicy::Credit).await;
    let delivery = stand.pay(&charge).await;
    stand.trouble(Some(Trouble::Down));
    let told = stand.deliver(&delivery).await;
    let is_paid = stand.state(&placed).await == OrderState::Paid;
    assert_eq!(told.is_ok(), is_paid, "it is taken only when it is settled");
    stand.trouble(None);
    stand.clock.advance(TimeDelta::minutes(2));
    stand.deliver(&delivery).await.unwrap();
    stand.assert_delivered(&placed).await;
}

/// Gives an order up while the gateway fails.
async fn cancelled_in(stand: &Stand, trouble: Trouble) {
    if stand.capabilities().cancel == Support::No {
        return;
    }
    let (placed, charge) = stand.sale(LatePolicy::Credit).await;
    stand.cancel(&placed).await;
    stand.trouble(Some(trouble));
    stand.job(JobName::Outbox).await;
    stand.trouble(None);
    for _ in 0..2 {
        stand.rest();
        stand.job(JobName::Outbox).await;
    }
    let status = stand.gateway().charge_status(&charge).await;
    let open = status.ok().and_then(|status| status.open);
    assert_eq!(open, None, "nobody can pay it any more");
    assert_eq!(stand.side.charges(), 1);
}

pub async fn a_charge_that_could_not_be_cancelled_is_cancelled_later(stand: &Stand) {
    cancelled_in(stand, Trouble::Down).await;
}

pub async fn a_cancellation_whose_reply_was_lost_is_no_failure(stand: &Stand) {
    cancelled_in(stand, Trouble::LostReply).await;
}

/// Sells while the gateway's clock is `ahead` of the shop's.
async fn paid_at_odds(stand: &Stand, ahead: TimeDelta) {
    let (placed, charge) = stand.sale(LatePolicy::Credit).await;
    stand.clock.advance(ahead);
    let delivery = stand.pay(&charge).await;
    stand.clock.advance(-ahead);
    let told = stand.deliver(&delivery).await;
    if ahead.abs() <= TimeDelta::minutes(2) {
        told.unwrap();
        assert_eq!(stand.outcomes().await, [Outcome::Paid]);
    }
    stand.job(JobName::Reconcile).await;
    assert_eq!(stand.outcomes().await, [Outcome::Paid]);
    stand.assert_delivered(&placed).await;
}

pub async fn a_gateway_whose_clock_is_ahead_is_believed(stand: &Stand) {
    paid_at_odds(stand, TimeDelta::minutes(2)).await;
}

pub async fn a_gateway_whose_clock_is_behind_is_believed(stand: &Stand) {
    paid_at_odds(stand, TimeDelta::minutes(-2)).await;
}

pub async fn a_gateway_whose_clock_is_far_behind_loses_no_payment(stand: &Stand) {
    paid_at_odds(stand, TimeDelta::minutes(-20)).await;
}
