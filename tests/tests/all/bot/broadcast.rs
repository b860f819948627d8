//! Writing to all customers.

use std::time::Duration;

use shopcore::audit::Actor;
use shopcore::bot::frontend::FrontendError;
use shopcore::customer::{Chat, ChatId, Contact, ExternalId, FrontendName, Standing};
use shopcore::service::{Broadcast, BroadcastState};
use shopcore::store::Page;

use super::stage::Stage;

const NEWS: &str = "Big <b>sale</b> today";

/// Has this many customers come, named `c0`, `c1` and so on.
async fn crowd(stage: &Stage, count: usize) {
    let frontend = FrontendName::parse("recorder").unwrap();
    for index in 0..count {
        let name = format!("c{index}");
        let contact = Contact {
            frontend: frontend.clone(),
            external: ExternalId::parse(&name).unwrap(),
        };
        let chat = Chat {
            frontend: frontend.clone(),
            id: ChatId::parse(&name).unwrap(),
        };
        let met = stage.shop.customers().meet(&contact, &chat, None).await;
        met.unwrap();
    }
}

/// Does the job this often, a second apart.
async fn run(stage: &Stage, times: usize) {
    for _ in 0..times {
        stage.clock.advance(chrono::Duration::seconds(1));
        stage.bot.run_plugin_job("broadcast", "send").await.unwrap();
    }
}

async fn latest(stage: &Stage) -> Broadcast {
    let all = stage.shop.broadcasts().list(Page::first(9)).await.unwrap();
    all.items.last().unwrap().clone()
}

/// How often each of the crowd got the news.
fn copies(stage: &Stage, count: usize) -> Vec<usize> {
    let chats = (0..count).map(|index| stage.returning(&format!("c{index}")).chat_shows());
    chats.map(|chat| chat.matches("Big sale").count()).collect()
}

#[tokio::test]
async fn everyone_who_was_there_gets_a_broadcast_once() {
    let stage = Stage::open().await;
    let boss = stage.person("boss").await;
    crowd(&stage, 60).await;
    let banned = stage.person("banned").await;
    let rows = stage.rows().await.customers;
    let banned_id = rows.iter().map(|row| row.id).max().unwrap();
    let ban = stage.shop.customers();
    ban.set_standing(&Actor::Operator, banned_id, Standing::Banned, None, None)
        .await
        .unwrap();
    boss.manages("Broadcast").await;
    let asked = boss.presses("Write to everyone").await;
    assert!(asked.contains("<b>bold</b>"), "{asked}");
    let again = boss.types(&"x".repeat(5_000)).await;
    assert!(again.contains("too long"), "{again}");
    let seen = boss.types(NEWS).await;
    assert!(seen.contains("Big sale today"), "{seen}");
    assert!(seen.contains("61 customers"), "{seen}");
    run(&stage, 1).await;
    assert_eq!(copies(&stage, 60), [0; 60]);
    let begun = boss.presses("Send it").await;
    assert!(begun.contains("being sent"), "{begun}");
    stage.person("newcomer").await;
    *stage.recorder.failure.lock().unwrap() = Some(FrontendError::Refused("blocked".into()));
    run(&stage, 5).await;
    let copies = copies(&stage, 60);
    assert_eq!(copies.iter().filter(|copies| **copies == 1).count(), 59);
    assert_eq!(copies[59], 0, "the first who is written to refuses");
    assert!(
        !stage
            .returning("newcomer")
            .chat_shows()
            .contains("Big sale")
    );
    assert!(!banned.chat_shows().contains("Big sale"));
    let done = boss.chat_shows();
    assert!(
        done.contains("60 sent, 0 left, 1 unreachable, 0 failed"),
        "{done}"
    );
    assert_eq!(latest(&stage).await.state, BroadcastState::Done);
    assert_eq!(stage.shop.broadcasts().count().await.unwrap(), 61);
}

#[tokio::test]
async fn a_broadcast_is_paused_resumed_and_given_up() {
    let stage = Stage::open().await;
    let boss = stage.person("boss").await;
    crowd(&stage, 60).await;
    boss.types("/broadcast").await;
    boss.presses("Write to everyone").await;
    boss.types(NEWS).await;
    boss.presses("Send it").await;
    run(&stage, 1).await;
    boss.presses("Pause").await;
    run(&stage, 3).await;
    assert_eq!(copies(&stage, 60).iter().sum::<usize>(), 25);
    boss.presses("Go on").await;
    run(&stage, 1).await;
    assert_eq!(copies(&stage, 60).iter().sum::<usize>(), 50);
    let given_up = boss.presses("Give it up").await;
    assert!(given_up.contains("given up"), "{given_up}");
    run(&stage, 3).await;
    assert_eq!(copies(&stage, 60).iter().sum::<usize>(), 50);
    assert!(copies(&stage, 60).iter().all(|copies| *copies <= 1));
}

#[tokio::test]
async fn a_broadcast_goes_on_after_the_process_that_sent_it_died() {
    let stage = Stage::open().await;
    let boss = stage.person("boss").await;
    crowd(&stage, 60).await;
    boss.types("/broadcast").await;
    boss.presses("Write to everyone").await;
    boss.types(NEWS).await;
    boss.presses("Send it").await;
    run(&stage, 1).await;
    let (book, dead) = (stage.shop.broadcasts(), stage.shop.ids().next());
    let id = latest(&stage).await.id;
    assert!(book.next(id, dead).await.unwrap().is_some());
    let stage = stage.restarted();
    run(&stage, 2).await;
    assert_eq!(copies(&stage, 60).iter().sum::<usize>(), 25);
    stage.pass(Duration::from_secs(60)).await;
    run(&stage, 3).await;
    assert_eq!(copies(&stage, 60), [1; 60]);
    assert_eq!(latest(&stage).await.state, BroadcastState::Done);
}

#[tokio::test]
async fn a_broadcast_rests_when_the_platform_asks_for_patience() {
    let stage = Stage::open().await;
    let boss = stage.person("boss").await;
    crowd(&stage, 3).await;
    boss.types("/broadcast").await;
    boss.presses("Write to everyone").await;
    boss.types(NEWS).await;
    boss.presses("Send it").await;
    let wait = FrontendError::Wait(Duration::from_secs(30));
    *stage.recorder.failure.lock().unwrap() = Some(wait);
    run(&stage, 20).await;
    assert_eq!(copies(&stage, 3), [0; 3]);
    run(&stage, 15).await;
    assert_eq!(copies(&stage, 3), [1; 3]);
}
