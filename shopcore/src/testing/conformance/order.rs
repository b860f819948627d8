//! Cases of orders.

use super::{Trial, place};
use crate::catalog::LatePolicy;
use crate::id::OrderId;
use crate::order::{Order, OrderState};
use crate::store::{OrderFilter, OrderWrite, Page, Rejection, VoucherWrite, Write};

fn step(order: OrderId, from: OrderState, to: OrderState) -> Write {
    OrderWrite::Move { order, from, to }.into()
}

async fn read(trial: &Trial, order: OrderId) -> Order {
    let order = trial.store.find_order(trial.shop, order).await.unwrap();
    order.unwrap()
}

pub async fn an_order_is_found_by_id_and_number(trial: &Trial) {
    let (product, first) = trial.sale(1, 1).await;
    let customer = trial.customer("budi").await;
    let voucher = trial.rows.voucher("HEMAT", 1);
    trial
        .apply([VoucherWrite::Add(voucher.clone()).into()])
        .await;
    let unit = trial.snapshot().await.units[0].id;
    let mut lines = vec![trial.rows.line(&product, 3), trial.rows.line(&product, 1)];
    lines[1].unlimited = Some(unit);
    let mut order = trial.rows.order(&customer, lines);
    order.voucher = Some(voucher.id);
    order.late = LatePolicy::Review;
    trial.apply([place(&order)]).await;
    assert_eq!(read(trial, order.id).await, order);
    let (store, shop) = (&trial.store, trial.shop);
    let by_number = store.find_order_number(shop, &first.number).await.unwrap();
    assert_eq!(by_number, Some(first));
    let ghost = trial.rows.ids.next();
    assert_eq!(store.find_order(shop, ghost).await.unwrap(), None);
}

pub async fn what_a_customer_bought_is_counted(trial: &Trial) {
    let (product, first) = trial.sale(1, 2).await;
    let (store, shop, customer) = (&trial.store, trial.shop, first.customer);
    let bought = async || {
        store
            .count_bought(shop, customer, product.id)
            .await
            .unwrap()
    };
    assert_eq!(bought().await, 2, "what awaits payment counts");
    let state = OrderState::AwaitingPayment;
    trial
        .apply([step(first.id, state, OrderState::Expired)])
        .await;
    assert_eq!(bought().await, 0);
    let owner = store.get_customer(shop, customer).await.unwrap().unwrap();
    let second = trial.rows.order(&owner, vec![trial.rows.line(&product, 3)]);
    trial.apply([place(&second)]).await;
    trial
        .apply([step(second.id, state, OrderState::Paid)])
        .await;
    assert_eq!(bought().await, 3);
    let other = trial.customer("other").await.id;
    let others = store.count_bought(shop, other, product.id).await.unwrap();
    assert_eq!(others, 0);
}

pub async fn what_was_sold_most_comes_first(trial: &Trial) {
    let (few, of_few) = trial.sale(1, 1).await;
    let many = trial.product("MANY", 1).await;
    let unpaid = trial.product("UNPAID", 1).await;
    let (store, shop) = (&trial.store, trial.shop);
    let owner = store
        .get_customer(shop, of_few.customer)
        .await
        .unwrap()
        .unwrap();
    let order = |product, quantity| {
        trial
            .rows
            .order(&owner, vec![trial.rows.line(product, quantity)])
    };
    let orders = [order(&many, 2), order(&many, 3), order(&unpaid, 9)];
    trial.apply(orders.iter().map(place)).await;
    let paid = [&of_few, &orders[0], &orders[1]];
    let pay = paid.map(|order| step(order.id, OrderState::AwaitingPayment, OrderState::Paid));
    trial.apply(pay).await;
    let sold = store.list_sold(shop, 9).await.unwrap();
    assert_eq!(sold, [(many.id, 5), (few.id, 1)]);
    assert_eq!(store.list_sold(shop, 1).await.unwrap(), [(many.id, 5)]);
}

