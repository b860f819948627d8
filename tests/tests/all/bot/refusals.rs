//! What nobody should be able to do, and what happens when the world around the bot fails.

use std::time::Duration;

use shopcore::audit::Actor;
use shopcore::bot::action::Packed;
use shopcore::bot::frontend::FrontendError;
use shopcore::bot::incoming::Kind;
use shopcore::bot::{Bot, RunError, storefront};
use shopcore::courier::{Courier, CourierError, Receipt};
use shopcore::customer::Standing;
use shopcore::message::{Destination, Task};
use shopcore::order::OrderState;
use shopcore::review::CaseReason;
use shopcore::stock::NewUnit;
use shopcore::store::{Batch, OrderWrite, StockClaim, StockWrite};
use shopcore::testing::fault::Fault;
use shopcore::vault::{Fingerprint, Sealed};

use super::buying::orders_one;
use super::stage::Stage;

#[tokio::test]
async fn a_stranger_on_an_admins_button_changes_nothing() {
    let stage = Stage::open().await;
    stage.product("A", 1_000, &["1"]).await;
    let (boss, eve) = (stage.person("boss").await, stage.person("eve").await);
    let labels = [
        "Add a product",
        "Add contents",
        "Vouchers",
        "All orders",
        "Review cases",
    ];
    assert!(!eve.chat_shows().contains("Manage the shop"));
    let menu = boss.presses("Manage the shop").await;
    assert!(labels.iter().all(|label| menu.contains(label)));
    let before = stage.rows().await;
    for label in labels {
        let refused = eve.does(boss.finds(label)).await;
        assert!(
            refused.contains("Only the shop's team can do that"),
            "{label}: {refused}"
        );
    }
    for command in [
        "/addproduct",
        "/addstock A",
        "/vouchers X|10%|1",
        "/allorders",
        "/cases",
    ] {
        let refused = eve.types(command).await;
        assert!(
            refused.contains("Only the shop's team can do that"),
            "{command}: {refused}"
        );
    }
    assert!(
        eve.types("KEY").await.contains("not sure what to do"),
        "no dialog was opened"
    );
    assert_eq!(stage.rows().await, before);
}

#[tokio::test]
async fn made_up_buttons_are_out_of_date() {
    let stage = Stage::open().await;
    let ann = stage.person("ann").await;
    for made_up in [
        "shop:",
        "shop:____",
        "nobody:AA",
        "~:AAAA",
        "cart:AA",
        "menu:zz",
        ":",
    ] {
        let action = Packed::received(made_up).ok();
        let answer = ann
            .does(Kind::Button {
                action,
                message: None,
            })
            .await;
        let harmless = answer.contains("out of date") || answer.contains("nothing in your cart");
        assert!(harmless, "{made_up}: {answer}");
    }
    let nothing = ann
        .does(Kind::Button {
            action: None,
            message: None,
        })
        .await;
    assert!(
        nothing.contains("out of date") && nothing.contains("Menu"),
        "{nothing}"
    );
    assert!(ann.does(Kind::Other).await.contains("not sure what to do"));
}

#[tokio::test]
async fn whatever_is_typed_gets_an_answer_and_changes_nothing() {
    let stage = Stage::open().await;
    stage.product("A", 1_000, &["1"]).await;
    let ann = stage.person("ann").await;
    let before = stage.rows().await;
    let long = "x".repeat(10_000);
    let typed = [
        "",
        "   ",
        &long,
        "😀",
        "\u{202e}abc",
        "<b>x</b>",
        "-1",
        "0",
        "1e99",
        "/",
        "/😀",
    ];
    for text in typed {
        for opening in ["", "/search", "/deposit", "/cart"] {
            if !opening.is_empty() {
                ann.types(opening).await;
            }
            assert!(!ann.types(text).await.is_empty(), "{opening} {text}");
        }
    }
    for id in [
        "00000000-0000-0000-0000-000000000000",
        "ZZZZ-ZZZZ",
        "",
        "💥",
    ] {
        assert!(!ann.types(&format!("/orders {id}")).await.is_empty());
    }
    assert_eq!(stage.rows().await, before);
}

