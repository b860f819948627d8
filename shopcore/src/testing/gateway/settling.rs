//! What becomes of a payment: the rows of the settlement table.

use super::{Delivery, Stand};
use crate::catalog::LatePolicy;
use crate::gateway::{ChargeRequest, OpenCharge, VerifiedWebhook};
use crate::invoice::{Charge, InvoiceState, Outcome, Reference};
use crate::jobs::JobName;
use crate::money::Money;
use crate::order::OrderState;
use crate::review::CaseReason;
use crate::service::Placed;
use crate::store::Page;
use crate::testing::fixture::open_charge;

fn of(amount: Money, minor: i64) -> Money {
    Money::new(minor, amount.currency())
}

async fn assert_case(stand: &Stand, reason: CaseReason) {
    let cases = stand.shop.reviews().list(Page::first(2)).await.unwrap();
    let reasons: Vec<_> = cases.items.iter().map(|case| case.reason).collect();
    assert_eq!(reasons, [reason], "one case is open");
}

pub async fn an_exact_payment_is_delivered_once(stand: &Stand) {
    let (placed, charge) = stand.sale(LatePolicy::Credit).await;
    assert!(charge.pay_with.is_some(), "it tells how it is paid");
    assert!(charge.payable.minor() >= charge.asked.minor());
    let delivery = stand.pay(&charge).await;
    assert_eq!(stand.state(&placed).await, OrderState::AwaitingPayment);
    stand.deliver(&delivery).await.unwrap();
    assert_eq!(stand.outcomes().await, [Outcome::Paid]);
    stand.assert_delivered(&placed).await;
    assert_eq!(stand.side.charges(), 1);
}

pub async fn a_deposit_fills_the_wallet(stand: &Stand) {
    let customer = stand.customer().await;
    let (checkout, amount) = (stand.shop.checkout(), stand.price());
    let deposit = checkout.deposit(customer.id, amount, stand.request()).await;
    let name = stand.gateway().name();
    let charge = checkout.charge(deposit.unwrap().id, name).await.unwrap();
    let delivery = stand.pay(&charge).await;
    stand.deliver(&delivery).await.unwrap();
    let wallet = stand.shop.wallet().balance(customer.id).await.unwrap();
    assert_eq!(wallet, amount, "the gateway's fee is not worth anything");
}

/// Pays a half; gives what that is worth.
async fn pay_half(stand: &Stand, placed: &Placed, charge: &Charge) -> Money {
    let half = of(charge.payable, charge.payable.minor() / 2);
    let delivery = stand.side.pay(charge, half).await;
    stand.deliver(&delivery).await.unwrap();
    stand.deliver(&delivery).await.unwrap();
    assert_eq!(stand.outcomes().await, [Outcome::Partial]);
    let view = stand.view(placed).await;
    assert_eq!(view.invoice.received, charge.value_of(half).unwrap());
    view.invoice.received
}

pub async fn a_short_payment_is_kept_and_the_rest_is_asked_for(stand: &Stand) {
    if !stand.takes_any_amount() {
        return;
    }
    let (placed, charge) = stand.sale(LatePolicy::Credit).await;
    let received = pay_half(stand, &placed, &charge).await;
    let rest = stand.open_charge(&placed).await;
    assert_eq!(rest.covers.checked_add(received), Ok(stand.price()));
    stand.job(JobName::Outbox).await;
    let delivery = stand.pay(&rest).await;
    stand.deliver(&delivery).await.unwrap();
    assert_eq!(stand.outcomes().await, [Outcome::Partial, Outcome::Paid]);
    stand.job(JobName::Outbox).await;
    assert_eq!(stand.state(&placed).await, OrderState::Delivered);
    assert_eq!(stand.wallet(&placed).await, 0);
}

pub async fn a_short_payment_is_credited_when_the_invoice_expires(stand: &Stand) {
    if !stand.takes_any_amount() {
        return;
    }
    let (placed, charge) = stand.sale(LatePolicy::Deliver).await;
    let received = pay_half(stand, &placed, &charge).await;
    stand.expire().await;
    assert_eq!(stand.state(&placed).await, OrderState::Expired);
    assert_eq!(stand.wallet(&placed).await, received.minor());
}

pub async fn what_is_paid_too_much_is_credited(stand: &Stand) {
    if !stand.takes_any_amount() {
        return;
    }
    let (placed, charge) = stand.sale(LatePolicy::Credit).await;
    let excess = 7;
    let more = of(charge.payable, charge.payable.minor() + excess);
    let delivery = stand.side.pay(&charge, more).await;
    stand.deliver(&delivery).await.unwrap();
    assert_eq!(stand.outcomes().await, [Outcome::PaidWithExcess]);
    assert_eq!(stand.wallet(&placed).await, excess);
    stand.job(JobName::Outbox).await;
    assert_eq!(stand.state(&placed).await, OrderState::Delivered);
}

/// A customer pays in time, and the webhook comes when the order has expired.
async fn pay_late(stand: &Stand, late: LatePolicy) -> (Placed, Delivery) {
    let (placed, charge) = stand.sale(late).await;
    let delivery = stand.pay(&charge).await;
    stand.expire().await;
    assert_eq!(stand.state(&placed).await, OrderState::Expired);
    (placed, delivery)
}

