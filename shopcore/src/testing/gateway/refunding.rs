//! Money that goes back: whole and in parts, once, whatever fails.

use super::{Stand, Trouble};
use crate::audit::Actor;
use crate::catalog::LatePolicy;
use crate::gateway::{GatewayError, RefundProgress, RefundRequest, Support};
use crate::id::RefundId;
use crate::invoice::Charge;
use crate::jobs::JobName;
use crate::money::Money;
use crate::order::OrderState;
use crate::refund::{RefundState, RefundWay};
use crate::service::{NewRefund, Placed};
use crate::text::Reason;

/// How often a gateway that decides later is asked at most.
const PATIENCE: u32 = 10;

/// An order that was paid and delivered.
async fn sold(stand: &Stand) -> (Placed, Charge) {
    let (placed, charge) = stand.sale(LatePolicy::Credit).await;
    let delivery = stand.pay(&charge).await;
    stand.deliver(&delivery).await.unwrap();
    stand.assert_delivered(&placed).await;
    (placed, charge)
}

async fn request(stand: &Stand, placed: &Placed, value: Option<Money>) {
    let wanted = NewRefund {
        order: placed.order.id,
        value,
        way: None,
        reason: Reason::parse("it did not work").unwrap(),
        request: stand.shop.new_request(),
    };
    let refunds = stand.shop.refunds();
    refunds.request(&Actor::Operator, &wanted).await.unwrap();
}

/// Runs the outbox until no refund is on its way.
async fn follow(stand: &Stand) {
    for _ in 0..PATIENCE {
        stand.job(JobName::Outbox).await;
        let refunds = stand.snapshot().await.refunds;
        if refunds.iter().all(|r| r.state != RefundState::Requested) {
            return;
        }
        stand.rest();
    }
    panic!("a refund is on its way for ever");
}

/// Ends the case unless everything that was paid for the order has gone back through the gateway,
/// once.
async fn assert_given_back(stand: &Stand, placed: &Placed, charge: &Charge) {
    follow(stand).await;
    let refunds = stand.snapshot().await.refunds;
    let way = |refund: &crate::refund::Refund| (refund.way, refund.state);
    let done = (RefundWay::Gateway, RefundState::Done);
    assert!(refunds.iter().all(|r| way(r) == done), "{refunds:?}");
    assert_eq!(stand.side.refunded(), charge.payable.minor());
    assert_eq!(stand.state(placed).await, OrderState::Refunded);
    assert_eq!(stand.wallet(placed).await, 0);
    stand.rest();
    stand.job(JobName::Outbox).await;
    assert_eq!(stand.side.refunded(), charge.payable.minor());
}

fn gives_back(stand: &Stand) -> bool {
    stand.capabilities().refund == Support::Yes
}

pub async fn an_order_is_given_back_whole(stand: &Stand) {
    if !gives_back(stand) {
        return;
    }
    let (placed, charge) = sold(stand).await;
    request(stand, &placed, None).await;
    assert_given_back(stand, &placed, &charge).await;
}

pub async fn an_order_is_given_back_in_parts(stand: &Stand) {
    if !gives_back(stand) {
        return;
    }
    let (placed, charge) = sold(stand).await;
    let price = stand.price();
    let part = Money::new(price.minor() / 2, price.currency());
    request(stand, &placed, Some(part)).await;
    follow(stand).await;
    assert_eq!(stand.state(&placed).await, OrderState::Delivered);
    let first = stand.side.refunded();
    assert!(first >= part.minor() && first < charge.payable.minor());
    request(stand, &placed, None).await;
    assert_given_back(stand, &placed, &charge).await;
}

pub async fn a_refund_whose_reply_was_lost_is_made_once(stand: &Stand) {
    refunded_in(stand, Trouble::LostReply).await;
}

pub async fn a_refund_waits_for_a_gateway_that_is_down(stand: &Stand) {
    refunded_in(stand, Trouble::Down).await;
}

async fn refunded_in(stand: &Stand, trouble: Trouble) {
    if !gives_back(stand) {
        return;
    }
    let (placed, charge) = sold(stand).await;
    request(stand, &placed, None).await;
    stand.trouble(Some(trouble));
    for _ in 0..2 {
        stand.job(JobName::Outbox).await;
        stand.rest();
    }
    stand.trouble(None);
    assert_given_back(stand, &placed, &charge).await;
}

/// A refund of all of a charge, as the gateway is asked for it.
async fn asked(stand: &Stand, charge: &Charge) -> RefundRequest {
    let payment = stand.payments().await.remove(0);
    RefundRequest {
        refund: stand.shop.ids().next::<RefundId>(),
        reference: charge.reference.clone(),
        gateway_id: charge.gateway_id.clone(),
        payment: payment.event,
        amount: payment.amount,
    }
}

pub async fn a_refund_that_is_asked_for_twice_is_made_once(stand: &Stand) {
    if !gives_back(stand) {
        return;
    }
    let (_, charge) = sold(stand).await;
    let request = asked(stand, &charge).await;
    for _ in 0..PATIENCE {
        match stand.gateway().refund(&request).await.unwrap() {
            RefundProgress::Done => break,
            RefundProgress::Pending => stand.rest(),
        }
    }
    let again = stand.gateway().refund(&request).await.unwrap();
    assert_eq!(again, RefundProgress::Done);
    assert_eq!(stand.side.refunded(), charge.payable.minor());
}

pub async fn no_more_is_given_back_than_was_paid(stand: &Stand) {
    if !gives_back(stand) {
        return;
    }
    let (_, charge) = sold(stand).await;
    let request = asked(stand, &charge).await;
    let more = Money::new(request.amount.minor() + 1, request.amount.currency());
    let request = RefundRequest {
        amount: more,
        ..request
    };
    let refused = stand.gateway().refund(&request).await;
    assert!(
        matches!(refused, Err(GatewayError::Refused(_))),
        "{refused:?}"
    );
    assert_eq!(stand.side.refunded(), 0);
}

pub async fn what_a_gateway_does_not_send_back_goes_to_the_wallet(stand: &Stand) {
    if gives_back(stand) {
        return;
    }
    let (placed, charge) = sold(stand).await;
    let request_of_it = asked(stand, &charge).await;
    let refused = stand.gateway().refund(&request_of_it).await;
    assert!(matches!(refused, Err(GatewayError::Unsupported)));
    request(stand, &placed, None).await;
    follow(stand).await;
    assert_eq!(stand.wallet(&placed).await, stand.price().minor());
    assert_eq!(stand.state(&placed).await, OrderState::Refunded);
}
