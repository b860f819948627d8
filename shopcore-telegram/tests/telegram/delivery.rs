//! Which updates reach the bot, in which order, and what a restart brings again.

use std::sync::Arc;

use shopcore::bot::frontend::FrontendError;
use shopcore::bot::{Bot, RunError, storefront};
use shopcore::money::Currency;
use shopcore::{MemoryStore, Shop};
use shopcore_telegram::Telegram;
use tokio::sync::Semaphore;

use crate::fake::{Fake, Refusal, World};
use crate::plugin::Sample;
use crate::{Running, person};

const ANN: i64 = 7;
const BEN: i64 = 8;

fn texts(world: &World, chat: i64) -> Vec<String> {
    world
        .chat(chat)
        .iter()
        .map(|message| message.text.clone())
        .collect()
}

async fn sampled() -> (Fake, Running, Arc<Semaphore>) {
    let (fake, sample) = (Fake::start().await, Sample::default());
    let gate = Arc::clone(&sample.gate);
    let running = Running::start(&fake, vec![Box::new(sample)]).await;
    (fake, running, gate)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_slow_chat_holds_up_no_other_and_keeps_its_order() {
    let (fake, running, gate) = sampled().await;
    let (ann, ben) = (person(ANN, "Ann"), person(BEN, "Ben"));
    fake.write(&ann, "/wait 1");
    fake.write(&ann, "/echo 2");
    fake.write(&ben, "/echo 3");
    fake.until(|world| (texts(world, BEN) == ["echo 3"]).then_some(()))
        .await;
    fake.write(&ben, "/echo 4");
    fake.until(|world| (texts(world, BEN).len() == 2).then_some(()))
        .await;
    assert!(fake.with(|world| world.chat(ANN).is_empty()));
    gate.add_permits(1);
    fake.until(|world| (texts(world, ANN) == ["wait 1", "echo 2"]).then_some(()))
        .await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_is_confirmed_only_once_it_is_answered() {
    let (fake, running, gate) = sampled().await;
    let ann = person(ANN, "Ann");
    fake.write(&ann, "/wait 1");
    let asked = fake
        .until(|world| (!world.updates.is_empty()).then_some(world.polls()))
        .await;
    // Asked for again and again, and neither forgotten nor answered twice.
    fake.until(|world| (world.polls() > asked + 3).then_some(()))
        .await;
    assert_eq!(fake.with(|world| world.updates.len()), 1);
    gate.add_permits(2);
    fake.until(|world| world.updates.is_empty().then_some(()))
        .await;
    assert_eq!(fake.with(|world| texts(world, ANN)), ["wait 1"]);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_crash_interrupts_comes_again() {
    let (fake, running, _gate) = sampled().await;
    let ann = person(ANN, "Ann");
    fake.write(&ann, "/wait 1");
    let asked = fake.with(|world| world.polls());
    fake.until(|world| (world.polls() > asked + 2).then_some(()))
        .await;
    running.ended.abort();
    let (fake_again, sample) = (fake.clone(), Sample::default());
    sample.gate.add_permits(1);
    let running = Running::start(&fake_again, vec![Box::new(sample)]).await;
    fake.until(|world| (texts(world, ANN) == ["wait 1"]).then_some(()))
        .await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_update_that_comes_twice_is_answered_once_and_an_end_confirms() {
    let (fake, running, _gate) = sampled().await;
    let ann = person(ANN, "Ann");
    let update = fake.write(&ann, "/echo 1");
    fake.with(|world| world.updates.push_back(update));
    fake.write(&ann, "/echo 2");
    fake.until(|world| (texts(world, ANN).last()? == "echo 2").then_some(()))
        .await;
    running.stop().await;
    assert_eq!(fake.with(|world| texts(world, ANN)), ["echo 1", "echo 2"]);
    assert!(fake.with(|world| world.updates.is_empty()));
}

#[tokio::test(flavor = "multi_thread")]
async fn polling_survives_refusals() {
    let (fake, running, _gate) = sampled().await;
    fake.fail("GetUpdates", Refusal::flood(1));
    fake.fail("GetUpdates", Refusal::bad("something new"));
    fake.write(&person(ANN, "Ann"), "/echo 1");
    fake.until(|world| (texts(world, ANN) == ["echo 1"]).then_some(()))
        .await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_token_ends_the_run() {
    let fake = Fake::start().await;
    let shop = Shop::builder(Currency::IDR).store(MemoryStore::default());
    let telegram = Telegram::new("1:withdrawn")
        .unwrap()
        .api_url(&fake.url)
        .unwrap();
    let bot = Bot::new(shop.build().await.unwrap()).frontend(telegram);
    let error = bot.run().await.unwrap_err();
    let RunError::Frontend { source, .. } = &error else {
        panic!("{error:?}")
    };
    assert!(matches!(source, FrontendError::Refused(_)));
    assert!(!format!("{error:?}").contains("withdrawn"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shop_opens_its_shelves() {
    let (fake, ann) = (Fake::start().await, person(ANN, "Ann"));
    let running = Running::start(&fake, storefront()).await;
    fake.write(&ann, "/start");
    let menu = fake.until(|world| world.last(ANN).cloned()).await;
    for label in menu.labels() {
        let press = fake.press(&ann, menu.id, label);
        fake.until(|world| world.answered.iter().find(|(id, _)| *id == press).map(drop))
            .await;
        fake.with(|world| {
            world.messages.retain(|_, message| message.id == menu.id);
            world.messages.insert((ANN, menu.id), menu.clone());
        });
    }
    running.stop().await;
}
