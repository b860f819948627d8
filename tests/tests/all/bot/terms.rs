//! Terms that are sent after the goods, and fulfilled with a proof.

use std::time::Duration;

use shopcore::audit::Actor;
use shopcore::bot::incoming::Kind;
use shopcore::terms::Terms;

use super::stage::{Person, Stage};

/// A product with terms, bought and delivered.
async fn sold(stage: &Stage) -> Person<'_> {
    let product = stage.product("A", 20_000, &["KEY"]).await;
    let mut edited = product.clone();
    edited.terms = Some(Terms::parse("Post a review within a day.").unwrap());
    stage
        .shop
        .catalog()
        .update_product(&Actor::Operator, edited)
        .await
        .unwrap();
    let ann = stage.person("ann").await;
    ann.types("/shop").await;
    ann.presses("Product").await;
    ann.presses("Add 1").await;
    ann.presses("Order for").await;
    ann.presses("Test payment").await;
    stage.pass(Duration::from_secs(1)).await;
    stage.pass(Duration::from_secs(1)).await;
    ann
}

#[tokio::test]
async fn terms_come_after_the_goods_and_are_proven_once() {
    let stage = Stage::open().await;
    let boss = stage.person("boss").await;
    let ann = sold(&stage).await;
    let told = ann.chat_shows();
    let halves = told.split_once("📜");
    let (goods, terms) = halves.unwrap_or_else(|| panic!("{told}"));
    assert!(goods.contains("KEY"), "{told}");
    assert!(
        terms.contains("Post a review") && terms.contains("[✅ Fulfilled]"),
        "{told}"
    );
    boss.sees();
    let press = ann.finds("Fulfilled");
    ann.does(press.clone()).await;
    let photo = Kind::File {
        name: "review.jpg".to_owned(),
        bytes: b"a photo".to_vec(),
    };
    assert!(ann.does(photo).await.contains("Thank you"));
    let note = boss.sees();
    assert!(
        note.contains("were fulfilled") && !note.contains("a photo"),
        "{note}"
    );
    assert!(
        ann.does(press)
            .await
            .contains("sent your proof for this already")
    );
    let look = boss.finds("See the proof");
    assert!(
        boss.does(look.clone())
            .await
            .contains("{file review.jpg: a photo}")
    );
    assert!(
        ann.does(look.clone())
            .await
            .contains("Only the shop's team")
    );
    stage.clock.advance(chrono::Duration::days(30));
    stage.bot.run_plugin_job("terms", "purge").await.unwrap();
    assert!(boss.does(look).await.contains("kept for 30 days"));
}

#[tokio::test]
async fn terms_that_wait_are_fulfilled_from_the_orders_page() {
    let stage = Stage::open().await;
    let ann = sold(&stage).await;
    ann.types("/orders").await;
    ann.presses("delivered").await;
    assert!(ann.presses("Fulfilled: ").await.contains("one proof only"));
    assert!(ann.types("Posted it").await.contains("Thank you"));
    ann.types("/orders").await;
    let order = ann.presses("delivered").await;
    assert!(!order.contains("Fulfilled"), "{order}");
}

#[tokio::test]
async fn nobody_proves_the_terms_of_anothers_order() {
    let stage = Stage::open().await;
    let ann = sold(&stage).await;
    let eve = stage.person("eve").await;
    let press = ann.finds("Fulfilled");
    assert!(eve.does(press).await.contains("out of date"));
}
