//! What the team hears of orders, deposits and payments, and in which hours they hear nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use shopcore::bot::frontend::FrontendError;
use shopcore::gateway::{
    Capabilities, ChargeRequest, ChargeStatus, Effect, Gateway, GatewayError, GatewayName,
    OpenCharge, VerifiedWebhook, WebhookError, WebhookRequest,
};
use shopcore::invoice::Charge;
use shopcore::money::{Currency, Money};
use shopcore::store::Page;

use shopcore_payments::Sandbox;

use super::buying::orders_one;
use super::stage::{Person, Stage};

/// A boss whom notes reach from now on.
async fn told(stage: &Stage) -> Person<'_> {
    let boss = stage.person("boss").await;
    follow(stage).await;
    boss.sees();
    boss
}

async fn follow(stage: &Stage) {
    let followed = stage.bot.run_plugin_job("notices", "follow").await;
    followed.unwrap();
}

/// Lets the jobs do their work, and the notes follow.
async fn pass(stage: &Stage, time: Duration) {
    stage.pass(time).await;
    follow(stage).await;
}

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3_600);

#[tokio::test]
async fn one_note_follows_an_order_from_its_placing_to_its_delivery() {
    let stage = Stage::open().await;
    stage.product("A", 1_000, &["1"]).await;
    let (boss, ann) = (told(&stage).await, stage.person("ann").await);
    orders_one(&ann).await;
    follow(&stage).await;
    let note = boss.sees();
    for part in [
        "🛒 An order",
        "awaiting payment",
        "Product A × 1",
        "Total: Rp 1.000",
        "👤 ann (recorder/ann)",
        "💳 sandbox",
        "15 minutes from now",
        "[📦 Open the order]",
    ] {
        assert!(note.contains(part), "{part} in {note}");
    }
    follow(&stage).await;
    assert_eq!(boss.sees(), "", "nothing changed");
    ann.presses("Test payment").await;
    pass(&stage, SECOND).await;
    let note = boss.sees();
    assert!(note.contains("delivered"), "{note}");
    assert!(!note.contains("from now"), "{note}");
    let chat = boss.chat_shows();
    assert_eq!(chat.matches("🛒 An order").count(), 1, "{chat}");
    let opened = boss.presses("Open the order").await;
    assert!(opened.contains("Pay back"), "{opened}");
    assert_eq!(boss.chat_shows().matches("🛒 An order").count(), 1, "kept");
}

#[tokio::test]
async fn a_note_tells_what_is_cancelled_expired_and_refunded() {
    let stage = Stage::open().await;
    stage.product("A", 1_000, &["1", "2"]).await;
    let (boss, ann) = (told(&stage).await, stage.person("ann").await);
    orders_one(&ann).await;
    follow(&stage).await;
    assert!(boss.sees().contains("awaiting payment"));
    pass(&stage, HOUR * 2).await;
    let note = boss.sees();
    assert!(note.contains("expired"), "{note}");
    assert!(note.contains("Not paid in time: order"), "{note}");
    orders_one(&ann).await;
    ann.presses("Test payment").await;
    pass(&stage, SECOND).await;
    boss.sees();
    boss.presses("Open the order").await;
    boss.presses("Pay back").await;
    boss.presses("All of it").await;
    boss.presses("Into the wallet").await;
    boss.types("it did not work").await;
    follow(&stage).await;
    let chat = boss.chat_shows();
    assert!(
        chat.contains("An order\nOrder") && chat.contains("refunded"),
        "{chat}"
    );
}

#[tokio::test]
async fn a_deposit_has_its_note_too() {
    let stage = Stage::open().await;
    let (boss, ann) = (told(&stage).await, stage.person("ann").await);
    ann.types("/deposit 50000").await;
    follow(&stage).await;
    let note = boss.sees();
    assert!(note.contains("💰 A deposit of Rp 50.000"), "{note}");
    assert!(note.contains("⏳ awaiting payment"), "{note}");
    ann.presses("Test payment").await;
    follow(&stage).await;
    assert!(boss.sees().contains("✅ credited"));
    assert!(
        boss.presses("Open the customer")
            .await
            .contains("Rp 50.000")
    );
}

