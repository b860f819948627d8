//! What customers write to the shop.

use std::time::Duration;

use shopcore::bot::frontend::FrontendError;
use shopcore::bot::incoming::Kind;
use shopcore::jobs::JobName;

use super::stage::Stage;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nrest";

fn file(bytes: &[u8]) -> Kind {
    Kind::File {
        name: "screen.png".to_owned(),
        bytes: bytes.to_vec(),
    }
}

#[tokio::test]
async fn a_customers_words_and_pictures_reach_the_team_and_the_answer_comes_back() {
    let stage = Stage::open().await;
    let (boss, clerk) = (stage.person("boss").await, stage.person("clerk").await);
    let ann = stage.person("ann").await;
    boss.sees();
    clerk.sees();
    let asked = ann.presses("Contact the shop").await;
    assert!(asked.contains("What would you like to tell us?"), "{asked}");
    assert!(ann.types(" ").await.contains("That was empty"));
    let said = ann.types("My <b>key</b> does not work").await;
    assert!(
        said.contains("Passed on") && said.contains("[Done]"),
        "{said}"
    );
    let told = boss.sees();
    assert!(told.contains("💬 ann (recorder/ann) writes:"), "{told}");
    assert!(told.contains("My <b>key</b> does not work"), "{told}");
    assert!(told.contains("[↩️ Reply]"), "{told}");
    assert_eq!(
        clerk.sees(),
        "",
        "who does not see to customers is not told"
    );
    assert!(ann.does(file(b"%PDF")).await.contains("PNG"));
    ann.does(file(PNG)).await;
    let told = boss.sees();
    assert!(
        told.contains(&format!("{{picture of {} bytes}}", PNG.len())),
        "{told}"
    );
    assert!(ann.presses("Done").await.contains("Thank you!"));
    assert!(
        boss.presses("Open the customer")
            .await
            .contains("Here since")
    );
    assert!(boss.presses("🚫 Ban").await.contains("kept out?"));
    assert!(
        boss.chat_shows().contains("My <b>key</b>"),
        "the letter stays"
    );
    boss.presses("Reply").await;
    boss.types("Try it again now.").await;
    let answer = ann.sees();
    assert!(answer.contains("Try it again now."), "{answer}");
    ann.presses("💬 Answer").await;
    ann.types("It works!").await;
    assert!(boss.sees().contains("It works!"));
}

#[tokio::test]
async fn a_letter_survives_a_restart_and_a_platform_that_is_away() {
    let stage = Stage::open().await;
    let boss = stage.person("boss").await;
    let ann = stage.person("ann").await;
    ann.types("/contact").await;
    let said = ann.deed(Kind::typed("Are you there?"));
    stage.bot.handle(said.clone()).await;
    let away = FrontendError::Wait(Duration::from_secs(9));
    *stage.recorder.failure.lock().unwrap() = Some(away);
    stage.jobs.run_once(JobName::Outbox).await.unwrap();
    assert!(!boss.sees().contains("Are you there?"));
    let stage = stage.restarted();
    stage.bot.handle(said).await;
    stage.pass(Duration::from_secs(60)).await;
    stage.pass(Duration::from_secs(60)).await;
    let boss = stage.returning("boss");
    let told = boss.sees();
    assert_eq!(told.matches("Are you there?").count(), 1, "{told}");
    let ann = stage.returning("ann");
    ann.types("And another thing").await;
    assert!(
        boss.sees().contains("And another thing"),
        "the dialog goes on"
    );
    assert!(ann.types("/cancel").await.contains("Thank you!"));
    assert!(!ann.types("stray").await.contains("Passed on"));
}

#[tokio::test]
async fn a_customer_writes_so_many_letters_in_an_hour_and_they_are_kept_for_a_month() {
    let stage = Stage::open().await;
    let (boss, ann) = (stage.person("boss").await, stage.person("ann").await);
    for number in 1..=10 {
        let said = ann.types(&format!("/contact letter {number}")).await;
        assert!(said.contains("Passed on"), "{said}");
        stage.pass(Duration::from_secs(60)).await;
    }
    let refused = ann.types("/contact one more").await;
    assert!(refused.contains("go on in 50 minutes"), "{refused}");
    assert!(!boss.sees().contains("one more"));
    stage.pass(Duration::from_secs(50 * 60)).await;
    assert!(ann.types("/contact at last").await.contains("Passed on"));
    let listed = boss.manages("Letters").await;
    assert!(listed.contains("What customers wrote: 11"), "{listed}");
    let read = boss.presses("ann ·").await;
    assert!(read.contains("at last"), "newest first: {read}");
    boss.presses("📨 Letters").await;
    boss.presses("Next").await;
    assert!(boss.presses("ann ·").await.contains("letter 3"));
    boss.presses("📨 Letters").await;
    stage.pass(Duration::from_secs(30 * 24 * 3_600)).await;
    let stale = boss.finds("ann ·");
    stage.bot.run_plugin_job("contact", "purge").await.unwrap();
    assert!(boss.types("/letters").await.contains("Nobody has written"));
    assert!(boss.does(stale).await.contains("no longer kept"));
}

#[tokio::test]
async fn what_is_written_lies_sealed() {
    let stage = Stage::open().await;
    let ann = stage.person("ann").await;
    ann.types("/contact my password is hunter2").await;
    let store = stage.shop.store();
    let page = shopcore::store::Page::first(9);
    let kept = store.list_states(stage.shop.id(), "letters", "", page);
    let kept = kept.await.unwrap();
    assert_eq!(kept.total, 2, "the letter, and when one was written lately");
    for (_, value) in kept.items {
        assert!(!String::from_utf8_lossy(&value).contains("hunter2"));
    }
    let rows = format!("{:?}", stage.rows().await);
    assert!(
        !rows.contains("hunter2"),
        "neither audit nor outbox tells it"
    );
}
