//! Buying: from the shelf to the goods, with every way to pay and every way it ends.

use std::time::Duration;

use shopcore::audit::Actor;
use shopcore::bot::incoming::Kind;
use shopcore::money::{Currency, Money};
use shopcore::order::OrderState;
use shopcore::store::{OrderFilter, Page};
use shopcore::text::{Reason, VoucherCode};
use shopcore::voucher::{Discount, VoucherTerms};

use super::stage::{Person, Stage};

async fn orders_of(stage: &Stage) -> Vec<shopcore::order::Order> {
    let (filter, page) = (OrderFilter::default(), Page::first(100));
    let orders = stage.shop.orders().list(filter, page).await;
    orders.unwrap().items
}

pub(super) async fn orders_one(person: &Person<'_>) -> String {
    person.types("/shop").await;
    person.presses("Product").await;
    person.presses("Add 1").await;
    person.presses("Order for").await
}

#[tokio::test]
async fn a_customer_buys_with_a_voucher_and_gets_the_keys_again_later() {
    let stage = Stage::open().await;
    stage
        .product("WIN", 15_000, &["KEY-1", "KEY-2", "KEY-3"])
        .await;
    let terms = VoucherTerms::simple(Discount::Percent("10%".parse().unwrap()), 5);
    let code = VoucherCode::parse("TEN").unwrap();
    stage
        .shop
        .vouchers()
        .add(&Actor::Operator, code, terms)
        .await
        .unwrap();
    let ann = stage.person("ann").await;

    let shelf = ann.presses("Shop").await;
    assert!(shelf.contains("[1. Product WIN · Rp 15.000]"), "{shelf}");
    let card = ann.presses("Product WIN").await;
    assert!(card.contains("3 in stock"), "{card}");
    assert!(
        !card.contains("Add contents"),
        "only the team adds contents: {card}"
    );
    let cart = ann.presses("Add 2").await;
    assert!(
        cart.contains("1. Product WIN × 2") && cart.contains("Total: Rp 30.000"),
        "{cart}"
    );
    ann.presses("Use a voucher").await;
    let cart = ann.types("ten").await;
    assert!(cart.contains("Voucher TEN: −Rp 3.000"), "{cart}");
    let invoice = ann.presses("Order for Rp 27.000").await;
    assert!(
        invoice.contains("To pay: Rp 27.000") && invoice.contains("{qr "),
        "{invoice}"
    );
    assert!(invoice.contains("Less than 15 minutes left"), "{invoice}");
    let still = ann.presses("Check the payment").await;
    assert_eq!(still, "(No payment has arrived yet.)");

    let paid = ann.presses("Test payment").await;
    assert!(paid.contains("Paid, thank you"), "{paid}");
    assert!(
        paid.contains("1. KEY-1\n2. KEY-2") && !paid.contains("KEY-3"),
        "{paid}"
    );
    assert!(
        !ann.chat_shows().contains("{qr "),
        "the invoice message is taken away"
    );
    assert_eq!(orders_of(&stage).await[0].state, OrderState::Delivered);

    let mine = ann.types("/orders").await;
    assert!(mine.contains("delivered · Rp 27.000"), "{mine}");
    ann.presses("delivered").await;
    let again = ann.presses("Show the goods again").await;
    assert!(again.contains("1. KEY-1\n2. KEY-2"), "{again}");
}

#[tokio::test]
async fn pressing_order_twice_or_receiving_it_twice_orders_once() {
    let stage = Stage::open().await;
    stage.product("A", 1_000, &["1", "2"]).await;
    let ann = stage.person("ann").await;
    ann.types("/shop").await;
    ann.presses("Product").await;
    ann.presses("Add 1").await;
    let press = ann.finds("Order for");
    let update = ann.new_update();
    ann.does_as(press.clone(), update.clone()).await;
    let duplicate = ann.does_as(press.clone(), update.clone()).await;
    assert_eq!(duplicate, "");
    let pressed_again = ann.does(press.clone()).await;
    assert!(
        pressed_again.contains("nothing in your cart"),
        "{pressed_again}"
    );
    let stage_orders = orders_of(&stage).await.len();
    assert_eq!(stage_orders, 1);
}

