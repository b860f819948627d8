//! Cases of batches as a whole: shops, the audit, batches sent again, and shops side by side.

use std::sync::Arc;

use chrono::Duration;
use serde_json::json;

use super::{Trial, hold};
use crate::audit::{Actor, ActorKind, Edge, Entity, Kind, Search, Whose};
use crate::id::{AuditId, CustomerId, IdSource, ProductId};
use crate::invoice::GatewayName;
use crate::stock::NewUnit;
use crate::store::{
    Applied, Batch, CatalogWrite, CommitError, Page, Rejection, Snapshot, StockWrite, Store,
    UnitFilter, Write,
};
use crate::testing::fault::{Fault, FaultStore};
use crate::testing::fixture::name;
use uuid::Uuid;

pub async fn a_shop_is_found_by_its_name(trial: &Trial) {
    let found = trial.store.find_shop(&name("Toko")).await.unwrap().unwrap();
    assert_eq!(found.id, trial.shop);
    let expected = crate::store::ShopRecord {
        id: trial.shop,
        ..trial.rows.shop("Toko")
    };
    assert_eq!(found, expected);
    assert_eq!(trial.store.find_shop(&name("toko")).await.unwrap(), None);
}

pub async fn a_shop_name_is_taken_once(trial: &Trial) {
    let record = trial.rows.shop("Toko");
    let ids: &IdSource = &trial.rows.ids;
    let mut batch = Batch::by(Actor::Operator, record.id, trial.rows.now(), ids);
    batch.push(record.clone());
    let taken = trial.commit(batch).await.unwrap_err();
    assert!(matches!(
        taken,
        CommitError::Rejected(Rejection::ShopNameTaken)
    ));
    let nothing = trial.store.snapshot(record.id).await.unwrap();
    assert_eq!(nothing, Snapshot::default());
}

pub async fn a_shop_must_be_open_to_be_changed(trial: &Trial) {
    let shop = trial.rows.ids.next();
    let empty = Batch::by(Actor::Operator, shop, trial.rows.now(), &trial.rows.ids);
    let mut batch = Batch::by(Actor::Operator, shop, trial.rows.now(), &trial.rows.ids);
    batch.push(CatalogWrite::AddCategory(trial.rows.category("Games")));
    for batch in [empty, batch] {
        let error = trial.commit(batch).await.unwrap_err();
        assert!(matches!(error, CommitError::Rejected(Rejection::Dangling)));
    }
    assert_eq!(
        trial.store.snapshot(shop).await.unwrap(),
        Snapshot::default()
    );
}

pub async fn a_batch_sent_again_is_applied_once(trial: &Trial) {
    let (product, order) = trial.sale(2, 1).await;
    let batch = trial.batch_of([hold(&order)]);
    assert_eq!(trial.commit(batch.clone()).await.unwrap(), Applied::Now);
    let before = trial.snapshot().await;
    assert_eq!(trial.commit(batch).await.unwrap(), Applied::Before);
    assert_eq!(trial.snapshot().await, before);
    assert_eq!(before.shown, [(product.id, 1)]);
}

pub async fn a_lost_reply_or_request_is_mended_by_sending_again(trial: &Trial) {
    let faulty = FaultStore::new(Arc::clone(&trial.store));
    let (product, order) = trial.sale(2, 1).await;
    let cases = [
        (Fault::LostRequest, Applied::Now),
        (Fault::LostReply, Applied::Before),
    ];
    for (fault, answer) in cases {
        let unit = vec![trial.rows.unit(&format!("{fault:?}"))];
        let batch = Arc::new(trial.batch_of([add_units(product.id, unit)]));
        faulty.script([Some(fault)]);
        let lost = faulty.commit(Arc::clone(&batch)).await.unwrap_err();
        assert!(matches!(lost, CommitError::OutcomeUnknown(_)));
        assert_eq!(faulty.commit(batch).await.unwrap(), answer);
    }
    assert_eq!(trial.snapshot().await.shown, [(product.id, 4)]);
    let batch = Arc::new(trial.batch_of([hold(&order)]));
    faulty.script([Some(Fault::Unavailable)]);
    let down = faulty.commit(batch).await.unwrap_err();
    assert!(matches!(down, CommitError::Unavailable(_)));
    assert_eq!(trial.snapshot().await.shown, [(product.id, 4)]);
}

fn add_units(product: ProductId, units: Vec<NewUnit>) -> Write {
    StockWrite::Add { product, units }.into()
}

pub async fn a_refused_batch_may_be_sent_again(trial: &Trial) {
    let (product, order) = trial.sale(0, 1).await;
    let batch = trial.batch_of([hold(&order)]);
    trial.commit(batch.clone()).await.unwrap_err();
    let late = vec![trial.rows.unit("late")];
    trial.apply([add_units(product.id, late)]).await;
    assert_eq!(trial.commit(batch).await.unwrap(), Applied::Now);
}

