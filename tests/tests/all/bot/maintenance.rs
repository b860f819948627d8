//! A shop that is closed for a moment.

use std::time::Duration;

use super::buying::orders_one;
use super::stage::Stage;

#[tokio::test]
async fn a_closed_shop_lets_the_team_in_and_still_delivers() {
    let stage = Stage::open().await;
    stage.product("A", 1_000, &["KEY-1"]).await;
    let (ann, boss) = (stage.person("ann").await, stage.person("boss").await);
    orders_one(&ann).await;
    boss.manages("Maintenance").await;
    boss.presses("Close the shop").await;
    assert!(boss.types("").await.contains("What shall customers read"));
    let shown = boss.types("Back at <b>six</b>.").await;
    assert!(shown.contains("closed for a moment"), "{shown}");
    assert!(ann.types("/shop").await.contains("Back at <b>six</b>."));
    let charge = stage.rows().await.charges[0].clone();
    stage.shop.settlement().simulate(&charge).await.unwrap();
    stage.pass(Duration::from_secs(1)).await;
    assert!(ann.sees().contains("KEY-1"), "what is paid is delivered");
    let stage = stage.restarted();
    let (ann, boss) = (stage.returning("ann"), stage.returning("boss"));
    assert!(ann.types("/menu").await.contains("Back at"));
    boss.types("/menu").await;
    boss.manages("Maintenance").await;
    boss.presses("Open it again").await;
    assert!(ann.types("/shop").await.contains("Product A"));
    let clerk = stage.person("clerk").await;
    assert!(
        !clerk
            .presses("Manage the shop")
            .await
            .contains("Maintenance")
    );
}
