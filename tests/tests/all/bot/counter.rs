//! Orders, vouchers and cases as the team works on them every day.

use std::collections::BTreeSet;
use std::time::Duration;

use shopcore::audit::{Actor, Search};
use shopcore::catalog::Supply;
use shopcore::store::OrderFilter;

use super::buying::orders_one;
use super::stage::Stage;
use crate::world::{contents, new_order, new_product, person};

#[tokio::test]
async fn an_order_is_found_its_history_told_and_its_goods_sent_again() {
    let stage = Stage::open().await;
    stage.product("A", 1_000, &["KEY-1", "KEY-2"]).await;
    let (ann, boss) = (stage.person("ann").await, stage.person("boss").await);
    orders_one(&ann).await;
    ann.presses("Test payment").await;
    stage.pass(Duration::from_secs(1)).await;
    ann.sees();
    boss.manages("All orders").await;
    boss.presses("🔍 Search").await;
    for wrong in ["", "nobody", "ZZZZ-ZZZZ"] {
        let again = boss.types(wrong).await;
        assert!(again.contains("Which order?"), "{wrong}: {again}");
    }
    boss.types("AN").await;
    boss.presses("ann").await;
    let detail = boss.presses("delivered").await;
    assert!(detail.contains("Paid by sandbox: Rp 1.000"), "{detail}");
    boss.presses("📤 Send the goods again").await;
    stage.pass(Duration::from_secs(1)).await;
    assert!(ann.sees().contains("KEY-1"));
    let history = boss.presses("🕓 History").await;
    for step in [
        "placed (customer)",
        "paid",
        "delivered",
        "sent again (admin)",
    ] {
        assert!(history.contains(step), "{step}: {history}");
    }
    let number = stage.rows().await.orders[0].number.to_string();
    let found = boss
        .types(&format!("/allorders {}", number.to_lowercase()))
        .await;
    assert!(found.contains(&number), "{found}");
}

#[tokio::test]
async fn orders_are_taken_away_as_a_table() {
    let stage = Stage::open().await;
    stage.product("A", 1_000, &["KEY-1", "KEY-2"]).await;
    let (ann, boss) = (stage.person("ann").await, stage.person("boss").await);
    let none = boss.types("/allorders").await;
    assert!(!none.contains("Export"), "{none}");
    orders_one(&ann).await;
    boss.types("/allorders").await;
    let press = boss.finds("📄 Export");
    let all = boss.does(press.clone()).await;
    let number = stage.rows().await.orders[0].number.to_string();
    assert!(all.contains("One order, for a spreadsheet."), "{all}");
    assert!(
        all.contains("{file orders-all.csv: number,placed_at,state,"),
        "{all}"
    );
    let row = format!("{number},2026-01-01T00:00:00Z,awaiting_payment,");
    assert!(all.contains(&row), "{all}");
    assert!(
        all.contains("recorder/ann,1 x Product A,,1000,0,0,1000,0"),
        "{all}"
    );
    let audit = stage
        .shop
        .audit()
        .search(&Search::default(), 1)
        .await
        .unwrap();
    assert_eq!(audit[0].record.entry.action, "orders exported");
    boss.types("/allorders").await;
    boss.presses("Filter").await;
    let none = boss.presses("delivered").await;
    assert!(!none.contains("Export"), "{none}");
    let refused = ann.does(press).await;
    assert!(refused.contains("Only the shop's team"), "{refused}");
}

#[tokio::test]
async fn a_long_table_has_each_order_once() {
    let stage = Stage::open().await;
    let mut new = new_product("ENDLESS", 1_000);
    (new.supply, new.contents) = (Supply::Unlimited, contents("ENDLESS", 0..1));
    let catalog = stage.shop.catalog();
    let product = catalog.add_product(&Actor::Operator, new).await.unwrap();
    let (contact, chat) = person("ann");
    let customers = stage.shop.customers();
    let ann = customers.meet(&contact, &chat, None).await.unwrap();
    for _ in 0..1_001 {
        let order = new_order(&ann, &product, 1, None);
        stage.shop.checkout().place(order).await.unwrap();
    }
    let orders = stage.shop.orders();
    let table = orders.table(&Actor::Operator, OrderFilter::default()).await;
    let table = table.unwrap();
    assert_eq!((table.rows, table.total), (1_001, 1_001));
    let csv = String::from_utf8(table.csv).unwrap();
    let lines: BTreeSet<_> = csv.lines().collect();
    assert_eq!(lines.len(), 1_002, "and the header");
}