#[tokio::test]
async fn an_update_that_arrives_again_after_a_restart_shows_the_order_it_placed() {
    let stage = Stage::open().await;
    stage.product("A", 1_000, &["1", "2"]).await;
    let (press, update) = {
        let ann = stage.person("ann").await;
        ann.types("/shop").await;
        ann.presses("Product").await;
        ann.presses("Add 1").await;
        let (press, update) = (ann.finds("Order for"), ann.new_update());
        ann.does_as(press.clone(), update.clone()).await;
        (press, update)
    };
    let stage = stage.restarted();
    let ann = stage.person("ann").await;
    let again = ann.does_as(press, update).await;
    assert!(again.contains("To pay: Rp 1.000"), "{again}");
    assert_eq!(orders_of(&stage).await.len(), 1);
}

#[tokio::test]
async fn an_invoice_that_expires_leaves_the_chat_and_its_buttons_tell_the_truth() {
    let stage = Stage::open().await;
    let product = stage.product("A", 1_000, &["1"]).await;
    let (ann, boss) = (stage.person("ann").await, stage.person("boss").await);
    orders_one(&ann).await;
    assert_eq!(stage.available(&product).await, 0);
    let pay = ann.finds("Test payment");
    boss.sees();
    stage.pass(Duration::from_secs(16 * 60)).await;
    let told = ann.sees();
    assert!(told.contains("The time to pay order"), "{told}");
    assert!(boss.sees().contains("Not paid in time"));
    assert!(!ann.chat_shows().contains("{qr "));
    assert_eq!(stage.available(&product).await, 1);
    let late = ann.does(pay).await;
    assert!(late.contains("The time to pay is over"), "{late}");
    assert_eq!(orders_of(&stage).await[0].state, OrderState::Expired);
}

#[tokio::test]
async fn a_customer_cancels_after_being_asked() {
    let stage = Stage::open().await;
    let product = stage.product("A", 1_000, &["1"]).await;
    let ann = stage.person("ann").await;
    orders_one(&ann).await;
    let sure = ann.presses("Cancel the order").await;
    assert!(sure.contains("Do you really want"), "{sure}");
    let back = ann.presses("No, go back").await;
    assert!(back.contains("{qr "), "{back}");
    ann.presses("Cancel the order").await;
    let confirm = ann.finds("Yes, cancel it");
    let gone = ann.does(confirm.clone()).await;
    assert!(gone.contains("This was cancelled"), "{gone}");
    assert_eq!(stage.available(&product).await, 1);
    let again = ann.does(confirm).await;
    assert!(again.contains("This was cancelled"), "{again}");
}

#[tokio::test]
async fn a_deposit_pays_for_an_order() {
    let stage = Stage::open().await;
    stage.product("A", 30_000, &["KEY-A"]).await;
    let ann = stage.person("ann").await;
    ann.presses("Wallet").await;
    let ask = ann.presses("Deposit").await;
    assert!(ask.contains("From Rp 10.000"), "{ask}");
    for (line, why) in [
        ("", "empty"),
        ("lots", "couldn't read"),
        ("-5", "below zero"),
        ("0", "less than can be deposited"),
        ("9999", "less than can be deposited"),
        ("100.000.001", "more than can be deposited"),
        ("1e9", "couldn't read"),
        ("99999999999999999999", "too large"),
        ("1,5", "IDR has no decimals"),
        ("<b>1</b>", "couldn't read"),
    ] {
        let answer = ann.types(line).await;
        assert!(
            answer.contains(why) && answer.contains("How much would you like"),
            "{line}: {answer}"
        );
    }
    assert!(stage.rows().await.invoices.is_empty());
    let invoice = ann.types("50.000").await;
    assert!(invoice.contains("To pay: Rp 50.000"), "{invoice}");
    assert!(!invoice.contains("Pay from the wallet"), "{invoice}");
    let paid = ann.presses("Test payment").await;
    assert!(paid.contains("Rp 50.000 is in your wallet"), "{paid}");

    let invoice = orders_one(&ann).await;
    assert!(invoice.contains("Pay from the wallet"), "{invoice}");
    let paid = ann.presses("Pay from the wallet").await;
    assert!(paid.contains("KEY-A"), "{paid}");
    let wallet = ann.types("/wallet").await;
    assert!(wallet.contains("It holds Rp 20.000"), "{wallet}");
    let history = ann.presses("History").await;
    assert!(history.contains("−Rp 30.000 (order paid)"), "{history}");
    assert!(history.contains(": Rp 50.000 (deposit)"), "{history}");
}

