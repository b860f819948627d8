//! Who did what, as the team finds it.

use std::time::Duration;

use super::stage::Stage;

#[tokio::test]
async fn the_audit_is_narrowed_and_searched() {
    let stage = Stage::open().await;
    stage.product("NET", 15_000, &["SECRET-KEY"]).await;
    let ann = stage.person("ann").await;
    ann.types("/shop").await;
    ann.presses("Product NET").await;
    ann.presses("Add 1").await;
    ann.presses("Order for").await;
    ann.presses("Test payment").await;
    stage.pass(Duration::from_secs(1)).await;

    let boss = stage.person("boss").await;
    let all = boss.manages("Audit").await;
    assert!(all.contains("Who did what"), "{all}");
    boss.presses("👤 Who").await;
    let customers = boss.presses("customer").await;
    assert!(customers.contains("order"), "{customers}");
    assert!(customers.contains("customer ann"), "{customers}");
    assert!(!customers.contains("operator"), "{customers}");
    boss.presses("📦 What").await;
    let products = boss.presses("product").await;
    assert!(products.contains("Nothing fits"), "both narrow: {products}");
    boss.presses("Everything").await;
    boss.presses("🕓 When").await;
    let lately = boss.presses("the last 7 days").await;
    assert!(lately.contains("the last 7 days"), "{lately}");

    boss.presses("🔍 Search").await;
    let of_code = boss.types("NET").await;
    assert!(of_code.contains("product NET: added"), "{of_code}");
    assert!(!of_code.contains("order "), "{of_code}");
    let number = stage.rows().await.orders[0].number.to_string();
    let of_order = boss.types(&format!("/audit {number}")).await;
    assert!(of_order.contains(&format!("order {number}")), "{of_order}");
    let of_words = boss.types("/audit no such thing").await;
    assert!(of_words.contains("Nothing fits"), "{of_words}");
    let seen = boss.chat_shows();
    assert!(!seen.contains("SECRET-KEY"), "{seen}");
}

#[tokio::test]
async fn older_entries_are_a_press_away() {
    let stage = Stage::open().await;
    for number in 0..20 {
        stage.product(&format!("P{number}"), 1_000, &[]).await;
    }
    let boss = stage.person("boss").await;
    boss.manages("Audit").await;
    boss.presses("📦 What").await;
    let newest = boss.presses("product").await;
    assert!(
        newest.contains("P19: added") && !newest.contains("P0: added"),
        "{newest}"
    );
    let older = boss.presses("Older").await;
    assert!(
        older.contains("P0: added") && !older.contains("P19: added"),
        "{older}"
    );
    assert!(!older.contains("Older"), "that was all: {older}");
}

#[tokio::test]
async fn the_audit_is_for_those_who_may_read_it() {
    let stage = Stage::open().await;
    let clerk = stage.person("clerk").await;
    let told = clerk.types("/audit").await;
    assert!(told.contains("Only the shop's team"), "{told}");
}
