//! Batches that PostgreSQL commits together: a refused one costs the others nothing, and two
//! processes, or a lost connection, change nothing of that.

use std::sync::Arc;

use shopcore::backend::postgres::{PostgresOptions, PostgresStore};
use shopcore::ledger::Account;
use shopcore::order::{Order, OrderState};
use shopcore::store::{
    Applied, Batch, CommitError, OrderWrite, Rejection, Store, VoucherWrite, Write,
};
use shopcore::testing::cluster::{Database, database};
use shopcore::testing::conformance::{Trial, hold, place};
use shopcore::testing::fixture::idr;
use shopcore::time::VirtualClock;

async fn open(database: &Database, clock: &Arc<VirtualClock>) -> Arc<PostgresStore> {
    let address = database.url().parse().unwrap();
    let clock = Arc::clone(clock);
    let options = PostgresOptions::new(address).clock(clock).writers(2);
    Arc::new(PostgresStore::open_with(options).await.unwrap())
}

/// Commits all batches at once, by turns to these stores.
async fn commit_all(
    stores: &[Arc<PostgresStore>],
    batches: &[Arc<Batch>],
) -> Vec<Result<Applied, CommitError>> {
    let tasks: Vec<_> = batches
        .iter()
        .zip(stores.iter().cycle())
        .map(|(batch, store)| {
            let (store, batch) = (Arc::clone(store), Arc::clone(batch));
            tokio::spawn(async move { store.commit(batch).await })
        })
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    answers
}

fn applied(answers: &[Result<Applied, CommitError>]) -> usize {
    let applied = answers
        .iter()
        .filter(|answer| matches!(answer, Ok(Applied::Now)));
    applied.count()
}

