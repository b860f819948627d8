//! The daily check of all records: it tells of what does not hold, once, and when it holds again.

use std::sync::Arc;

use rusqlite::Connection;
use shopcore::Shop;
use shopcore::audit::Search;
use shopcore::backend::sqlite::SqliteStore;
use shopcore::jobs::{JobName, Jobs, examine};
use shopcore::text::Reason;
use shopcore::time::VirtualClock;
use tempfile::TempDir;

use crate::world::{Post, builder, idr, person};

async fn alarms(shop: &Shop) -> Vec<String> {
    let search = Search {
        action: Some("alarm".to_owned()),
        ..Search::default()
    };
    let found = shop.audit().search(&search, 9).await.unwrap();
    let actions = found.into_iter().map(|told| told.record.entry.action);
    actions.collect()
}

#[tokio::test]
async fn a_balance_that_was_changed_by_hand_is_told_once_and_told_to_be_right_again() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("shop.db");
    let clock: Arc<VirtualClock> = Arc::default();
    let store = SqliteStore::open(&file).await.unwrap();
    let shop = builder(Arc::new(store), &clock).build().await.unwrap();
    let (contact, chat) = person("ann");
    let ann = shop.customers().meet(&contact, &chat, None).await.unwrap();
    let reason = Reason::parse("a present").unwrap();
    shop.wallet()
        .adjust(
            &shopcore::audit::Actor::Operator,
            ann.id,
            idr(5_000),
            &reason,
            &shop.new_request(),
        )
        .await
        .unwrap();
    let jobs = Jobs::new(shop.clone(), Arc::new(Post::default()));
    let check = async || jobs.run_once(JobName::Integrity).await.unwrap();
    assert_eq!(check().await, 0);
    assert!(alarms(&shop).await.is_empty());

    let by_hand = Connection::open(&file).unwrap();
    let set = |balance: i64| {
        let changed = by_hand.execute("UPDATE wallets SET balance = ?1", [balance]);
        assert_eq!(changed.unwrap(), 1);
    };
    set(9_000);
    for _ in 0..2 {
        assert_eq!(check().await, 1);
        assert_eq!(alarms(&shop).await, ["alarm raised"]);
    }
    let report = examine(&shop).await.unwrap();
    assert!(
        !report.holds() && report.to_string().contains("wallet"),
        "{report}"
    );
    set(5_000);
    assert_eq!(check().await, 0);
    assert_eq!(alarms(&shop).await, ["alarm over", "alarm raised"]);
}