#[tokio::test]
async fn the_wallet_is_offered_only_where_it_suffices() {
    let stage = Stage::open().await;
    stage.product("A", 1_000, &["1"]).await;
    let ann = stage.person("ann").await;
    let customer = stage.rows().await.customers[0].id;
    let reason = Reason::parse("a gift").unwrap();
    let little = Money::new(999, Currency::IDR);
    let wallet = stage.shop.wallet();
    wallet
        .adjust(
            &Actor::Operator,
            customer,
            little,
            &reason,
            &stage.shop.new_request(),
        )
        .await
        .unwrap();
    let invoice = orders_one(&ann).await;
    assert!(!invoice.contains("Pay from the wallet"), "{invoice}");
}

#[tokio::test]
async fn what_changed_since_it_was_put_in_must_be_accepted() {
    let stage = Stage::open().await;
    let product = stage.product("A", 1_000, &["1", "2"]).await;
    let ann = stage.person("ann").await;
    ann.types("/shop").await;
    ann.presses("Product").await;
    ann.presses("Add 2").await;
    let order_at_the_old_price = ann.finds("Order for");
    let dearer = Money::new(2_000, Currency::IDR);
    let edited = shopcore::catalog::Product {
        price: dearer,
        ..product.clone()
    };
    stage
        .shop
        .catalog()
        .update_product(&Actor::Operator, edited)
        .await
        .unwrap();
    let refused = ann.does(order_at_the_old_price).await;
    assert!(
        refused.contains("The price was Rp 1.000 and is Rp 2.000 now"),
        "{refused}"
    );
    assert!(refused.contains("[Accept the changes]"), "{refused}");
    assert!(orders_of(&stage).await.is_empty());
    let accepted = ann.presses("Accept the changes").await;
    assert!(accepted.contains("Order for Rp 4.000"), "{accepted}");
}

#[tokio::test]
async fn a_sold_out_product_can_not_be_put_into_a_cart() {
    let stage = Stage::open().await;
    stage.product("A", 1_000, &["1"]).await;
    let (ann, bob) = (stage.person("ann").await, stage.person("bob").await);
    bob.types("/shop").await;
    bob.presses("Product").await;
    let stale_add = bob.finds("Add 1");
    orders_one(&ann).await;
    let refused = bob.does(stale_add).await;
    assert!(refused.contains("Sold out"), "{refused}");
    assert!(!refused.contains("[🛒 Add"), "{refused}");
}

#[tokio::test]
async fn goods_that_are_too_long_for_a_message_come_as_a_file() {
    let stage = Stage::open().await;
    let long: Vec<String> = (0..10)
        .map(|n| format!("{n}-{}", "x".repeat(900)))
        .collect();
    let contents: Vec<&str> = long.iter().map(String::as_str).collect();
    stage.product("LONG", 0, &contents).await;
    let ann = stage.person("ann").await;
    ann.types("/shop").await;
    ann.presses("Product").await;
    ann.presses("Add 10").await;
    let goods = ann.presses("Order for").await;
    assert!(
        goods.contains("{file order-"),
        "a gift is delivered at once: {goods}"
    );
    assert!(contents.iter().all(|content| goods.contains(content)));
}

#[tokio::test]
async fn units_of_several_lines_can_be_told_apart() {
    let stage = Stage::open().await;
    stage.product("ONE", 0, &["ALONE"]).await;
    stage
        .product("TWO", 0, &["user a\npass", "user b\npass"])
        .await;
    let ann = stage.person("ann").await;
    for (product, button) in [("Product ONE", "Add 1"), ("Product TWO", "Add 2")] {
        ann.types("/shop").await;
        ann.presses(product).await;
        ann.presses(button).await;
    }
    let goods = ann.presses("Order for").await;
    assert!(goods.contains("Product ONE × 1\nALONE\n"), "{goods}");
    assert!(
        goods.contains("1. user a\npass\n2. user b\npass"),
        "{goods}"
    );
}

#[tokio::test]
async fn the_search_finds_by_part_of_a_name_and_turns_pages() {
    let stage = Stage::open().await;
    for n in 10..30 {
        stage.product(&format!("GAME-{n}"), 1_000, &[]).await;
    }
    let ann = stage.person("ann").await;
    let found = ann.types("/search game-1").await;
    assert!(
        found.contains("10 products") && found.contains("[Next ›]"),
        "{found}"
    );
    let next = ann.presses("Next").await;
    assert!(
        next.contains("GAME-19") && !next.contains("GAME-11"),
        "{next}"
    );
    let nothing = ann.types("/search <b>").await;
    assert!(nothing.contains("Nothing matches “<b>”"), "{nothing}");
    ann.presses("Search again").await;
    let found = ann.types("GAME-29").await;
    assert!(found.contains("One product"), "{found}");
}

