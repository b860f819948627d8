//! Being told that a product is back.

use shopcore::audit::Actor;
use shopcore::jobs::JobName;
use shopcore::stock::Content;

use super::stage::Stage;

async fn tell(stage: &Stage) {
    stage.bot.run_plugin_job("restock", "tell").await.unwrap();
    stage.jobs.run_once(JobName::Outbox).await.unwrap();
}

#[tokio::test]
async fn who_asked_is_told_once_that_a_product_is_back() {
    let stage = Stage::open().await;
    let product = stage.product("A", 1_000, &[]).await;
    let (ann, bea) = (stage.person("ann").await, stage.person("bea").await);
    for person in [&ann, &bea] {
        person.types("/shop").await;
        person.presses("Product A").await;
        let card = person.presses("Tell me when it's back").await;
        assert!(
            card.contains("You will be told") && card.contains("Don't tell me"),
            "{card}"
        );
    }
    let stopped = bea.presses("Don't tell me").await;
    assert!(stopped.contains("[🔔 Tell me when it's back]"), "{stopped}");
    tell(&stage).await;
    assert_eq!(ann.sees(), "", "it is not back yet");
    let contents = [Content::text("KEY").unwrap()];
    stage
        .shop
        .stock()
        .add(&Actor::Operator, product.id, &contents)
        .await
        .unwrap();
    tell(&stage).await;
    assert!(ann.sees().contains("Product A is back"));
    assert_eq!(bea.sees(), "");
    tell(&stage).await;
    assert_eq!(ann.sees(), "", "told once");
    assert!(ann.presses("Have a look").await.contains("Add 1"));
}