pub async fn an_order_number_is_taken_once(trial: &Trial) {
    let (product, first) = trial.sale(0, 1).await;
    let customer = trial.customer("budi").await;
    let mut order = trial
        .rows
        .order(&customer, vec![trial.rows.line(&product, 1)]);
    order.number = first.number;
    let rejection = trial.rejected([place(&order)]).await;
    assert_eq!(rejection, Rejection::OrderNumberTaken);
}

pub async fn an_order_needs_what_it_names(trial: &Trial) {
    let (product, order) = trial.sale(0, 1).await;
    let fresh = || Order {
        customer: order.customer,
        ..trial.rows.order(
            &trial.rows.customer("ghost"),
            vec![trial.rows.line(&product, 1)],
        )
    };
    let mut by_nobody = fresh();
    by_nobody.customer = trial.rows.ids.next();
    let mut of_nothing = fresh();
    of_nothing.lines[0].product = trial.rows.ids.next();
    let mut of_no_unit = fresh();
    of_no_unit.lines[0].unlimited = Some(trial.rows.ids.next());
    let mut by_no_voucher = fresh();
    by_no_voucher.voucher = Some(trial.rows.ids.next());
    for order in [by_nobody, of_nothing, of_no_unit, by_no_voucher] {
        assert_eq!(trial.rejected([place(&order)]).await, Rejection::Dangling);
    }
    trial.apply([place(&fresh())]).await;
}

pub async fn an_order_takes_every_legal_edge_and_no_other(trial: &Trial) {
    let (product, order) = trial.sale(0, 1).await;
    let customer = trial.customer("budi").await;
    for from in OrderState::ALL {
        for to in OrderState::ALL {
            let line = trial.rows.line(&product, 1);
            let mut order = trial.rows.order(&customer, vec![line]);
            order.state = from;
            trial.apply([place(&order)]).await;
            if from.may_become(to) {
                trial.apply([step(order.id, from, to)]).await;
                assert_eq!(read(trial, order.id).await.state, to);
            } else {
                trial.conflicts([step(order.id, from, to)]).await;
            }
        }
    }
    let ghost = trial.rows.ids.next();
    let (from, to) = (OrderState::AwaitingPayment, OrderState::Paid);
    trial.conflicts([step(ghost, from, to)]).await;
    trial
        .conflicts([step(order.id, OrderState::Expired, to)])
        .await;
}

pub async fn a_move_notes_its_time(trial: &Trial) {
    let (_, order) = trial.sale(0, 1).await;
    trial.clock.advance(chrono::Duration::seconds(5));
    let (from, to) = (OrderState::AwaitingPayment, OrderState::Expired);
    trial.apply([step(order.id, from, to)]).await;
    let moved = read(trial, order.id).await;
    let expected = Order {
        state: to,
        changed_at: trial.rows.now(),
        ..order
    };
    assert_eq!(moved, expected);
}

pub async fn orders_are_listed_newest_first(trial: &Trial) {
    let product = trial.product("KEY", 0).await;
    let (ayu, budi) = (trial.customer("ayu").await, trial.customer("budi").await);
    let mut orders = Vec::new();
    for customer in [&ayu, &budi, &ayu, &ayu] {
        orders.push(trial.order(customer, &product, 1).await.id);
    }
    let expire = step(orders[2], OrderState::AwaitingPayment, OrderState::Expired);
    trial.apply([expire]).await;
    let listed = async |customer, state, page| {
        let filter = OrderFilter { customer, state };
        let listing = trial
            .store
            .list_orders(trial.shop, filter, page)
            .await
            .unwrap();
        let ids: Vec<_> = listing.items.into_iter().map(|order| order.id).collect();
        (ids, listing.total)
    };
    let all = listed(
        None,
        None,
        Page {
            offset: 1,
            limit: 2,
        },
    )
    .await;
    assert_eq!(all, (vec![orders[2], orders[1]], 4));
    let hers = listed(Some(ayu.id), None, Page::first(9)).await;
    assert_eq!(hers, (vec![orders[3], orders[2], orders[0]], 3));
    let awaiting = Some(OrderState::AwaitingPayment);
    let open = listed(Some(ayu.id), awaiting, Page::first(1)).await;
    assert_eq!(open, (vec![orders[3]], 2));
}