#[tokio::test]
async fn a_payment_that_is_short_or_comes_twice_is_told() {
    let stage = Stage::open().await;
    stage.product("A", 10_000, &["1"]).await;
    let (boss, ann) = (told(&stage).await, stage.person("ann").await);
    orders_one(&ann).await;
    let pay = async |amount: i64| {
        let rows = stage.rows().await;
        let charge = rows.charges.last().unwrap().clone();
        let amount = Money::new(amount, Currency::IDR);
        let paid = stage
            .sandbox
            .pay(&charge.reference, amount, stage.shop.now())
            .await
            .unwrap();
        stage.shop.settlement().settle(&paid).await.unwrap();
        pass(&stage, SECOND).await;
        boss.sees()
    };
    let told = pay(2_000).await;
    assert!(
        told.contains("⚠️ Rp 2.000 came for order") && told.contains("Rp 10.000 is asked"),
        "{told}"
    );
    assert!(told.contains("Rp 2.000 of Rp 10.000 arrived"), "{told}");
    let told = pay(9_000).await;
    assert!(told.contains("more than the Rp 10.000 asked"), "{told}");
    let told = pay(9_000).await;
    assert!(told.contains("once more"), "{told}");
}

#[tokio::test]
async fn everyone_chooses_what_they_hear() {
    let stage = Stage::open().await;
    stage.product("A", 1_000, &["1"]).await;
    let (boss, ann) = (told(&stage).await, stage.person("ann").await);
    assert!(boss.types("/notices").await.contains("[✅ New orders]"));
    assert!(boss.presses("New orders").await.contains("[⬜ New orders]"));
    orders_one(&ann).await;
    follow(&stage).await;
    assert_eq!(boss.sees(), "");
    ann.presses("Test payment").await;
    follow(&stage).await;
    assert!(boss.sees().contains("🛒 An order"), "paid orders are told");
    assert!(ann.types("/notices").await.contains("team"));
}

#[tokio::test]
async fn what_happens_in_quiet_hours_comes_in_one_message_afterwards() {
    let stage = Stage::open().await;
    stage.product("A", 1_000, &["1", "2"]).await;
    let (boss, ann) = (told(&stage).await, stage.person("ann").await);
    boss.types("/notices").await;
    boss.presses("Quiet hours").await;
    assert!(boss.types("at night").await.contains("can't read that"));
    assert!(boss.types("22-7").await.contains("Between 22:00 and 07:00"));
    stage.pass(HOUR * 23).await;
    boss.sees();
    for _ in 0..2 {
        orders_one(&ann).await;
        follow(&stage).await;
    }
    ann.presses("Test payment").await;
    pass(&stage, SECOND).await;
    let summarise = async || {
        let brought = stage.bot.run_plugin_job("notices", "summary").await;
        brought.unwrap();
        boss.sees()
    };
    assert_eq!(summarise().await, "", "it is still quiet");
    pass(&stage, HOUR * 9).await;
    let summary = summarise().await;
    assert!(summary.contains("🌅 While it was quiet"), "{summary}");
    assert!(summary.contains("New orders: 2"), "{summary}");
    assert!(
        summary.contains("· delivered ·"),
        "as things stand: {summary}"
    );
    assert!(
        summary.contains("[📦 All orders]") || summary.contains("orders]"),
        "{summary}"
    );
    assert_eq!(summarise().await, "", "once");
}

