//! Cases of corrections of what is counted along the way.

use super::Trial;
use crate::ledger::Account;
use crate::money::{Currency, Money};
use crate::order::OrderState;
use crate::refund::{Refund, RefundState, RefundWay};
use crate::store::{OrderWrite, RecountWrite, RefundWrite, VoucherWrite, Write};
use crate::testing::fixture::idr;
use crate::voucher::Uses;

pub async fn uses_are_recounted_from_their_rows(trial: &Trial) {
    let voucher = trial.rows.voucher("HEMAT", 5);
    let product = trial.product("KEY", 0).await;
    let customer = trial.customer("ayu").await;
    let mut orders = Vec::new();
    for _ in 0..3 {
        orders.push(trial.order(&customer, &product, 1).await.id);
    }
    trial
        .apply([VoucherWrite::Add(voucher.clone()).into()])
        .await;
    let (voucher, customer) = (voucher.id, customer.id);
    for order in orders.iter().copied() {
        let hold = VoucherWrite::Hold {
            voucher,
            order,
            customer,
        };
        trial.apply([hold.into()]).await;
    }
    let (order, released) = (orders[0], orders[1]);
    let redeem = VoucherWrite::Redeem { voucher, order };
    let order = released;
    let release = VoucherWrite::Release { voucher, order };
    trial.apply([redeem.into()]).await;
    trial.apply([release.into()]).await;
    let count = |held, redeemed| Uses { held, redeemed };
    let recount = |voucher, was, to| Write::from(RecountWrite::Voucher { voucher, was, to });
    let right = count(1, 1);
    for wrong in [count(2, 1), count(1, 0), count(1, 2), count(0, 1)] {
        trial.conflicts([recount(voucher, wrong, right)]).await;
        trial.conflicts([recount(voucher, right, wrong)]).await;
    }
    let unknown = trial.rows.ids.next();
    trial.conflicts([recount(unknown, right, right)]).await;
    trial.apply([recount(voucher, right, right)]).await;
    let read = trial.store.get_voucher(trial.shop, voucher).await.unwrap();
    assert_eq!(read.map(|voucher| voucher.uses()), Some(right));
}

pub async fn a_wallet_is_recounted_from_its_entries(trial: &Trial) {
    let ayu = trial.customer("ayu").await.id;
    let budi = trial.customer("budi").await.id;
    for (customer, amount) in [(ayu, idr(500)), (ayu, idr(70)), (budi, idr(3))] {
        let wallet = Account::Wallet(customer);
        let transfer = trial.rows.transfer(Account::Adjustments, wallet, amount);
        trial.apply([transfer.into()]).await;
    }
    let recount = |was: Money, to: Money| {
        let customer = ayu;
        Write::from(RecountWrite::Wallet { customer, was, to })
    };
    let right = idr(570);
    for wrong in [idr(500), idr(573), idr(0)] {
        trial.conflicts([recount(wrong, right)]).await;
        trial.conflicts([recount(right, wrong)]).await;
    }
    let dollars = |minor| Money::new(minor, Currency::USD);
    trial.conflicts([recount(dollars(0), dollars(5))]).await;
    trial.conflicts([recount(dollars(5), dollars(0))]).await;
    trial.apply([recount(right, right)]).await;
    let balance = trial.store.balance(trial.shop, ayu, Currency::IDR).await;
    assert_eq!(balance.unwrap(), right);
}

pub async fn an_order_recounts_its_refunds(trial: &Trial) {
    let product = trial.product("KEY", 0).await;
    let customer = trial.customer("ayu").await;
    let line = trial.rows.line(&product, 1);
    let mut order = trial.rows.order(&customer, vec![line]);
    order.state = OrderState::Delivered;
    trial.apply([super::place(&order)]).await;
    for (state, value) in [
        (RefundState::Done, 3),
        (RefundState::Requested, 4),
        (RefundState::Failed, 5),
    ] {
        let refund = Refund {
            id: trial.rows.ids.next(),
            order: Some(order.id),
            payment: None,
            case: None,
            customer: None,
            value: idr(value),
            amount: idr(value),
            way: RefundWay::Gateway,
            state,
            reason: None,
            requested_at: trial.rows.now(),
            ended_at: None,
        };
        trial.apply([RefundWrite::Add(refund).into()]).await;
    }
    let count = OrderWrite::Refund {
        order: order.id,
        from: OrderState::Delivered,
        to: OrderState::Delivered,
        was: idr(0),
        refunded: idr(9),
    };
    trial.apply([count.into()]).await;
    let recount = |was, to| {
        let (order, was, to) = (order.id, idr(was), idr(to));
        Write::from(RecountWrite::Order { order, was, to })
    };
    trial.conflicts([recount(7, 7)]).await;
    for wrong in [0, 3, 9, 12] {
        trial.conflicts([recount(9, wrong)]).await;
    }
    trial.apply([recount(9, 7)]).await;
    let read = trial.store.find_order(trial.shop, order.id).await.unwrap();
    assert_eq!(read.map(|order| order.refunded), Some(idr(7)));
    trial.conflicts([recount(9, 7)]).await;
}