#[tokio::test]
async fn an_admin_gives_an_order_up_after_a_question() {
    let stage = Stage::open().await;
    let product = stage.product("A", 1_000, &["KEY-1"]).await;
    let (ann, boss) = (stage.person("ann").await, stage.person("boss").await);
    orders_one(&ann).await;
    assert_eq!(stage.available(&product).await, 0);
    boss.types("/allorders").await;
    boss.presses("awaiting payment").await;
    boss.presses("✕ Cancel the order").await;
    boss.presses("No, go back").await;
    assert_eq!(stage.available(&product).await, 0);
    boss.presses("✕ Cancel the order").await;
    let cancelled = boss.presses("Yes, cancel it").await;
    assert!(cancelled.contains("cancelled"), "{cancelled}");
    assert_eq!(stage.available(&product).await, 1);
}

#[tokio::test]
async fn the_calculator_reckons_what_goes_back_and_leads_to_the_refund() {
    let stage = Stage::open().await;
    stage.product("A", 30_000, &["KEY-1"]).await;
    let (ann, boss) = (stage.person("ann").await, stage.person("boss").await);
    orders_one(&ann).await;
    ann.presses("Test payment").await;
    stage.pass(Duration::from_secs(1)).await;
    boss.types("/allorders").await;
    boss.presses("delivered").await;
    boss.presses("🧮 Calculator").await;
    for wrong in ["", "0", "many", "-1", "36501"] {
        let again = boss.types(wrong).await;
        assert!(
            again.contains("how many days was it sold"),
            "{wrong}: {again}"
        );
    }
    boss.types("30").await;
    assert!(boss.types("31").await.contains("How many of the 30 days"));
    boss.types("8").await;
    let result = boss.types("0").await;
    assert!(result.contains("Goes back: Rp 15.400"), "{result}");
    boss.presses("⚙️ Table").await;
    assert!(boss.types("7 80").await.contains("six numbers"));
    boss.types("10 90 70 60 50 40").await;
    boss.presses("🧮 Calculator").await;
    for answer in ["30", "8"] {
        boss.types(answer).await;
    }
    let result = boss.types("0").await;
    assert!(result.contains("Goes back: Rp 19.800"), "{result}");
    let how = boss.presses("↩️ Pay Rp 19.800 back").await;
    assert!(how.contains("Pay Rp 19.800 of order"), "{how}");
    boss.presses("Into the wallet").await;
    boss.types("used eight days").await;
    assert!(ann.types("/wallet").await.contains("It holds Rp 19.800"));
}

#[tokio::test]
async fn a_voucher_gets_its_conditions_one_by_one_and_is_switched_off() {
    let stage = Stage::open().await;
    stage.product("A", 10_000, &["KEY-1"]).await;
    let boss = stage.person("boss").await;
    boss.types("/vouchers SPRING | 50% | 100").await;
    boss.presses("✏️ Conditions").await;
    for (button, wrong, right, told) in [
        ("🔢 Uses", "0", "5", "5 of 5 uses left"),
        ("👤 For each", "none", "1", "At most 1 uses by each"),
        (
            "⏳ From",
            "tomorrow",
            "2025-01-01",
            "From 1 Jan 2025, 00:00",
        ),
        (
            "⌛ Until",
            "2025-02-30",
            "2999-12-31 18:00",
            "Until 31 Dec 2999, 18:00",
        ),
        ("🧾 Minimum", "-1", "5.000", "at least Rp 5.000"),
        ("✂️ At most", "x", "2.000", "at most Rp 2.000"),
    ] {
        let asked = boss.presses(button).await;
        let again = boss.types(wrong).await;
        let question = asked.lines().next().unwrap();
        assert!(again.contains(question), "{button}: {again}");
        let shown = boss.types(right).await;
        assert!(shown.contains(told), "{button}: {shown}");
    }
    boss.presses("🏷 For what").await;
    boss.presses("One product").await;
    assert!(boss.types("NOPE").await.contains("no product of that code"));
    let shown = boss.types("a").await;
    assert!(shown.contains("For: Product A"), "{shown}");
    let ann = stage.person("ann").await;
    ann.types("/shop").await;
    ann.presses("Product A").await;
    ann.presses("Add 1").await;
    ann.presses("Use a voucher").await;
    let cart = ann.types("spring").await;
    assert!(cart.contains("Total: Rp 8.000"), "the cap holds: {cart}");
    boss.presses("⏸ Switch off").await;
    assert!(ann.types("/cart").await.contains("switched off"));
}