#[tokio::test]
async fn a_note_that_could_not_be_sent_is_tried_again() {
    let stage = Stage::open().await;
    stage.product("A", 1_000, &["1"]).await;
    let (boss, ann) = (told(&stage).await, stage.person("ann").await);
    orders_one(&ann).await;
    let down = FrontendError::Unavailable("down".into());
    *stage.recorder.failure.lock().unwrap() = Some(down);
    follow(&stage).await;
    assert_eq!(boss.sees(), "");
    follow(&stage).await;
    assert!(boss.sees().contains("🛒 An order"));
}

#[tokio::test]
async fn old_notes_are_forgotten() {
    let stage = Stage::open().await;
    stage.product("A", 1_000, &["1"]).await;
    let (_boss, ann) = (told(&stage).await, stage.person("ann").await);
    orders_one(&ann).await;
    follow(&stage).await;
    let notes = async || {
        let store = stage.shop.store();
        let page = Page::first(9);
        let found = store.list_states(stage.shop.id(), "notices", "note/", page);
        found.await.unwrap().total
    };
    assert_eq!(notes().await, 1);
    for left in [1, 0] {
        stage.clock.advance(chrono::Duration::days(16));
        let tidied = stage.bot.run_plugin_job("notices", "tidy").await;
        tidied.unwrap();
        assert_eq!(notes().await, left);
    }
}

/// A gateway that is down.
#[derive(Debug)]
struct Down {
    sandbox: Sandbox,
    is_down: Arc<AtomicBool>,
}

impl Down {
    async fn call<T>(
        &self,
        call: impl Future<Output = Result<T, GatewayError>>,
    ) -> Result<T, GatewayError> {
        if self.is_down.load(Ordering::SeqCst) {
            let (effect, source) = (Effect::None, "nobody answers".into());
            return Err(GatewayError::Unavailable { effect, source });
        }
        call.await
    }
}

#[async_trait]
impl Gateway for Down {
    fn name(&self) -> &GatewayName {
        self.sandbox.name()
    }

    fn capabilities(&self) -> &Capabilities {
        self.sandbox.capabilities()
    }

    async fn create_charge(&self, request: &ChargeRequest) -> Result<OpenCharge, GatewayError> {
        self.call(self.sandbox.create_charge(request)).await
    }

    async fn charge_status(&self, charge: &Charge) -> Result<ChargeStatus, GatewayError> {
        self.call(self.sandbox.charge_status(charge)).await
    }

    async fn cancel_charge(&self, charge: &Charge) -> Result<(), GatewayError> {
        self.call(self.sandbox.cancel_charge(charge)).await
    }

    fn verify_webhook(&self, request: WebhookRequest<'_>) -> Result<VerifiedWebhook, WebhookError> {
        self.sandbox.verify_webhook(request)
    }
}

#[tokio::test]
async fn the_owner_is_told_once_of_a_gateway_that_is_down_and_once_that_it_answers_again() {
    let is_down = Arc::new(AtomicBool::new(false));
    let switch = Arc::clone(&is_down);
    let stage = Stage::paid_by(|builder, sandbox| {
        let sandbox = sandbox.clone();
        builder.gateway(Down { sandbox, is_down })
    })
    .await;
    let (boss, ann) = (told(&stage).await, stage.person("ann").await);
    ann.types("/deposit 50000").await;
    let check = ann.finds("Check");
    switch.store(true, Ordering::SeqCst);
    for _ in 0..2 {
        ann.does(check.clone()).await;
    }
    stage.pass(Duration::ZERO).await;
    assert!(!boss.sees().contains("🚨"), "twice may be chance");
    for _ in 0..3 {
        ann.does(check.clone()).await;
    }
    stage.pass(Duration::ZERO).await;
    let told = boss.sees();
    assert_eq!(told.matches("🚨").count(), 1, "{told}");
    assert!(
        told.contains("sandbox failed three times in a row"),
        "{told}"
    );
    switch.store(false, Ordering::SeqCst);
    ann.does(check).await;
    stage.pass(Duration::ZERO).await;
    let told = boss.sees();
    assert_eq!(told.matches("answers again").count(), 1, "{told}");
}