pub async fn old_batches_are_forgotten(trial: &Trial) {
    let old = trial.batch();
    trial.commit(old.clone()).await.unwrap();
    trial.clock.advance(Duration::hours(25));
    let young = trial.batch();
    trial.commit(young.clone()).await.unwrap();
    let before = trial.rows.now() - Duration::hours(24);
    let forgotten = trial
        .store
        .forget_batches(trial.shop, before)
        .await
        .unwrap();
    assert_eq!(
        forgotten, 2,
        "the old one, and the one that opened the shop"
    );
    assert_eq!(trial.commit(young).await.unwrap(), Applied::Before);
    assert_eq!(trial.commit(old).await.unwrap(), Applied::Now);
}

pub async fn a_row_named_twice_is_a_defect(trial: &Trial) {
    let (_, order) = trial.sale(2, 1).await;
    let error = trial
        .refused(trial.batch_of([hold(&order), hold(&order)]))
        .await;
    assert!(matches!(error, CommitError::Malformed(_)), "{error:?}");
}

pub async fn a_mixed_batch_is_refused_whole(trial: &Trial) {
    let (product, order) = trial.sale(1, 1).await;
    let customer = trial.customer("budi").await;
    let line = trial.rows.line(&product, 2);
    let greedy = trial.rows.order(&customer, vec![line]);
    let invoice = trial.rows.invoice(&greedy);
    let writes = [
        super::place(&greedy),
        crate::store::InvoiceWrite::Add(invoice).into(),
        hold(&greedy),
    ];
    let rejection = trial.rejected(writes).await;
    let (product, available) = (product.id, 1);
    assert_eq!(rejection, Rejection::OutOfStock { product, available });
    trial.apply([hold(&order)]).await;
}

pub async fn the_audit_tells_who_did_what_newest_first(trial: &Trial) {
    let entity = Entity::new(Kind::Order, trial.rows.ids.next::<crate::id::OrderId>());
    let actor = Actor::Customer(trial.rows.ids.next());
    for (from, to) in [
        (None, "awaiting_payment"),
        (Some("awaiting_payment"), "paid"),
    ] {
        let mut batch = trial.batch();
        batch.actor = Some(actor.clone());
        batch.record_move(entity, to, from, to, json!({ "note": "\"é\" 😀" }));
        batch.record(Entity::new(Kind::Shop, trial.shop), "seen", json!(null));
        trial.commit(batch).await.unwrap();
        trial.clock.advance(Duration::seconds(1));
    }
    let (store, shop) = (&trial.store, trial.shop);
    let records = store
        .list_audit(shop, entity, Page::first(9))
        .await
        .unwrap();
    let latest = &records[0];
    assert_eq!((records.len(), &latest.actor), (2, &actor));
    assert_eq!(latest.at, trial.rows.now() - Duration::seconds(1));
    assert_eq!(latest.entry.details, json!({ "note": "\"é\" 😀" }));
    let edge = Edge {
        from: Some("awaiting_payment".to_owned()),
        to: "paid".to_owned(),
    };
    assert_eq!(latest.entry.edge, Some(edge));
    let page = Page {
        offset: 1,
        limit: 1,
    };
    let older = store.list_audit(shop, entity, page).await.unwrap();
    assert_eq!(older[..], records[1..]);
}

