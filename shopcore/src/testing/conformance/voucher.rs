//! Cases of vouchers and their uses.

use super::Trial;
use crate::id::{CustomerId, OrderId, VoucherId};
use crate::money::{Currency, Percent};
use crate::order::Order;
use crate::store::{Page, Premise, Rejection, VoucherWrite, Write};
use crate::testing::fixture::idr;
use crate::text::VoucherCode;
use crate::voucher::{Discount, RedemptionState, Scope, Switch, Voucher, VoucherTerms};

async fn voucher(trial: &Trial, uses: u32, per_customer: Option<u32>) -> Voucher {
    let mut voucher = trial.rows.voucher("HEMAT", uses);
    voucher.terms.uses_max_per_customer = per_customer;
    trial
        .apply([VoucherWrite::Add(voucher.clone()).into()])
        .await;
    voucher
}

/// Orders of one customer, and one of another.
async fn orders(trial: &Trial) -> (Vec<Order>, Order) {
    let product = trial.product("KEY", 0).await;
    let (ayu, budi) = (trial.customer("ayu").await, trial.customer("budi").await);
    let mut theirs = Vec::new();
    for _ in 0..2 {
        theirs.push(trial.order(&ayu, &product, 1).await);
    }
    (theirs, trial.order(&budi, &product, 1).await)
}

fn hold(voucher: VoucherId, order: &Order) -> Write {
    let (order, customer) = (order.id, order.customer);
    VoucherWrite::Hold {
        voucher,
        order,
        customer,
    }
    .into()
}

fn take(voucher: VoucherId, order: &Order) -> Write {
    let (order, customer) = (order.id, order.customer);
    VoucherWrite::Take {
        voucher,
        order,
        customer,
    }
    .into()
}

fn redeem(voucher: VoucherId, order: OrderId) -> Write {
    VoucherWrite::Redeem { voucher, order }.into()
}

fn release(voucher: VoucherId, order: OrderId) -> Write {
    VoucherWrite::Release { voucher, order }.into()
}

async fn used(trial: &Trial, voucher: VoucherId) -> (u32, u32) {
    let read = trial.store.get_voucher(trial.shop, voucher).await.unwrap();
    read.map(|voucher| (voucher.held, voucher.redeemed))
        .unwrap()
}

async fn state(trial: &Trial, order: OrderId) -> Option<RedemptionState> {
    let read = trial
        .store
        .find_redemption(trial.shop, order)
        .await
        .unwrap();
    read.map(|redemption| redemption.state)
}

pub async fn a_voucher_keeps_all_of_its_terms(trial: &Trial) {
    let mut voucher = trial.rows.voucher("HEMAT-10", 7);
    voucher.terms = VoucherTerms {
        discount: Discount::Percent(Percent::from_basis_points(1_050).unwrap()),
        scope: Scope::Products(vec![trial.rows.ids.next()]),
        starts_at: Some(trial.rows.now()),
        ends_at: Some(trial.rows.now() + chrono::Duration::microseconds(1)),
        minimum_spend: Some(idr(10_000)),
        maximum_discount: Some(crate::money::Money::new(5, Currency::USD)),
        uses_max: 7,
        uses_max_per_customer: Some(2),
        switch: Switch::Off,
    };
    trial
        .apply([VoucherWrite::Add(voucher.clone()).into()])
        .await;
    let store = &trial.store;
    let by_code = store.find_voucher(trial.shop, &voucher.code).await.unwrap();
    assert_eq!(by_code.as_ref(), Some(&voucher));
    let by_id = store.get_voucher(trial.shop, voucher.id).await.unwrap();
    assert_eq!(by_id, Some(voucher));
    let other = VoucherCode::parse("OTHER").unwrap();
    assert_eq!(store.find_voucher(trial.shop, &other).await.unwrap(), None);
}

pub async fn a_voucher_starts_unused(trial: &Trial) {
    let mut voucher = trial.rows.voucher("HEMAT", 7);
    (voucher.held, voucher.redeemed) = (3, 2);
    trial
        .apply([VoucherWrite::Add(voucher.clone()).into()])
        .await;
    assert_eq!(used(trial, voucher.id).await, (0, 0));
}

