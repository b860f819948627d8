//! A plug-in from outside the shop: it brings its own command, button, dialog, texts, state and job.

use std::time::Duration;

use loyalty::Loyalty;
use shopcore::money::{Currency, Money};
use shopcore::text::Reason;

use super::stage::{Person, Stage};

async fn open() -> Stage {
    let gift = Money::new(2_500, Currency::IDR);
    let reason = Reason::parse("a full card of stamps").unwrap();
    Stage::open().await.with(Loyalty(gift, reason))
}

/// Buys something, and tells what is read meanwhile.
async fn buys(stage: &Stage, person: &Person<'_>) -> String {
    person.types("/shop").await;
    person.presses("Product NET").await;
    person.presses("Add 1").await;
    person.presses("Order for").await;
    let paid = person.presses("Test payment").await;
    stage.pass(Duration::from_secs(3)).await;
    paid + &person.sees()
}

#[tokio::test]
async fn a_full_card_is_worth_its_gift_once() {
    let stage = open().await;
    stage
        .product("NET", 1_000, &["A", "B", "C", "D", "E"])
        .await;
    let ann = stage.person("ann").await;
    let card = ann.types("/stamps").await;
    assert!(card.contains("Your card, you have no stamps yet"), "{card}");
    for _ in 0..4 {
        let told = buys(&stage, &ann).await;
        assert!(told.contains("one more stamp"), "{told}");
    }
    let card = ann.presses("My stamps").await;
    assert!(card.contains("you have 4 stamps"), "{card}");
    let gifts = async || stage.bot.run_plugin_job("loyalty", "gifts").await.unwrap();
    gifts().await;
    let wallet = ann.types("/wallet").await;
    assert!(wallet.contains("Rp 0"), "{wallet}");
    buys(&stage, &ann).await;
    for _ in 0..2 {
        gifts().await;
    }
    // What asks is forgotten after a while; what was given is not.
    stage.pass(Duration::from_secs(30 * 24 * 3_600)).await;
    stage
        .jobs
        .run_once(shopcore::jobs::JobName::Prune)
        .await
        .unwrap();
    gifts().await;
    let wallet = ann.types("/wallet").await;
    assert!(wallet.contains("Rp 2.500"), "{wallet}");
}

#[tokio::test]
async fn a_card_is_named_in_a_dialog_and_in_the_own_language() {
    let stage = open().await;
    let budi = stage.speaker("budi", "id").await;
    let card = budi.presses("Stempelku").await;
    assert!(card.contains("stempelnya belum ada"), "{card}");
    budi.presses("Namai kartuku").await;
    let wrong = budi.types(&"x".repeat(500)).await;
    assert!(wrong.contains("satu baris"), "{wrong}");
    let named = budi.types("Kartu Budi").await;
    assert!(named.contains("Kartu Budi, stempelnya"), "{named}");
    budi.presses("Namai kartuku").await;
    budi.types("/cancel").await;
    let card = budi.types("/stamps").await;
    assert!(card.contains("Kartu Budi"), "left as it was: {card}");
}
