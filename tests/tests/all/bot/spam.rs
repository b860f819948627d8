//! Whoever floods the bot.

use chrono::Duration;

use super::stage::{Person, Stage};

/// Types so many times, `millis` apart, and tells what is seen.
async fn floods(stage: &Stage, person: &Person<'_>, millis: i64, times: usize) -> String {
    let mut seen = String::new();
    for _ in 0..times {
        stage.clock.advance(Duration::milliseconds(millis));
        seen += &person.types("/help").await;
    }
    seen
}

/// A stage that strangers write to.
async fn public() -> Stage {
    let stage = Stage::open().await;
    stage.recorder.open_to_all();
    stage
}

/// Waits a little, so that what comes next is no part of the row before.
fn rests(stage: &Stage) {
    stage.clock.advance(Duration::seconds(5));
}

#[tokio::test]
async fn a_flood_is_warned_told_of_and_banned_until_the_ban_lifts_by_itself() {
    let stage = public().await;
    let (boss, ann) = (stage.person("boss").await, stage.person("ann").await);
    rests(&stage);
    let seen = floods(&stage, &ann, 500, 5).await;
    assert_eq!(seen.matches("What you can type").count(), 4, "{seen}");
    assert_eq!(seen.matches("one thing after another").count(), 1, "{seen}");
    assert_eq!(boss.sees(), "", "a warning is enough for now");
    let seen = floods(&stage, &ann, 500, 5).await;
    assert_eq!(seen, "", "what goes on is not answered");
    let told = boss.sees();
    assert!(told.contains("ann (recorder/ann) floods the bot"), "{told}");
    let seen = floods(&stage, &ann, 500, 5).await;
    assert!(seen.contains("too much at once"), "{seen}");
    rests(&stage);
    assert!(
        ann.types("/shop")
            .await
            .contains("You can't use this shop until")
    );
    let page = boss.presses("Open the customer").await;
    assert!(page.contains("🚫 Banned until"), "{page}");
    boss.presses("✅ Unban").await;
    rests(&stage);
    assert!(ann.types("/menu").await.contains("What would you like"));
    rests(&stage);
    floods(&stage, &ann, 500, 15).await;
    rests(&stage);
    assert!(ann.types("/menu").await.contains("can't use this shop"));
    stage.clock.advance(Duration::minutes(10));
    assert!(ann.types("/menu").await.contains("What would you like"));
}

#[tokio::test]
async fn the_team_is_told_at_most_every_two_minutes_by_however_many_processes() {
    let stage = public().await;
    let boss = stage.person("boss").await;
    let (ann, bob) = (stage.person("ann").await, stage.person("bob").await);
    rests(&stage);
    floods(&stage, &ann, 500, 10).await;
    floods(&stage, &bob, 500, 10).await;
    assert_eq!(boss.sees().matches("floods the bot").count(), 1);
    stage.clock.advance(Duration::seconds(100));
    let stage = stage.restarted();
    let (boss, eve) = (stage.returning("boss"), stage.returning("eve"));
    floods(&stage, &eve, 500, 10).await;
    assert_eq!(boss.sees(), "", "not yet");
    let joe = stage.returning("joe");
    stage.clock.advance(Duration::seconds(20));
    floods(&stage, &joe, 500, 10).await;
    let told = boss.sees();
    assert!(told.contains("joe (recorder/joe) floods the bot"), "{told}");
}

#[tokio::test]
async fn the_team_may_be_as_quick_as_it_likes_and_so_may_whoever_takes_a_second() {
    let stage = public().await;
    let (clerk, ann) = (stage.person("clerk").await, stage.person("ann").await);
    rests(&stage);
    let seen = floods(&stage, &clerk, 100, 15).await;
    assert_eq!(seen.matches("What you can type").count(), 15);
    let seen = floods(&stage, &ann, 1_000, 15).await;
    assert_eq!(seen.matches("What you can type").count(), 15);
}