pub async fn a_voucher_code_is_taken_once(trial: &Trial) {
    voucher(trial, 1, None).await;
    let again = VoucherWrite::Add(trial.rows.voucher("HEMAT", 1)).into();
    assert_eq!(trial.rejected([again]).await, Rejection::VoucherCodeTaken);
}

pub async fn vouchers_are_listed_by_code(trial: &Trial) {
    for code in ["C", "A", "B"] {
        trial
            .apply([VoucherWrite::Add(trial.rows.voucher(code, 1)).into()])
            .await;
    }
    let page = trial
        .store
        .list_vouchers(trial.shop, Page::first(2))
        .await
        .unwrap();
    let codes: Vec<_> = page.items.iter().map(|v| v.code.as_str()).collect();
    assert_eq!((codes.as_slice(), page.total), (["A", "B"].as_slice(), 3));
}

pub async fn terms_are_replaced_by_version(trial: &Trial) {
    let voucher = voucher(trial, 5, None).await;
    let terms = VoucherTerms::simple(Discount::Fixed(idr(1)), 9);
    let update = |voucher, was| {
        let terms = terms.clone();
        Write::from(VoucherWrite::UpdateTerms {
            voucher,
            terms,
            was,
        })
    };
    trial.apply([update(voucher.id, 1)]).await;
    let read = trial
        .store
        .get_voucher(trial.shop, voucher.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!((read.terms, read.terms_version), (terms.clone(), 2));
    trial.conflicts([update(voucher.id, 1)]).await;
    trial.conflicts([update(trial.rows.ids.next(), 1)]).await;
}

pub async fn terms_below_what_is_used_are_rejected(trial: &Trial) {
    let id = voucher(trial, 5, None).await.id;
    let (orders, other) = orders(trial).await;
    trial.apply([hold(id, &orders[0])]).await;
    trial.apply([hold(id, &orders[1])]).await;
    trial.apply([redeem(id, orders[1].id)]).await;
    trial.apply([hold(id, &other)]).await;
    let update = |uses, per_customer| {
        let mut terms = VoucherTerms::simple(Discount::Fixed(idr(1)), uses);
        terms.uses_max_per_customer = per_customer;
        Write::from(VoucherWrite::UpdateTerms {
            voucher: id,
            terms,
            was: 1,
        })
    };
    let all = trial.rejected([update(2, None)]).await;
    assert_eq!(all, Rejection::VoucherExhausted { voucher: id });
    let one = trial.rejected([update(3, Some(1))]).await;
    assert_eq!(one, Rejection::VoucherExhaustedForCustomer { voucher: id });
    trial.apply([update(3, Some(2))]).await;
}

pub async fn a_held_use_is_redeemed(trial: &Trial) {
    let id = voucher(trial, 5, None).await.id;
    let order = orders(trial).await.1;
    trial.apply([hold(id, &order)]).await;
    assert_eq!(used(trial, id).await, (1, 0));
    assert_eq!(state(trial, order.id).await, Some(RedemptionState::Held));
    trial.conflicts([hold(id, &order)]).await;
    trial.conflicts([take(id, &order)]).await;
    trial.apply([redeem(id, order.id)]).await;
    assert_eq!(used(trial, id).await, (0, 1));
    assert_eq!(
        state(trial, order.id).await,
        Some(RedemptionState::Redeemed)
    );
    trial.conflicts([redeem(id, order.id)]).await;
    trial.conflicts([release(id, order.id)]).await;
    trial.conflicts([take(id, &order)]).await;
}

pub async fn a_released_use_can_only_be_taken(trial: &Trial) {
    let id = voucher(trial, 1, Some(1)).await.id;
    let order = orders(trial).await.1;
    trial.apply([hold(id, &order)]).await;
    trial.apply([release(id, order.id)]).await;
    assert_eq!(used(trial, id).await, (0, 0));
    assert_eq!(
        state(trial, order.id).await,
        Some(RedemptionState::Released)
    );
    trial.conflicts([release(id, order.id)]).await;
    trial.conflicts([redeem(id, order.id)]).await;
    trial.conflicts([hold(id, &order)]).await;
    trial.apply([take(id, &order)]).await;
    assert_eq!(used(trial, id).await, (0, 1));
    assert_eq!(
        state(trial, order.id).await,
        Some(RedemptionState::Redeemed)
    );
}

pub async fn a_use_is_taken_at_once(trial: &Trial) {
    let id = voucher(trial, 1, None).await.id;
    let order = orders(trial).await.1;
    trial.apply([take(id, &order)]).await;
    assert_eq!(used(trial, id).await, (0, 1));
}

pub async fn a_use_belongs_to_its_voucher(trial: &Trial) {
    let id = voucher(trial, 1, None).await.id;
    let other = trial.rows.voucher("OTHER", 1);
    trial.apply([VoucherWrite::Add(other.clone()).into()]).await;
    let order = orders(trial).await.1;
    trial.apply([hold(id, &order)]).await;
    trial.conflicts([redeem(other.id, order.id)]).await;
    trial.conflicts([release(other.id, order.id)]).await;
}

pub async fn an_exhausted_voucher_is_rejected(trial: &Trial) {
    let id = voucher(trial, 1, None).await.id;
    let (orders, other) = orders(trial).await;
    trial.apply([hold(id, &orders[0])]).await;
    let exhausted = Rejection::VoucherExhausted { voucher: id };
    assert_eq!(trial.rejected([hold(id, &other)]).await, exhausted);
    assert_eq!(trial.rejected([take(id, &other)]).await, exhausted);
    trial.apply([release(id, orders[0].id)]).await;
    trial.apply([hold(id, &other)]).await;
    assert_eq!(trial.rejected([take(id, &orders[0])]).await, exhausted);
}

pub async fn a_customer_uses_a_voucher_as_often_as_allowed(trial: &Trial) {
    let id = voucher(trial, 9, Some(1)).await.id;
    let (orders, other) = orders(trial).await;
    trial.apply([hold(id, &orders[0])]).await;
    let exhausted = Rejection::VoucherExhaustedForCustomer { voucher: id };
    assert_eq!(trial.rejected([hold(id, &orders[1])]).await, exhausted);
    assert_eq!(trial.rejected([take(id, &orders[1])]).await, exhausted);
    trial.apply([hold(id, &other)]).await;
    trial.apply([release(id, orders[0].id)]).await;
    trial.apply([take(id, &orders[1])]).await;
    assert_eq!(trial.rejected([take(id, &orders[0])]).await, exhausted);
}

pub async fn a_use_needs_its_order_customer_and_voucher(trial: &Trial) {
    let id = voucher(trial, 9, None).await.id;
    let order = orders(trial).await.1;
    let ghost = Order {
        id: trial.rows.ids.next(),
        ..order.clone()
    };
    assert_eq!(
        trial.rejected([hold(id, &ghost)]).await,
        Rejection::Dangling
    );
    assert_eq!(
        trial.rejected([take(id, &ghost)]).await,
        Rejection::Dangling
    );
    let stranger = Order {
        customer: trial.rows.ids.next::<CustomerId>(),
        ..order.clone()
    };
    assert_eq!(
        trial.rejected([hold(id, &stranger)]).await,
        Rejection::Dangling
    );
    let unknown: VoucherId = trial.rows.ids.next();
    assert_eq!(
        trial.rejected([hold(unknown, &order)]).await,
        Rejection::Dangling
    );
}

pub async fn a_premise_on_terms_holds_or_conflicts(trial: &Trial) {
    let id = voucher(trial, 1, None).await.id;
    let order = orders(trial).await.1;
    let premise = |voucher, version| {
        let mut batch = trial.batch();
        batch.require(Premise::VoucherTerms { voucher, version });
        batch
    };
    trial.apply([hold(id, &order)]).await;
    trial.commit(premise(id, 1)).await.unwrap();
    trial.conflicts_whole(premise(id, 2)).await;
    trial
        .conflicts_whole(premise(trial.rows.ids.next(), 1))
        .await;
}
