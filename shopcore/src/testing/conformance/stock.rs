//! Cases of stock units.

use super::{Trial, claim, hold};
use crate::id::{LineId, ProductId, UnitId};
use crate::order::Order;
use crate::stock::{NewUnit, Unit, UnitState};
use crate::store::{Page, Premise, Rejection, StockClaim, StockWrite, UnitFilter, Write};

async fn listed(trial: &Trial, filter: UnitFilter) -> Vec<Unit> {
    let units = trial.store.list_units(trial.shop, filter, Page::first(100));
    units.await.unwrap()
}

async fn states(trial: &Trial, product: ProductId) -> Vec<UnitState> {
    let units = trial.snapshot().await.units.into_iter();
    units
        .filter(|unit| unit.product == product)
        .map(|unit| unit.state)
        .collect()
}

fn add(product: ProductId, units: Vec<NewUnit>) -> Write {
    StockWrite::Add { product, units }.into()
}

fn take(order: &Order) -> Write {
    let product = order.lines[0].product;
    let claims = vec![claim(order)];
    StockWrite::Take { product, claims }.into()
}

fn out_of(product: ProductId, available: u64) -> Rejection {
    Rejection::OutOfStock { product, available }
}

pub async fn added_units_are_available_by_id(trial: &Trial) {
    let product = trial.product("A", 0).await;
    let units: Vec<_> = ["x", "y", "z"].map(|text| trial.rows.unit(text)).to_vec();
    trial.apply([add(product.id, units.clone())]).await;
    let expected = units.iter().map(|unit| Unit {
        id: unit.id,
        product: product.id,
        state: UnitState::Available,
        content: unit.content.clone(),
        added_at: trial.rows.now(),
    });
    let filter = UnitFilter::Available(product.id);
    assert_eq!(listed(trial, filter).await, expected.collect::<Vec<_>>());
    let page = Page {
        offset: 1,
        limit: 1,
    };
    let second = trial
        .store
        .list_units(trial.shop, filter, page)
        .await
        .unwrap();
    assert_eq!(second[0].id, units[1].id);
}

pub async fn a_duplicate_content_is_told_by_its_place(trial: &Trial) {
    let product = trial.product("A", 2).await;
    let units = |texts: &[&str]| texts.iter().map(|text| trial.rows.unit(text)).collect();
    let known = trial
        .rejected([add(product.id, units(&["n", "A-1"]))])
        .await;
    assert_eq!(known, Rejection::DuplicateContent { index: 1 });
    let twice = trial
        .rejected([add(product.id, units(&["n", "m", "n"]))])
        .await;
    assert_eq!(twice, Rejection::DuplicateContent { index: 2 });
}

pub async fn a_duplicate_is_found_far_into_a_large_import(trial: &Trial) {
    let product = trial.product("A", 0).await;
    let mut units: Vec<_> = (0..2_500)
        .map(|number| trial.rows.unit(&number.to_string()))
        .collect();
    units.push(trial.rows.unit("7"));
    let rejection = trial.rejected([add(product.id, units.clone())]).await;
    assert_eq!(rejection, Rejection::DuplicateContent { index: 2_500 });
    units.pop();
    trial.apply([add(product.id, units)]).await;
    assert_eq!(trial.snapshot().await.shown, [(product.id, 2_500)]);
}

pub async fn units_need_their_product(trial: &Trial) {
    let ghost = trial.rows.ids.next();
    let rejection = trial
        .rejected([add(ghost, vec![trial.rows.unit("x")])])
        .await;
    assert_eq!(rejection, Rejection::Dangling);
}

pub async fn fingerprints_are_found_in_any_state(trial: &Trial) {
    let (_, order) = trial.sale(1, 1).await;
    trial.apply([hold(&order)]).await;
    let (known, new) = (trial.rows.unit("KEY-0"), trial.rows.unit("new"));
    let asked = [new.fingerprint, known.fingerprint];
    let found = trial
        .store
        .find_fingerprints(trial.shop, &asked)
        .await
        .unwrap();
    assert_eq!(found, [known.fingerprint]);
}