/// Brings the webhook of a late payment, twice.
async fn bring_late(stand: &Stand, delivery: &Delivery, placed: &Placed, outcome: Outcome) {
    for _ in 0..2 {
        // One that proves its age is refused; asking finds the payment then.
        let _ = stand.deliver(delivery).await;
        let asked = stand.shop.settlement().check(placed.invoice.id).await;
        asked.unwrap();
    }
    assert_eq!(stand.outcomes().await, [outcome]);
}

pub async fn a_late_payment_is_delivered_where_the_product_says_so(stand: &Stand) {
    let (placed, delivery) = pay_late(stand, LatePolicy::Deliver).await;
    bring_late(stand, &delivery, &placed, Outcome::LateDelivered).await;
    assert_eq!(stand.view(&placed).await.invoice.state, InvoiceState::Paid);
    stand.assert_delivered(&placed).await;
}

pub async fn a_late_payment_is_credited_where_the_product_says_so(stand: &Stand) {
    let (placed, delivery) = pay_late(stand, LatePolicy::Credit).await;
    bring_late(stand, &delivery, &placed, Outcome::LateCredited).await;
    assert_eq!(stand.wallet(&placed).await, stand.price().minor());
    assert_eq!(stand.state(&placed).await, OrderState::Expired);
}

pub async fn a_late_payment_waits_for_a_person_where_the_product_says_so(stand: &Stand) {
    let (placed, delivery) = pay_late(stand, LatePolicy::Review).await;
    bring_late(stand, &delivery, &placed, Outcome::Review).await;
    assert_case(stand, CaseReason::LatePayment).await;
    assert_eq!(stand.wallet(&placed).await, 0);
}

pub async fn a_late_payment_of_what_is_sold_out_is_credited(stand: &Stand) {
    let product = stand.product(LatePolicy::Deliver, 1).await;
    let placed = stand.order(product).await;
    let charge = stand.charge(&placed).await;
    let delivery = stand.pay(&charge).await;
    stand.expire().await;
    stand.order(product).await;
    assert_eq!(stand.available(product).await, 0);
    bring_late(stand, &delivery, &placed, Outcome::LateCredited).await;
    assert_eq!(stand.wallet(&placed).await, stand.price().minor());
}

pub async fn a_payment_of_a_cancelled_order_follows_the_policy(stand: &Stand) {
    for (late, outcome) in [
        (LatePolicy::Deliver, Outcome::LateDelivered),
        (LatePolicy::Credit, Outcome::LateCredited),
        (LatePolicy::Review, Outcome::Review),
    ] {
        let (placed, charge) = stand.sale(late).await;
        let delivery = stand.pay(&charge).await;
        stand.cancel(&placed).await;
        stand.job(JobName::Outbox).await;
        stand.deliver(&delivery).await.unwrap();
        stand.deliver(&delivery).await.unwrap();
        let payments = stand.payments().await;
        let ours = payments
            .iter()
            .filter(|payment| payment.invoice == Some(placed.invoice.id));
        assert_eq!(ours.map(|p| p.outcome).collect::<Vec<_>>(), [outcome]);
    }
}

pub async fn a_payment_in_another_currency_waits_for_a_person(stand: &Stand) {
    let ours = stand.shop.currency();
    let mut currencies = stand.capabilities().currencies.iter();
    let Some(other) = currencies.find(|currency| **currency != ours) else {
        return;
    };
    if !stand.takes_any_amount() {
        return;
    }
    let (placed, charge) = stand.sale(LatePolicy::Credit).await;
    let foreign = Money::new(charge.payable.minor(), *other);
    let delivery = stand.side.pay(&charge, foreign).await;
    stand.deliver(&delivery).await.unwrap();
    assert_eq!(stand.outcomes().await, [Outcome::Review]);
    assert_case(stand, CaseReason::WrongCurrency).await;
    assert_eq!(stand.state(&placed).await, OrderState::AwaitingPayment);
}

/// A charge that the gateway has, and that the shop knows nothing about.
async fn strange_charge(stand: &Stand) -> Charge {
    let gateway = stand.gateway();
    let request = ChargeRequest {
        reference: Reference::parse("another-program-1").unwrap(),
        amount: stand.price(),
        description: "something else".to_owned(),
        expires_at: stand.shop.now() + chrono::TimeDelta::hours(1),
    };
    let OpenCharge {
        id,
        payable,
        pay_with,
    } = gateway.create_charge(&request).await.unwrap();
    Charge {
        gateway_id: id,
        payable,
        pay_with: Some(pay_with),
        created_at: stand.shop.now(),
        ..open_charge(gateway.name(), request.reference.as_str(), request.amount)
    }
}

pub async fn a_payment_of_an_unknown_reference_is_kept_where_it_is_vouched_for(stand: &Stand) {
    let charge = strange_charge(stand).await;
    let delivery = stand.pay(&charge).await;
    stand.deliver(&delivery).await.unwrap();
    match stand.gateway().verify_webhook(delivery.request()).unwrap() {
        VerifiedWebhook::Payments(payments) => {
            assert_eq!(payments.len(), 1);
            assert_eq!(stand.outcomes().await, [Outcome::Review]);
            assert_case(stand, CaseReason::UnknownReference).await;
        }
        // Nobody vouches for a reference that the shop never gave.
        VerifiedWebhook::Ask(_) => assert!(stand.outcomes().await.is_empty()),
    }
}