async fn orders(trial: &Trial, stock: u32, count: usize) -> Vec<Order> {
    let product = trial.product("KEY", stock).await;
    let customer = trial.customer("ayu").await;
    let order = |_| {
        let line = trial.rows.line(&product, 1);
        trial.rows.order(&customer, vec![line])
    };
    (0..count).map(order).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_group_only_what_a_guard_stops_is_refused() {
    let Some(database) = database() else { return };
    let clock = Arc::new(VirtualClock::default());
    let stores = [open(&database, &clock).await, open(&database, &clock).await];
    let trial = Trial::open(stores[0].clone(), clock).await;
    let orders = orders(&trial, 60, 120).await;
    let voucher = trial.rows.voucher("HEMAT", 7);
    let customer = orders[0].customer;
    let wallet = || Account::Wallet(customer);
    let credit = trial.rows.transfer(Account::Adjustments, wallet(), idr(50));
    trial
        .apply([VoucherWrite::Add(voucher.clone()).into(), credit.into()])
        .await;
    let (ghost, voucher) = (trial.rows.ids.next(), voucher.id);
    let mut batches = Vec::new();
    for (number, order) in orders.iter().enumerate() {
        let mut writes = vec![place(order)];
        match number % 6 {
            0 | 1 => writes.push(hold(order)),
            2 => writes.push(Write::from(VoucherWrite::Hold {
                voucher,
                order: order.id,
                customer,
            })),
            3 => writes.push(
                trial
                    .rows
                    .transfer(wallet(), Account::Sales, idr(10))
                    .into(),
            ),
            // Nobody has this order.
            4 => writes.push(Write::from(OrderWrite::Move {
                order: trial.rows.ids.next(),
                from: OrderState::AwaitingPayment,
                to: OrderState::Paid,
            })),
            // Nor this voucher.
            _ => writes.push(Write::from(VoucherWrite::Redeem {
                voucher: ghost,
                order: order.id,
            })),
        }
        batches.push(Arc::new(trial.batch_of(writes)));
    }
    let answers = commit_all(&stores, &batches).await;
    assert_eq!(applied(&answers), 40 + 7 + 5);
    for (number, answer) in answers.iter().enumerate() {
        match (number % 6, answer) {
            (0 | 1, Ok(_)) | (2 | 3, Ok(_)) | (4 | 5, Err(CommitError::Conflict)) => {}
            (2, Err(CommitError::Rejected(why))) => {
                assert_eq!(*why, Rejection::VoucherExhausted { voucher });
            }
            (3, Err(CommitError::Rejected(why))) => {
                let balance = idr(0);
                assert_eq!(*why, Rejection::InsufficientFunds { customer, balance });
            }
            (_, other) => panic!("batch {number}: {other:?}"),
        }
    }
    let snapshot = trial.snapshot().await;
    assert_eq!(snapshot.orders.len(), 52);
    assert_eq!(snapshot.shown[0].1, 20);
    assert_eq!(snapshot.vouchers[0].held, 7);
}

// On one thread: the batches are sent in their order.
#[tokio::test]
async fn a_batch_is_judged_by_what_those_before_it_leave() {
    let Some(database) = database() else { return };
    let clock = Arc::new(VirtualClock::default());
    let address = database.url().parse().unwrap();
    let options = PostgresOptions::new(address)
        .clock(clock.clone())
        .writers(1);
    let store = Arc::new(PostgresStore::open_with(options).await.unwrap());
    let trial = Trial::open(store.clone(), clock).await;
    let product = trial.product("KEY", 10).await;
    let customer = trial.customer("ayu").await;
    let voucher = trial.rows.voucher("HEMAT", 2);
    trial
        .apply([VoucherWrite::Add(voucher.clone()).into()])
        .await;
    let holds = |quantity, uses_voucher| {
        let order = trial
            .rows
            .order(&customer, vec![trial.rows.line(&product, quantity)]);
        let mut writes = vec![place(&order), hold(&order)];
        if uses_voucher {
            writes.push(Write::from(VoucherWrite::Hold {
                voucher: voucher.id,
                order: order.id,
                customer: customer.id,
            }));
        }
        Arc::new(trial.batch_of(writes))
    };
    let out_of_stock = |available| {
        let product = product.id;
        Some(Rejection::OutOfStock { product, available })
    };
    let exhausted = Some(Rejection::VoucherExhausted {
        voucher: voucher.id,
    });
    let expected = [
        (holds(4, true), None),
        (holds(4, true), None),
        // Too many, and whatever it would have used is left to others.
        (holds(4, false), out_of_stock(2)),
        (holds(1, true), exhausted),
        (holds(2, false), None),
        (holds(1, false), out_of_stock(0)),
    ];
    let (batches, refusals): (Vec<_>, Vec<_>) = expected.into_iter().unzip();
    let answers = commit_all(&[store], &batches).await;
    for (place, answer) in answers.into_iter().enumerate() {
        match (answer, &refusals[place]) {
            (Ok(Applied::Now), None) => {}
            (Err(CommitError::Rejected(why)), Some(refusal)) => assert_eq!(why, *refusal),
            (other, _) => panic!("batch {place}: {other:?}"),
        }
    }
    let snapshot = trial.snapshot().await;
    assert_eq!((snapshot.shown[0].1, snapshot.vouchers[0].held), (0, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_sell_every_unit_once() {
    let Some(database) = database() else { return };
    let clock = Arc::new(VirtualClock::default());
    let stores = [open(&database, &clock).await, open(&database, &clock).await];
    let trial = Trial::open(stores[0].clone(), clock).await;
    let orders = orders(&trial, 50, 80).await;
    let batch = |order: &Order| Arc::new(trial.batch_of([place(order), hold(order)]));
    let batches: Vec<_> = orders.iter().map(batch).collect();
    let answers = commit_all(&stores, &batches).await;
    assert_eq!(applied(&answers), 50);
    let again = commit_all(&stores, &batches).await;
    assert_eq!(applied(&again), 0);
    let before = again
        .iter()
        .filter(|answer| matches!(answer, Ok(Applied::Before)));
    assert_eq!(before.count(), 50);
    let snapshot = trial.snapshot().await;
    assert_eq!((snapshot.orders.len(), snapshot.shown[0].1), (50, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_are_cut_double_nothing() {
    let Some(database) = database() else { return };
    let clock = Arc::new(VirtualClock::default());
    let stores = [open(&database, &clock).await];
    let trial = Trial::open(stores[0].clone(), clock).await;
    let orders = orders(&trial, 200, 200).await;
    let batch = |order: &Order| Arc::new(trial.batch_of([place(order), hold(order)]));
    let mut open: Vec<_> = orders.iter().map(batch).collect();
    for round in 0..20 {
        let (batches, stores) = (open.clone(), stores.clone());
        let load = tokio::spawn(async move { commit_all(&stores, &batches).await });
        if round < 3 {
            database.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()",
            );
        }
        let answers = load.await.unwrap();
        let mut answers = answers.iter();
        open.retain(|_| match answers.next() {
            Some(Ok(Applied::Now | Applied::Before)) => false,
            Some(Err(CommitError::Unavailable(_) | CommitError::OutcomeUnknown(_))) => true,
            other => panic!("{other:?}"),
        });
        if open.is_empty() && round >= 3 {
            break;
        }
    }
    assert!(open.is_empty(), "{} batches are left", open.len());
    let snapshot = trial.snapshot().await;
    assert_eq!((snapshot.orders.len(), snapshot.shown[0].1), (200, 0));
}