pub async fn a_hold_takes_the_first_units_for_its_lines(trial: &Trial) {
    let product = trial.product("A", 4).await;
    let customer = trial.customer("ayu").await;
    let lines = vec![trial.rows.line(&product, 1), trial.rows.line(&product, 2)];
    let order = trial.rows.order(&customer, lines);
    let claims = order.lines.iter().map(|line| StockClaim {
        line: line.id,
        quantity: line.quantity,
    });
    let claims = claims.collect();
    let product = product.id;
    let hold = StockWrite::Hold { product, claims }.into();
    trial.apply([super::place(&order), hold]).await;
    let of_order = listed(trial, UnitFilter::Order(order.id)).await;
    let held: Vec<_> = of_order.iter().map(|unit| unit.state).collect();
    let line = |index: usize| UnitState::Held(order.lines[index].id);
    assert_eq!(held, [line(0), line(1), line(1)]);
    let left = listed(trial, UnitFilter::Available(product)).await;
    assert_eq!(left.len(), 1);
    assert!(of_order.iter().all(|unit| unit.id < left[0].id));
}

pub async fn a_hold_of_too_many_is_out_of_stock(trial: &Trial) {
    let (product, order) = trial.sale(2, 3).await;
    assert_eq!(trial.rejected([hold(&order)]).await, out_of(product.id, 2));
    assert_eq!(trial.rejected([take(&order)]).await, out_of(product.id, 2));
}

pub async fn a_hold_needs_its_line(trial: &Trial) {
    let product = trial.product("A", 1).await;
    let line: LineId = trial.rows.ids.next();
    let claims = vec![StockClaim { line, quantity: 1 }];
    let product = product.id;
    let rejection = trial
        .rejected([StockWrite::Hold { product, claims }.into()])
        .await;
    assert_eq!(rejection, Rejection::Dangling);
}

pub async fn held_units_are_sold_to_their_line(trial: &Trial) {
    let (product, order) = trial.sale(3, 2).await;
    trial.apply([hold(&order)]).await;
    trial.apply([StockWrite::Sell(claim(&order)).into()]).await;
    let sold = UnitState::Sold(order.lines[0].id);
    assert_eq!(
        states(trial, product.id).await,
        [sold, sold, UnitState::Available]
    );
    trial
        .conflicts([StockWrite::Sell(claim(&order)).into()])
        .await;
    trial
        .conflicts([StockWrite::Release(claim(&order)).into()])
        .await;
}

pub async fn released_units_are_available_again(trial: &Trial) {
    let (product, order) = trial.sale(2, 2).await;
    trial.apply([hold(&order)]).await;
    trial
        .apply([StockWrite::Release(claim(&order)).into()])
        .await;
    assert_eq!(trial.snapshot().await.shown, [(product.id, 2)]);
    trial
        .conflicts([StockWrite::Release(claim(&order)).into()])
        .await;
    trial.apply([hold(&order)]).await;
}

pub async fn withdrawn_units_are_restored_and_no_others(trial: &Trial) {
    let (product, order) = trial.sale(3, 1).await;
    trial.apply([hold(&order)]).await;
    let free = listed(trial, UnitFilter::Available(product.id)).await;
    let units: Vec<_> = free.iter().map(|unit| unit.id).collect();
    let held = listed(trial, UnitFilter::Order(order.id)).await[0].id;
    let restore = |units: &[UnitId]| {
        let units = units.to_vec();
        Write::from(StockWrite::Restore { units })
    };
    trial.conflicts([restore(&units)]).await;
    trial.conflicts([restore(&[held])]).await;
    let withdrawn = units.clone();
    let withdraw = StockWrite::Withdraw { units: withdrawn };
    trial.apply([withdraw.into()]).await;
    assert_eq!(trial.snapshot().await.shown, [(product.id, 0)]);
    trial.conflicts([restore(&[units[0], held])]).await;
    trial.apply([restore(&units)]).await;
    assert_eq!(trial.snapshot().await.shown, [(product.id, 2)]);
    trial.conflicts([restore(&units)]).await;
    trial.apply([StockWrite::Sell(claim(&order)).into()]).await;
    trial.conflicts([restore(&[held])]).await;
}