#[tokio::test]
async fn a_banned_customer_is_told_so_and_nothing_else() {
    let stage = Stage::open().await;
    let ann = stage.person("ann").await;
    let customer = stage.rows().await.customers[0].id;
    let customers = stage.shop.customers();
    customers
        .set_standing(&Actor::Operator, customer, Standing::Banned, None, None)
        .await
        .unwrap();
    assert_eq!(
        ann.types("/start").await,
        "You can't use this shop at the moment."
    );
}

#[tokio::test]
async fn goods_a_platform_could_not_take_are_brought_again() {
    let stage = Stage::open().await;
    stage.product("A", 1_000, &["KEY"]).await;
    let ann = stage.person("ann").await;
    orders_one(&ann).await;
    let invoice = stage.rows().await.charges[0].clone();
    stage.shop.settlement().simulate(&invoice).await.unwrap();
    let wait = FrontendError::Wait(Duration::from_secs(30));
    *stage.recorder.failure.lock().unwrap() = Some(wait);
    stage.pass(Duration::ZERO).await;
    assert_eq!(stage.rows().await.orders[0].state, OrderState::Paid);
    ann.sees();
    stage.pass(Duration::from_secs(31)).await;
    assert!(ann.sees().contains("KEY"));
    assert_eq!(stage.rows().await.orders[0].state, OrderState::Delivered);
}

#[tokio::test]
async fn goods_a_platform_refuses_for_good_open_a_case() {
    let stage = Stage::open().await;
    stage.product("A", 1_000, &["KEY"]).await;
    let ann = stage.person("ann").await;
    orders_one(&ann).await;
    let charge = stage.rows().await.charges[0].clone();
    stage.shop.settlement().simulate(&charge).await.unwrap();
    let blocked = FrontendError::Refused("blocked".to_owned());
    *stage.recorder.failure.lock().unwrap() = Some(blocked);
    stage.pass(Duration::ZERO).await;
    let rows = stage.rows().await;
    assert_eq!(
        (rows.orders[0].state, rows.cases.len()),
        (OrderState::Paid, 1)
    );
    let boss = stage.person("boss").await;
    stage.pass(Duration::ZERO).await;
    boss.types("/cases").await;
    boss.presses("could not be delivered").await;
    boss.presses("Deliver after all").await;
    assert!(ann.sees().contains("KEY"));
}

#[tokio::test]
async fn a_store_that_fails_is_said_and_changes_nothing() {
    let stage = Stage::open().await;
    let product = stage.product("A", 1_000, &["1"]).await;
    let ann = stage.person("ann").await;
    ann.types("/shop").await;
    ann.presses("Product").await;
    ann.presses("Add 1").await;
    let order = ann.finds("Order for");
    let before = stage.rows().await;
    // The first look is at the shop's own words, which the usual ones stand in for.
    for reads in 2..5 {
        stage.store.fail_reads(reads);
        stage.bot.handle(ann.deed(order.clone())).await;
        stage.store.heal();
        let said = ann.sees();
        assert!(
            said.contains("The shop can't be reached right now"),
            "{reads}: {said}"
        );
    }
    stage.store.script([Some(Fault::Unavailable)]);
    let said = ann.does(order.clone()).await;
    assert!(
        said.contains("The shop can't be reached right now"),
        "{said}"
    );
    assert_eq!(stage.rows().await, before);
    let placed = ann.does(order).await;
    assert!(placed.contains("To pay: Rp 1.000"), "{placed}");
    assert_eq!(stage.available(&product).await, 0);
}

#[tokio::test]
async fn a_flood_is_answered_up_to_a_limit_and_told_once() {
    let stage = Stage::open().await;
    let (ann, bob) = (stage.person("ann").await, stage.person("bob").await);
    stage.recorder.open_to_all();
    for _ in 0..60 {
        stage.clock.advance(chrono::Duration::seconds(1));
        stage.bot.handle(ann.deed(Kind::typed("hello"))).await;
    }
    let said = ann.sees();
    let answered = said.matches("not sure what to do").count();
    assert!((20..40).contains(&answered), "{answered} were answered");
    assert_eq!(said.matches("a bit fast").count(), 1);
    assert!(
        bob.types("hello").await.contains("not sure what to do"),
        "others are not slowed"
    );
}