pub async fn the_audit_is_searched(trial: &Trial) {
    let (store, shop) = (&trial.store, trial.shop);
    let ann: CustomerId = trial.rows.ids.next();
    let bank = GatewayName::parse("bank").unwrap();
    let (order, payment) = (
        Entity::new(Kind::Order, Uuid::from_u128(7)),
        Entity::new(Kind::Payment, Uuid::from_u128(8)),
    );
    let from: AuditId = trial.rows.ids.next();
    for (actor, entity, action) in [
        (Actor::Customer(ann), order, "Placed here"),
        (Actor::Admin(ann), order, "cancelled"),
        (Actor::Gateway(bank), payment, "received"),
        (Actor::job("expiry"), order, "expired"),
        (Actor::Operator, payment, "100%_sure"),
    ] {
        let mut batch = trial.batch();
        batch.actor = Some(actor);
        batch.record(entity, action, json!(null));
        trial.commit(batch).await.unwrap();
    }
    let neighbour = trial.neighbour().await;
    neighbour.sale(2, 1).await;
    let since = Search {
        from: Some(from),
        ..Search::default()
    };
    let told = async |search: Search| {
        let found = store.search_audit(shop, &search, 9).await.unwrap();
        assert!(found.iter().all(|record| search.fits(record)), "{search:?}");
        let actions = found.into_iter().map(|record| record.entry.action);
        actions.collect::<Vec<_>>()
    };
    let by = |whose| Search {
        whose: Some(whose),
        ..since.clone()
    };
    let done = |action: &str| Search {
        action: Some(action.to_owned()),
        ..since.clone()
    };
    assert_eq!(told(since.clone()).await.len(), 5);
    assert_eq!(
        told(by(Whose::Person(ann))).await,
        ["cancelled", "Placed here"]
    );
    assert_eq!(told(by(Whose::Kind(ActorKind::Admin))).await, ["cancelled"]);
    let expiry = Whose::Named(ActorKind::Job, "expiry".to_owned());
    assert_eq!(told(by(expiry)).await, ["expired"]);
    let no_job = Whose::Named(ActorKind::Gateway, "expiry".to_owned());
    assert!(told(by(no_job)).await.is_empty());
    assert_eq!(told(done("placed")).await, ["Placed here"]);
    assert_eq!(told(done("%_")).await, ["100%_sure"]);
    let mut narrow = since.clone();
    narrow.kind = Some(Kind::Payment);
    assert_eq!(told(narrow).await, ["100%_sure", "received"]);
    let mut narrow = since.clone();
    narrow.about = Some(order.id);
    assert_eq!(told(narrow).await.len(), 3);
    let two = store.search_audit(shop, &since, 2).await.unwrap();
    assert_eq!(two.len(), 2);
    let older = Search {
        before: Some(two[1].entry.id),
        ..since.clone()
    };
    assert_eq!(told(older).await, ["received", "cancelled", "Placed here"]);
}

pub async fn the_audit_is_followed_entry_by_entry(trial: &Trial) {
    let (store, shop) = (&trial.store, trial.shop);
    let begin = AuditId::from(Uuid::nil());
    let all = store.follow_audit(shop, begin, 1_000).await.unwrap();
    let mut after = all.last().map_or(begin, |record| record.entry.id);
    let neighbour = trial.neighbour().await;
    neighbour.sale(2, 1).await;
    let entity = Entity::new(Kind::Shop, shop);
    for action in ["one", "two", "three"] {
        let mut batch = trial.batch();
        batch.record(entity, action, json!({ "of": action }));
        trial.commit(batch).await.unwrap();
    }
    let mut told = Vec::new();
    loop {
        let found = store.follow_audit(shop, after, 2).await.unwrap();
        let Some(last) = found.last() else { break };
        assert!(found.len() <= 2);
        after = last.entry.id;
        told.extend(found.into_iter().map(|record| record.entry.action));
    }
    assert_eq!(told, ["one", "two", "three"]);
}

pub async fn a_chore_is_not_audited(trial: &Trial) {
    let before = trial.snapshot().await;
    let batch = Batch::chore(trial.shop, trial.rows.now(), &trial.rows.ids);
    trial.commit(batch).await.unwrap();
    assert_eq!(trial.snapshot().await, before);
}

pub async fn shops_do_not_see_each_other(trial: &Trial) {
    let neighbour = trial.neighbour().await;
    let (product, order) = trial.sale(2, 1).await;
    let invoice = trial.invoice(&order).await;
    trial.charge(&invoice, "ref").await;
    assert_eq!(neighbour.snapshot().await.products, []);
    let mine = trial.snapshot().await;
    let (same_product, same_order) = neighbour.sale(2, 1).await;
    let same_invoice = neighbour.invoice(&same_order).await;
    neighbour.charge(&same_invoice, "ref").await;
    assert_eq!(trial.snapshot().await, mine);
    assert_ne!(product.id, same_product.id);
    let store = &trial.store;
    assert_eq!(
        store.find_order(neighbour.shop, order.id).await.unwrap(),
        None
    );
    let found = store
        .find_product(neighbour.shop, &product.code)
        .await
        .unwrap();
    assert_eq!(found, Some(same_product));
    let units = UnitFilter::Available(product.id);
    let units = store
        .list_units(neighbour.shop, units, Page::first(9))
        .await
        .unwrap();
    assert_eq!(units, []);
}

pub async fn a_shop_cannot_use_a_neighbours_rows(trial: &Trial) {
    let neighbour = trial.neighbour().await;
    let (product, order) = trial.sale(2, 1).await;
    let foreign = neighbour.rejected([super::place(&order)]).await;
    assert_eq!(foreign, Rejection::Dangling);
    let take = neighbour.rejected([hold(&order)]).await;
    let (product, available) = (product.id, 0);
    assert_eq!(take, Rejection::OutOfStock { product, available });
}