#[tokio::test]
async fn a_strangers_invoice_and_order_stay_closed() {
    let stage = Stage::open().await;
    stage.product("A", 1_000, &["SECRET"]).await;
    let (ann, eve) = (stage.person("ann").await, stage.person("eve").await);
    orders_one(&ann).await;
    let stolen: Vec<Kind> = ["Test payment", "Check", "Cancel the order"]
        .iter()
        .map(|label| ann.finds(label))
        .collect();
    let before = stage.rows().await.orders;
    for press in stolen {
        let refused = eve.does(press).await;
        assert!(refused.contains("out of date"), "{refused}");
    }
    assert_eq!(stage.rows().await.orders, before);
    ann.presses("Test payment").await;
    let number = orders_of(&stage).await[0].number.clone();
    let refused = eve.types(&format!("/orders {number}")).await;
    assert!(refused.contains("can't find that order"), "{refused}");
    ann.types("/orders").await;
    ann.presses("delivered").await;
    let refused = eve.does(ann.finds("Show the goods")).await;
    assert!(!refused.contains("SECRET"), "{refused}");
}

#[tokio::test]
async fn a_part_payment_asks_for_the_rest() {
    let stage = Stage::open().await;
    stage.product("A", 20_000, &["KEY"]).await;
    let ann = stage.person("ann").await;
    orders_one(&ann).await;
    let charge = stage.rows().await.charges[0].clone();
    let part = Money::new(5_000, Currency::IDR);
    let now = stage.shop.now();
    let event = stage.sandbox.pay(&charge.reference, part, now).await;
    stage
        .shop
        .settlement()
        .settle(&event.unwrap())
        .await
        .unwrap();
    stage.pass(Duration::ZERO).await;
    let told = ann.sees();
    assert!(
        told.contains("Rp 5.000 arrived, thank you. Rp 15.000 is still to be paid"),
        "{told}"
    );
    let rest = ann.presses("Pay the rest").await;
    assert!(
        rest.contains("To pay: Rp 15.000\nReceived so far: Rp 5.000"),
        "{rest}"
    );
    assert!(ann.presses("Test payment").await.contains("KEY"));
}

#[tokio::test]
async fn the_cart_counts_up_and_down_and_empties() {
    let stage = Stage::open().await;
    stage.product("A", 1_000, &["1", "2", "3"]).await;
    let ann = stage.person("ann").await;
    ann.types("/shop").await;
    ann.presses("Product").await;
    ann.presses("Add 1").await;
    assert!(ann.presses("+ no. 1").await.contains("× 2"));
    ann.presses("+ no. 1").await;
    let more = ann.presses("+ no. 1").await;
    assert!(
        more.contains("Only 3 left") && !more.contains("Order for"),
        "{more}"
    );
    assert!(ann.presses("− no. 1").await.contains("Order for Rp 3.000"));
    assert!(
        ann.presses("✕ no. 1")
            .await
            .contains("nothing in your cart")
    );
    ann.types("/shop").await;
    ann.presses("Product").await;
    ann.presses("Add 2").await;
    let sure = ann.presses("Empty the cart").await;
    assert!(sure.contains("Do you really want"), "{sure}");
    let kept = ann.presses("No, go back").await;
    assert!(kept.contains("Product A × 2"), "{kept}");
    ann.presses("Empty the cart").await;
    let empty = ann.presses("Yes, empty it").await;
    assert!(empty.contains("nothing in your cart"), "{empty}");
}

#[tokio::test]
async fn ten_presses_at_once_order_once() {
    let stage = Stage::open().await;
    stage.product("A", 1_000, &["1", "2"]).await;
    let ann = stage.person("ann").await;
    ann.types("/shop").await;
    ann.presses("Product").await;
    ann.presses("Add 1").await;
    let press = ann.finds("Order for");
    let mut presses = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let (bot, deed) = (stage.bot.clone(), ann.deed(press.clone()));
        presses.spawn(async move { bot.handle(deed).await });
    }
    presses.join_all().await;
    assert_eq!(orders_of(&stage).await.len(), 1);
}
