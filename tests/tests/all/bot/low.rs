//! What the team is told when stock runs low.

use std::time::Duration;

use shopcore::audit::Actor;
use shopcore::stock::Content;

use super::stage::Stage;

#[tokio::test]
async fn the_team_is_told_once_that_a_product_runs_low_and_once_that_it_is_out() {
    let stage = Stage::open().await;
    let product = stage.product("A", 1_000, &["1", "2", "3", "4"]).await;
    let boss = stage.person("boss").await;
    let watch = async || {
        stage.bot.run_plugin_job("low", "watch").await.unwrap();
        stage.pass(Duration::from_secs(1)).await;
        boss.sees()
    };
    assert!(!watch().await.contains("🔔"));
    let stock = stage.shop.stock();
    let units = stage.rows().await.units;
    let withdraw = async |count: usize| {
        let units = units[..count].iter().map(|unit| unit.id).collect();
        stock
            .withdraw(&Actor::Operator, product.id, units)
            .await
            .unwrap();
    };
    withdraw(1).await;
    let told = watch().await;
    assert!(told.contains("🔔 Product A runs low: 3 left."), "{told}");
    assert!(!watch().await.contains("🔔"), "once");
    let rest = units[1..].iter().map(|unit| unit.id).collect();
    stock
        .withdraw(&Actor::Operator, product.id, rest)
        .await
        .unwrap();
    assert!(watch().await.contains("🔔 Product A is sold out."));
    assert!(!watch().await.contains("🔔"), "once");
    let keys = ["5", "6", "7", "8", "9"].map(|key| Content::text(key).unwrap());
    boss.presses("➕ Add contents").await;
    stock
        .add(&Actor::Operator, product.id, &keys)
        .await
        .unwrap();
    assert!(!watch().await.contains("🔔"));
    let rows = stage.rows().await.units;
    let free = rows
        .iter()
        .filter(|unit| unit.state == shopcore::stock::UnitState::Available);
    let free = free.take(2).map(|unit| unit.id).collect();
    stock
        .withdraw(&Actor::Operator, product.id, free)
        .await
        .unwrap();
    assert!(
        watch().await.contains("runs low: 3 left"),
        "told anew after it was filled"
    );
}