#[tokio::test]
async fn an_answer_waits_for_a_platform_that_asks_for_patience() {
    let stage = Stage::open().await;
    let ann = stage.person("ann").await;
    let wait = FrontendError::Wait(Duration::from_millis(1));
    *stage.recorder.failure.lock().unwrap() = Some(wait);
    assert!(
        ann.types("/menu")
            .await
            .contains("What would you like to do?")
    );
}

#[tokio::test]
async fn parts_that_do_not_fit_together_are_refused() {
    let stage = Stage::open().await;
    let twice = || storefront().into_iter().chain(storefront());
    let refused = Bot::new(stage.shop.clone()).plugins(twice()).build();
    assert!(matches!(refused, Err(RunError::PluginTwice("shop"))));
}

#[tokio::test]
async fn admins_nobody_has_met_are_told_when_they_come() {
    let stage = Stage::open().await;
    stage.product("A", 1_000, &["1"]).await;
    let ann = stage.person("ann").await;
    orders_one(&ann).await;
    stage.pass(Duration::from_secs(16 * 60)).await;
    let boss = stage.person("boss").await;
    stage.pass(Duration::from_secs(60)).await;
    assert!(boss.sees().contains("Not paid in time"));
}

#[tokio::test]
async fn a_notice_to_admins_who_never_come_is_given_up() {
    let stage = Stage::open().await;
    stage.product("A", 1_000, &["1"]).await;
    let ann = stage.person("ann").await;
    orders_one(&ann).await;
    stage.pass(Duration::from_secs(16 * 60)).await;
    let mut outbox = stage.rows().await.outbox.into_iter();
    let mut notice = outbox
        .find(|item| item.destination == Destination::Admins)
        .unwrap();
    let waits = stage.bot.bring(&notice).await.unwrap_err();
    assert!(matches!(waits, CourierError::Unavailable(_)), "{waits:?}");
    notice.attempts = 1_000;
    assert_eq!(stage.bot.bring(&notice).await.unwrap(), Receipt::default());
}

#[tokio::test]
async fn goods_that_cannot_be_opened_open_a_case() {
    let stage = Stage::open().await;
    let product = stage.product("A", 1_000, &[]).await;
    let shop = &stage.shop;
    let damaged = NewUnit {
        id: shop.ids().next(),
        content: Sealed::stored(vec![0; 64]),
        fingerprint: Fingerprint([0; 32]),
    };
    let mut batch = Batch::chore(shop.id(), shop.now(), shop.ids());
    batch.push(StockWrite::Add {
        product: product.id,
        units: vec![damaged],
    });
    shop.commit(batch).await.unwrap();
    orders_one(&stage.person("ann").await).await;
    let charge = stage.rows().await.charges[0].clone();
    shop.settlement().simulate(&charge).await.unwrap();
    stage.pass(Duration::ZERO).await;
    let rows = stage.rows().await;
    assert_eq!(
        (rows.orders[0].state, rows.cases.len()),
        (OrderState::Paid, 1)
    );
}

#[tokio::test]
async fn goods_that_are_lost_open_a_case() {
    let stage = Stage::open().await;
    stage.product("A", 1_000, &["1"]).await;
    orders_one(&stage.person("ann").await).await;
    let (shop, rows) = (&stage.shop, stage.rows().await);
    let order = &rows.orders[0];
    let mut batch = Batch::chore(shop.id(), shop.now(), shop.ids());
    batch
        .push(StockWrite::Release(StockClaim {
            line: order.lines[0].id,
            quantity: 1,
        }))
        .push(OrderWrite::Move {
            order: order.id,
            from: order.state,
            to: OrderState::Paid,
        })
        .enqueue(
            Destination::Chat(order.chat.clone()),
            order.id,
            Task::Delivery { order: order.id },
        );
    shop.commit(batch).await.unwrap();
    stage.pass(Duration::ZERO).await;
    let rows = stage.rows().await;
    assert_eq!(
        (rows.orders[0].state, rows.cases[0].reason),
        (OrderState::Paid, CaseReason::DeliveryRefused)
    );
}
