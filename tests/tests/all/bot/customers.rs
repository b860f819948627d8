//! Customers, as the team sees them, and what they are told.

use std::time::Duration;

use shopcore::audit::{Actor, Entity, Kind};
use shopcore::customer::Standing;
use shopcore::store::Page;

use super::stage::Stage;

#[tokio::test]
async fn a_ban_whose_time_is_over_lifts_by_itself() {
    let stage = Stage::open().await;
    let ann = stage.person("ann").await;
    let customer = stage.rows().await.customers[0].id;
    let until = stage.shop.now() + Duration::from_secs(3_600);
    let customers = stage.shop.customers();
    customers
        .set_standing(
            &Actor::Operator,
            customer,
            Standing::Banned,
            Some(until),
            None,
        )
        .await
        .unwrap();
    let told = ann.types("/start").await;
    assert!(told.contains("You can't use this shop until 20"), "{told}");
    stage.pass(Duration::from_secs(3_600)).await;
    assert!(!ann.types("/start").await.contains("can't"));
    let now = customers.get(customer).await.unwrap();
    assert_eq!((now.standing, now.banned_until), (Standing::Welcome, None));
    let entity = Entity::new(Kind::Customer, customer);
    let (store, shop) = (stage.shop.store(), stage.shop.id());
    let audit = store
        .list_audit(shop, entity, Page::first(9))
        .await
        .unwrap();
    let actions: Vec<_> = audit
        .iter()
        .map(|record| record.entry.action.clone())
        .collect();
    assert_eq!(actions, ["unbanned", "banned", "met"]);
}
