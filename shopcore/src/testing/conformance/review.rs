//! Cases of review cases.

use super::Trial;
use crate::review::{Case, CaseReason, CaseState, Resolution};
use crate::store::{Page, Rejection, ReviewWrite, Write};

fn open(case: &Case) -> Write {
    ReviewWrite::Open(case.clone()).into()
}

pub async fn an_open_case_is_resolved_once(trial: &Trial) {
    let (_, order) = trial.sale(0, 1).await;
    let invoice = trial.invoice(&order).await;
    let charge = trial.charge(&invoice, "ref").await;
    let payment = trial.payment(&charge, "event").await;
    let mut case = trial.rows.case(CaseReason::LatePayment);
    case.payment = Some(payment.id);
    case.invoice = Some(invoice.id);
    case.order = Some(order.id);
    case.customer = Some(order.customer);
    trial.apply([open(&case)]).await;
    let (store, shop) = (&trial.store, trial.shop);
    let read = store.find_case(shop, case.id).await.unwrap();
    assert_eq!(read.as_ref(), Some(&case));
    trial.clock.advance(chrono::Duration::seconds(1));
    let resolution = Resolution::Credited;
    let resolve = |case| Write::from(ReviewWrite::Resolve { case, resolution });
    trial.apply([resolve(case.id)]).await;
    let expected = Case {
        state: CaseState::Resolved(resolution),
        resolved_at: Some(trial.rows.now()),
        ..case.clone()
    };
    let resolved = store.find_case(shop, case.id).await.unwrap();
    assert_eq!(resolved.as_ref(), Some(&expected));
    let of = store.list_cases_of(shop, order.id).await.unwrap();
    assert_eq!(of, [expected]);
    let of_another = store.list_cases_of(shop, trial.rows.ids.next()).await;
    assert_eq!(of_another.unwrap(), []);
    trial.conflicts([resolve(case.id)]).await;
    trial.conflicts([resolve(trial.rows.ids.next())]).await;
}

pub async fn a_case_needs_what_it_names(trial: &Trial) {
    let case = || trial.rows.case(CaseReason::UnknownReference);
    let ids = &trial.rows.ids;
    let dangling = [
        Case {
            payment: Some(ids.next()),
            ..case()
        },
        Case {
            invoice: Some(ids.next()),
            ..case()
        },
        Case {
            order: Some(ids.next()),
            ..case()
        },
        Case {
            customer: Some(ids.next()),
            ..case()
        },
    ];
    for case in dangling {
        assert_eq!(trial.rejected([open(&case)]).await, Rejection::Dangling);
    }
    trial.apply([open(&case())]).await;
}

pub async fn open_cases_are_listed_oldest_first(trial: &Trial) {
    let mut cases = Vec::new();
    for _ in 0..4 {
        let case = trial.rows.case(CaseReason::Unsettled);
        trial.apply([open(&case)]).await;
        cases.push(case);
    }
    let (case, resolution) = (cases.remove(1).id, Resolution::Closed);
    trial
        .apply([ReviewWrite::Resolve { case, resolution }.into()])
        .await;
    let page = Page {
        offset: 1,
        limit: 1,
    };
    let listing = trial.store.list_open_cases(trial.shop, page).await.unwrap();
    assert_eq!((listing.items.as_slice(), listing.total), (&cases[1..2], 3));
}
