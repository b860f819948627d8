//! Cases of refunds.

use super::Trial;
use crate::money::{Currency, Money};
use crate::order::{Order, OrderState};
use crate::refund::{Refund, RefundState, RefundWay};
use crate::review::CaseReason;
use crate::store::{OrderWrite, RefundFilter, RefundWrite, Rejection, ReviewWrite, Write};
use crate::testing::fixture::idr;
use crate::text::Reason;

fn refund(trial: &Trial, order: &Order) -> Refund {
    Refund {
        id: trial.rows.ids.next(),
        order: Some(order.id),
        payment: None,
        case: None,
        customer: Some(order.customer),
        value: idr(7),
        amount: Money::new(3, Currency::XTR),
        way: RefundWay::Gateway,
        state: RefundState::Requested,
        reason: Some(Reason::parse("it did not work").unwrap()),
        requested_at: trial.rows.now(),
        ended_at: None,
    }
}

fn add(refund: &Refund) -> Write {
    RefundWrite::Add(refund.clone()).into()
}

async fn found(trial: &Trial, filter: RefundFilter) -> Vec<Refund> {
    let listed = trial.store.list_refunds(trial.shop, filter).await;
    listed.unwrap()
}

pub async fn a_refund_is_found_by_what_it_is_about(trial: &Trial) {
    let (_, order) = trial.sale(0, 1).await;
    let invoice = trial.invoice(&order).await;
    let charge = trial.charge(&invoice, "ref").await;
    let payment = trial.payment(&charge, "event").await;
    let case = trial.rows.case(CaseReason::Payout);
    let mut full = refund(trial, &order);
    (full.payment, full.case) = (Some(payment.id), Some(case.id));
    let mut bare = refund(trial, &order);
    (bare.order, bare.customer, bare.reason) = (None, None, None);
    let opened = ReviewWrite::Open(case.clone()).into();
    trial.apply([add(&full), opened, add(&bare)]).await;
    for filter in [
        RefundFilter::Order(order.id),
        RefundFilter::Payment(payment.id),
        RefundFilter::Case(case.id),
    ] {
        assert_eq!(found(trial, filter).await, [full.clone()]);
    }
    let other = RefundFilter::Order(trial.rows.ids.next());
    assert_eq!(found(trial, other).await, []);
    let read = trial.store.find_refund(trial.shop, bare.id).await.unwrap();
    assert_eq!(read.as_ref(), Some(&bare));
    assert_eq!(trial.snapshot().await.refunds, [full, bare]);
    let of_invoice = trial.store.list_payments_of(trial.shop, invoice.id).await;
    assert_eq!(of_invoice.unwrap(), [payment]);
}

pub async fn a_refund_ends_once(trial: &Trial) {
    let (_, order) = trial.sale(0, 1).await;
    for to in [RefundState::Done, RefundState::Failed] {
        let refund = refund(trial, &order);
        trial.apply([add(&refund)]).await;
        trial.clock.advance(chrono::Duration::seconds(1));
        let end = |refund, to| Write::from(RefundWrite::End { refund, to });
        trial
            .conflicts([end(refund.id, RefundState::Requested)])
            .await;
        trial.apply([end(refund.id, to)]).await;
        let read = trial
            .store
            .find_refund(trial.shop, refund.id)
            .await
            .unwrap();
        let expected = Refund {
            state: to,
            ended_at: Some(trial.rows.now()),
            ..refund.clone()
        };
        assert_eq!(read, Some(expected));
        trial.conflicts([end(refund.id, RefundState::Done)]).await;
        trial.conflicts([end(trial.rows.ids.next(), to)]).await;
    }
}

pub async fn a_refund_needs_what_it_names(trial: &Trial) {
    let (_, order) = trial.sale(0, 1).await;
    let ids = &trial.rows.ids;
    let fresh = || refund(trial, &order);
    let mut dangling = [fresh(), fresh(), fresh(), fresh()];
    dangling[0].order = Some(ids.next());
    dangling[1].payment = Some(ids.next());
    dangling[2].case = Some(ids.next());
    dangling[3].customer = Some(ids.next());
    for refund in dangling {
        assert_eq!(trial.rejected([add(&refund)]).await, Rejection::Dangling);
    }
}

pub async fn an_order_counts_what_is_given_back_up_to_its_total(trial: &Trial) {
    let product = trial.product("KEY", 0).await;
    let customer = trial.customer("ayu").await;
    let mut order = trial
        .rows
        .order(&customer, vec![trial.rows.line(&product, 1)]);
    order.state = OrderState::Delivered;
    trial.apply([super::place(&order)]).await;
    let total = order.totals.total.minor();
    let count = |from, to, was, refunded| {
        Write::from(OrderWrite::Refund {
            order: order.id,
            from,
            to,
            was: idr(was),
            refunded: idr(refunded),
        })
    };
    let (delivered, refunded) = (OrderState::Delivered, OrderState::Refunded);
    trial.clock.advance(chrono::Duration::seconds(1));
    trial
        .conflicts([count(delivered, delivered, 0, total + 1)])
        .await;
    trial
        .conflicts([count(OrderState::Paid, refunded, 0, total)])
        .await;
    trial
        .conflicts([count(delivered, OrderState::Paid, 0, 1)])
        .await;
    trial.apply([count(delivered, delivered, 0, 1)]).await;
    let read = async || trial.store.find_order(trial.shop, order.id).await.unwrap();
    let expected = Order {
        refunded: idr(1),
        ..order.clone()
    };
    assert_eq!(
        read().await,
        Some(expected.clone()),
        "the move's time stays"
    );
    trial.conflicts([count(delivered, delivered, 0, 2)]).await;
    trial.apply([count(delivered, refunded, 1, total)]).await;
    let expected = Order {
        refunded: order.totals.total,
        state: refunded,
        changed_at: trial.rows.now(),
        ..expected
    };
    assert_eq!(read().await, Some(expected));
}

pub async fn payments_through_a_gateway_are_listed_by_when_they_were_recorded(trial: &Trial) {
    let (_, order) = trial.sale(0, 1).await;
    let invoice = trial.invoice(&order).await;
    let charge = trial.charge(&invoice, "ref").await;
    let mut times = Vec::new();
    let mut payments = Vec::new();
    for event in ["a", "b", "c"] {
        trial.clock.advance(chrono::Duration::seconds(10));
        times.push(trial.rows.now());
        payments.push(trial.payment(&charge, event).await);
    }
    let through = async |gateway: &str, from: usize, to: usize| {
        let gateway = crate::invoice::GatewayName::parse(gateway).unwrap();
        let (store, shop) = (&trial.store, trial.shop);
        let listed = store.list_payments_through(shop, &gateway, times[from], times[to]);
        listed.await.unwrap()
    };
    let name = charge.gateway.as_str();
    assert_eq!(through(name, 0, 2).await, payments[..2]);
    assert_eq!(through(name, 1, 2).await, payments[1..2]);
    assert_eq!(through("other", 0, 2).await, []);
}
