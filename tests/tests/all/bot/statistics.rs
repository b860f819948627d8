//! What the team sees of how business is going.

use super::stage::Stage;

#[tokio::test]
async fn figures_are_told_drawn_and_handed_over() {
    let stage = Stage::open().await;
    let boss = stage.person("boss").await;
    let empty = boss.manages("Statistics").await;
    assert!(empty.contains("0 orders placed"), "{empty}");
    assert!(!empty.contains("Sold best"), "{empty}");
    let nothing = boss.presses("Revenue").await;
    assert!(nothing.contains("nothing to draw yet"), "{nothing}");
    stage.product("NET", 15_000, &["KEY-1"]).await;
    let ann = stage.person("ann").await;
    ann.presses("Shop").await;
    ann.presses("Product NET").await;
    ann.presses("Add 1").await;
    ann.presses("Order for").await;

    let told = boss.types("/statistics").await;
    assert!(told.contains("Statistics: 7 days"), "{told}");
    assert!(told.contains("1 order placed"), "{told}");
    assert!(
        told.contains("lists 1, products 1, carts 1"),
        "glances: {told}"
    );
    let today = boss.presses("today").await;
    assert!(today.contains("Statistics: today"), "{today}");
    let drawn = boss.presses("Funnel").await;
    assert!(drawn.contains("{picture of"), "{drawn}");
    boss.presses("Statistics").await;
    let table = boss.presses("As a table").await;
    assert!(table.contains("-1.csv"), "{table}");
    assert!(table.contains("day,placed,paid"), "{table}");
}

#[tokio::test]
async fn figures_are_for_those_who_may_see_them() {
    let stage = Stage::open().await;
    let clerk = stage.person("clerk").await;
    let menu = clerk.presses("Manage the shop").await;
    assert!(!menu.contains("Statistics"), "{menu}");
    let told = clerk.types("/statistics").await;
    assert!(told.contains("Only the shop's team"), "{told}");
}
