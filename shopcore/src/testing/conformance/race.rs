//! Cases of many at once: guards hold, and whoever loses is told why.

use std::sync::Arc;

use super::{Trial, hold, place};
use crate::ledger::Account;
use crate::order::OrderState;
use crate::store::{Applied, Batch, CommitError, OrderWrite, Rejection, VoucherWrite, Write};
use crate::testing::fixture::idr;

/// Commits all batches at once; how many were applied, and why the others were not.
async fn race(trial: &Trial, batches: Vec<Batch>) -> (usize, Vec<CommitError>) {
    let tasks: Vec<_> = batches
        .into_iter()
        .map(|batch| {
            let store = Arc::clone(&trial.store);
            tokio::spawn(async move { store.commit(Arc::new(batch)).await })
        })
        .collect();
    let (mut won, mut lost) = (0, Vec::new());
    for task in tasks {
        match task.await.unwrap() {
            Ok(Applied::Now) => won += 1,
            Ok(Applied::Before) => {}
            Err(error) => lost.push(error),
        }
    }
    (won, lost)
}

pub async fn fifty_buyers_of_one_unit(trial: &Trial) {
    let product = trial.product("KEY", 1).await;
    let customer = trial.customer("ayu").await;
    let orders = (0..50).map(|_| {
        let line = trial.rows.line(&product, 1);
        trial.rows.order(&customer, vec![line])
    });
    let batches = orders.map(|order| trial.batch_of([place(&order), hold(&order)]));
    let (won, lost) = race(trial, batches.collect()).await;
    assert_eq!((won, lost.len()), (1, 49));
    let product = product.id;
    for error in lost {
        let expected = Rejection::OutOfStock {
            product,
            available: 0,
        };
        assert!(matches!(error, CommitError::Rejected(why) if why == expected));
    }
    assert_eq!(trial.snapshot().await.orders.len(), 1);
}

pub async fn two_hundred_tries_of_a_voucher_with_five_uses(trial: &Trial) {
    let product = trial.product("KEY", 0).await;
    let customer = trial.customer("ayu").await;
    let voucher = trial.rows.voucher("HEMAT", 5);
    trial
        .apply([VoucherWrite::Add(voucher.clone()).into()])
        .await;
    let id = voucher.id;
    let batches = (0..200).map(|_| {
        let order = trial
            .rows
            .order(&customer, vec![trial.rows.line(&product, 1)]);
        let (order_id, customer) = (order.id, order.customer);
        let hold = VoucherWrite::Hold {
            voucher: id,
            order: order_id,
            customer,
        };
        trial.batch_of([place(&order), hold.into()])
    });
    let (won, lost) = race(trial, batches.collect()).await;
    assert_eq!((won, lost.len()), (5, 195));
    for error in lost {
        let expected = Rejection::VoucherExhausted { voucher: id };
        assert!(matches!(error, CommitError::Rejected(why) if why == expected));
    }
    let snapshot = trial.snapshot().await;
    assert_eq!(
        (snapshot.vouchers[0].held, snapshot.redemptions.len()),
        (5, 5)
    );
}

pub async fn twenty_purchases_from_a_wallet_for_one(trial: &Trial) {
    let customer = trial.customer("ayu").await.id;
    let wallet = || Account::Wallet(customer);
    let credit = trial.rows.transfer(Account::Adjustments, wallet(), idr(10));
    trial.apply([credit.into()]).await;
    let batches = (0..20).map(|_| {
        let debit = trial.rows.transfer(wallet(), Account::Sales, idr(10));
        trial.batch_of([debit.into()])
    });
    let (won, lost) = race(trial, batches.collect()).await;
    assert_eq!((won, lost.len()), (1, 19));
    for error in lost {
        let balance = idr(0);
        let expected = Rejection::InsufficientFunds { customer, balance };
        assert!(matches!(error, CommitError::Rejected(why) if why == expected));
    }
}

pub async fn eight_who_send_the_same_batch(trial: &Trial) {
    let (_, order) = trial.sale(9, 1).await;
    let batch = trial.batch_of([hold(&order)]);
    let (won, lost) = race(trial, vec![batch; 8]).await;
    assert_eq!((won, lost.len()), (1, 0));
    assert_eq!(trial.snapshot().await.shown[0].1, 8);
}

pub async fn payment_and_expiry_of_one_order(trial: &Trial) {
    let product = trial.product("KEY", 0).await;
    let customer = trial.customer("ayu").await;
    for _ in 0..20 {
        let order = trial.order(&customer, &product, 1).await.id;
        let step = |to| {
            let from = OrderState::AwaitingPayment;
            trial.batch_of([Write::from(OrderWrite::Move { order, from, to })])
        };
        let steps = vec![step(OrderState::Paid), step(OrderState::Expired)];
        let (won, lost) = race(trial, steps).await;
        assert_eq!(won, 1);
        assert!(matches!(lost[..], [CommitError::Conflict]));
    }
}

pub async fn what_was_committed_is_read(trial: &Trial) {
    let tasks = (0..32).map(|number: u32| {
        let trial = trial.clone();
        tokio::spawn(async move {
            let customer = trial.customer(&format!("c{number}")).await;
            let (store, shop) = (&trial.store, trial.shop);
            let read = store.get_customer(shop, customer.id).await.unwrap();
            assert_eq!(read, Some(customer));
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.unwrap();
    }
}