pub async fn a_sale_of_another_quantity_conflicts(trial: &Trial) {
    let (_, order) = trial.sale(3, 2).await;
    trial.apply([hold(&order)]).await;
    for quantity in [1, 3] {
        let claim = StockClaim {
            quantity,
            ..claim(&order)
        };
        trial.conflicts([StockWrite::Sell(claim).into()]).await;
        trial.conflicts([StockWrite::Release(claim).into()]).await;
    }
}

pub async fn taken_units_are_sold_at_once(trial: &Trial) {
    let (product, order) = trial.sale(1, 1).await;
    trial.apply([take(&order)]).await;
    let sold = UnitState::Sold(order.lines[0].id);
    assert_eq!(states(trial, product.id).await, [sold]);
    assert_eq!(trial.rejected([take(&order)]).await, out_of(product.id, 0));
}

pub async fn withdrawn_units_are_not_sold(trial: &Trial) {
    let (product, order) = trial.sale(2, 2).await;
    let units = listed(trial, UnitFilter::Available(product.id)).await;
    let withdraw = |units: &[Unit]| {
        let units = units.iter().map(|unit| unit.id).collect();
        Write::from(StockWrite::Withdraw { units })
    };
    trial.apply([withdraw(&units[..1])]).await;
    let state = trial.store.find_unit_state(trial.shop, units[0].id).await;
    assert_eq!(state.unwrap(), Some(UnitState::Withdrawn));
    assert_eq!(trial.rejected([hold(&order)]).await, out_of(product.id, 1));
    trial.conflicts([withdraw(&units)]).await;
}

pub async fn held_units_are_not_withdrawn(trial: &Trial) {
    let (product, order) = trial.sale(1, 1).await;
    let units = listed(trial, UnitFilter::Available(product.id)).await;
    trial.apply([hold(&order)]).await;
    let units = units.iter().map(|unit| unit.id).collect();
    trial
        .conflicts([StockWrite::Withdraw { units }.into()])
        .await;
    let units = vec![trial.rows.ids.next()];
    trial
        .conflicts([StockWrite::Withdraw { units }.into()])
        .await;
}

pub async fn a_premise_on_a_unit_holds_or_conflicts(trial: &Trial) {
    let product = trial.product("A", 1).await;
    let unit = listed(trial, UnitFilter::Available(product.id)).await[0].id;
    let premise = |unit| {
        let mut batch = trial.batch();
        batch.require(Premise::UnitAvailable { unit });
        batch
    };
    trial.commit(premise(unit)).await.unwrap();
    trial
        .apply([StockWrite::Withdraw { units: vec![unit] }.into()])
        .await;
    trial.conflicts_whole(premise(unit)).await;
    trial.conflicts_whole(premise(trial.rows.ids.next())).await;
}

pub async fn a_unit_is_found_by_its_id(trial: &Trial) {
    let product = trial.product("A", 2).await;
    let units = listed(trial, UnitFilter::Available(product.id)).await;
    assert_eq!(
        listed(trial, UnitFilter::Unit(units[1].id)).await,
        [units[1].clone()]
    );
    let ghost = trial.rows.ids.next();
    assert_eq!(listed(trial, UnitFilter::Unit(ghost)).await, []);
    assert_eq!(
        trial
            .store
            .find_unit_state(trial.shop, ghost)
            .await
            .unwrap(),
        None
    );
}
