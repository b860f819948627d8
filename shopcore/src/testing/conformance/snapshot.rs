//! Cases of the snapshot.

use super::{Trial, hold};
use crate::catalog::Supply;
use crate::message::{Destination, Notice, Task};
use crate::review::CaseReason;
use crate::stock::UnitState;
use crate::store::{CatalogWrite, ReviewWrite, Snapshot, VoucherWrite};
use crate::testing::fixture::idr;

pub async fn a_new_shop_has_no_rows(trial: &Trial) {
    assert_eq!(trial.snapshot().await, Snapshot::default());
    let unknown = trial.store.snapshot(trial.rows.ids.next()).await.unwrap();
    assert_eq!(unknown, Snapshot::default());
}

pub async fn a_snapshot_has_every_row_by_id(trial: &Trial) {
    let (product, order) = trial.sale(2, 1).await;
    let (category, voucher) = (trial.rows.category("Games"), trial.rows.voucher("HEMAT", 3));
    let mut guide = trial.rows.product("GUIDE");
    guide.supply = Supply::Unlimited;
    let case = trial.rows.case(CaseReason::Unsettled);
    trial
        .apply([
            CatalogWrite::AddCategory(category.clone()).into(),
            CatalogWrite::AddProduct(guide.clone()).into(),
            VoucherWrite::Add(voucher.clone()).into(),
            ReviewWrite::Open(case.clone()).into(),
            hold(&order),
        ])
        .await;
    let (voucher_id, order_id, customer) = (voucher.id, order.id, order.customer);
    trial
        .apply([VoucherWrite::Hold {
            voucher: voucher_id,
            order: order_id,
            customer,
        }
        .into()])
        .await;
    let invoice = trial.invoice(&order).await;
    let charge = trial.charge(&invoice, "ref").await;
    let payment = trial.payment(&charge, "event").await;
    let mut batch = trial.batch();
    let task = Task::Notice(Notice::UnderReview {
        payment: payment.id,
        amount: idr(1),
    });
    batch.enqueue(Destination::Gateway, payment.id, task);
    let item = batch.outbox[0].clone();
    trial.commit(batch).await.unwrap();

    let all = trial.snapshot().await;
    assert_eq!(all.categories, [category]);
    assert_eq!(
        all.shown,
        [(product.id, 1)],
        "unlimited products show no stock"
    );
    assert_eq!(all.products, [product, guide]);
    let states: Vec<_> = all.units.iter().map(|unit| unit.state).collect();
    assert_eq!(
        states,
        [UnitState::Held(order.lines[0].id), UnitState::Available]
    );
    let prints: Vec<_> = all.units.iter().map(|unit| unit.fingerprint).collect();
    let expected = ["KEY-0", "KEY-1"].map(|text| trial.rows.unit(text).fingerprint);
    assert_eq!(prints, expected);
    assert_eq!((all.vouchers[0].id, all.vouchers[0].held), (voucher_id, 1));
    assert_eq!(all.redemptions.len(), 1);
    assert_eq!(all.customers.len(), 1);
    assert_eq!((all.orders, all.invoices), (vec![order], vec![invoice]));
    assert_eq!((all.charges, all.payments), (vec![charge], vec![payment]));
    assert_eq!((all.cases, all.outbox), (vec![case], vec![item]));
}
