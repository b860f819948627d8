//! What the shop's team does in chat.

use std::time::Duration;

use chrono::TimeDelta;
use shopcore::audit::Actor;
use shopcore::bot::incoming::Kind;
use shopcore::catalog::{LatePolicy, Product};
use shopcore::review::{CaseState, Resolution};
use shopcore::terms::Terms;

use super::stage::Stage;

#[tokio::test]
async fn an_admin_adds_a_product_and_it_is_there_only_at_the_end() {
    let stage = Stage::open().await;
    let boss = stage.person("boss").await;
    boss.manages("Add a product").await;
    for wrong in ["", "a b", "😀", &"x".repeat(10_000), "<b>"] {
        let again = boss.types(wrong).await;
        assert!(again.contains("What is its code?"), "{wrong}: {again}");
    }
    boss.types("office").await;
    let again = boss.types(&"n".repeat(121)).await;
    assert!(again.contains("at most 120 fit"), "{again}");
    boss.types("Office <b>Pro</b> مكتب").await;
    for wrong in ["free", "-1", "99999999999999999999", "1.5.5", ""] {
        let again = boss.types(wrong).await;
        assert!(again.contains("What does one cost"), "{wrong}: {again}");
    }
    boss.types("Rp 15.000").await;
    boss.types("For work.\nOne machine.").await;
    for wrong in ["", "many", "-1", "1.5", "2001", "99999999999999999999"] {
        let again = boss.types(wrong).await;
        assert!(again.contains("How many contents"), "{wrong}: {again}");
    }
    assert!(boss.types("4").await.contains("Content 1 of 4"));
    let one = boss.types("KEY-1").await;
    assert!(one.contains("Content 2 of 4"), "{one}");
    let over = boss.types("KEY-2\nKEY-3\nKEY-4\nKEY-5").await;
    assert!(over.contains("makes 5 contents, and you said 4"), "{over}");
    let refused = boss.types("KEY-2\nKEY-1\n\nKEY-2").await;
    assert!(
        refused.contains("Line 2: the same as a line before it"),
        "{refused}"
    );
    assert!(
        refused.contains("Line 4: the same as a line before it"),
        "{refused}"
    );
    boss.types("KEY-2\nKEY-3").await;
    assert!(boss.presses("Done").await.contains("Terms of use"));
    let summary = boss.types("One machine only.").await;
    assert!(summary.contains("One machine only."), "{summary}");
    assert!(summary.contains("Office <b>Pro</b> مكتب"), "{summary}");
    assert!(summary.contains("Contents: 3"), "{summary}");
    assert!(stage.rows().await.products.is_empty());
    let create = boss.finds("Create it");
    let created = boss.does(create.clone()).await;
    assert!(created.contains("is in the shop"), "{created}");
    let twice = boss.does(create).await;
    assert!(twice.contains("out of date"), "{twice}");
    let rows = stage.rows().await;
    assert_eq!((rows.products.len(), rows.units.len()), (1, 3));
    assert_eq!(
        rows.products[0].terms,
        Some(Terms::parse("One machine only.").unwrap())
    );
    boss.types("/addproduct").await;
    assert!(
        boss.types("OFFICE")
            .await
            .contains("Another product has this code")
    );
}

#[tokio::test]
async fn a_code_that_is_taken_meanwhile_costs_nothing_but_another_code() {
    let stage = Stage::open().await;
    let boss = stage.person("boss").await;
    for answer in [
        "/addproduct",
        "NEW",
        "New one",
        "1000",
        "For work.",
        "2",
        "KEY-1\nKEY-2",
    ] {
        boss.types(answer).await;
    }
    boss.presses("Skip").await;
    stage.product("NEW", 5_000, &[]).await;
    stage.product("NEWER", 5_000, &[]).await;
    let taken = boss.presses("Create it").await;
    assert!(
        taken.contains("Another product has this code")
            && taken.contains("Which code shall it have"),
        "{taken}"
    );
    for wrong in ["", "a b", "newer"] {
        let again = boss.types(wrong).await;
        assert!(
            again.contains("Which code shall it have"),
            "{wrong}: {again}"
        );
    }
    let summary = boss.types("newest").await;
    for kept in ["New one", "NEWEST", "For work.", "Rp 1.000", "Contents: 2"] {
        assert!(summary.contains(kept), "{kept}: {summary}");
    }
    let created = boss.presses("Create it").await;
    assert!(created.contains("is in the shop"), "{created}");
    let rows = stage.rows().await;
    assert_eq!((rows.products.len(), rows.units.len()), (3, 2));
}

#[tokio::test]
async fn who_may_not_add_contents_adds_none_with_a_product() {
    let stage = Stage::open().await;
    stage.product("OLD", 1_000, &["KEY-1"]).await;
    let clerk = stage.person("clerk").await;
    for answer in ["/addproduct", "NEW", "New", "1000"] {
        clerk.types(answer).await;
    }
    assert!(clerk.types("-").await.contains("Terms of use"));
    let summary = clerk.types("-").await;
    assert!(summary.contains("Contents: 0"), "{summary}");
    let told = clerk.types("KEY-1").await;
    assert!(!told.contains("already in stock"), "{told}");
    clerk.presses("Create it").await;
    let rows = stage.rows().await;
    assert_eq!((rows.products.len(), rows.units.len()), (2, 1));
    let refused = clerk.types("/addstock NEW").await;
    assert!(refused.contains("Only the shop's team"), "{refused}");
}

#[tokio::test]
async fn what_waits_for_a_new_product_stays_small_enough_to_store() {
    let stage = Stage::open().await;
    let boss = stage.person("boss").await;
    for answer in ["/addproduct", "BIG", "Big", "1000", "-", "2"] {
        boss.types(answer).await;
    }
    let large = || Kind::File {
        name: "large.bin".to_owned(),
        bytes: vec![1; 4 * 1024 * 1024],
    };
    boss.types("KEY-1").await;
    let refused = boss.does(large()).await;
    assert!(
        refused.contains("too large") && refused.contains("Content 2 of 2"),
        "{refused}"
    );
    boss.presses("Done").await;
    boss.presses("Skip").await;
    boss.presses("Create it").await;
    assert_eq!(stage.rows().await.units.len(), 1);
    boss.types("/addstock BIG").await;
    let added = boss.does(large()).await;
    assert!(added.contains("One content was added"), "{added}");
}

#[tokio::test]
async fn a_page_of_a_list_that_became_shorter_is_its_last_one() {
    let stage = Stage::open().await;
    let keys: Vec<_> = (1..=9).map(|key| format!("KEY-{key}")).collect();
    let keys: Vec<_> = keys.iter().map(String::as_str).collect();
    stage.product("A", 1_000, &keys).await;
    let (ann, boss) = (stage.person("ann").await, stage.person("boss").await);
    for _ in keys {
        ann.types("/shop").await;
        ann.presses("Product").await;
        ann.presses("Add 1").await;
        ann.presses("Order for").await;
    }
    boss.manages("All orders").await;
    boss.presses("Filter").await;
    boss.presses("awaiting payment").await;
    let next = boss.finds("Next");
    ann.presses("Test payment").await;
    let last = boss.does(next).await;
    assert!(last.contains("Orders (awaiting payment): 8"), "{last}");
    assert!(last.contains("Rp 1.000"), "its rows are missing: {last}");
}

#[tokio::test]
async fn contents_are_added_all_or_none_with_the_reason_for_each_line() {
    let stage = Stage::open().await;
    let product = stage.product("A", 1_000, &["OLD"]).await;
    let boss = stage.person("boss").await;
    boss.types("/addstock a").await;
    let refused = boss.types("NEW\nOLD\nNEW").await;
    assert!(
        refused.contains("2 lines were refused, so nothing was added"),
        "{refused}"
    );
    assert!(refused.contains("Line 2: already in stock"), "{refused}");
    assert!(
        refused.contains("Line 3: the same as a line before it"),
        "{refused}"
    );
    let refused = boss.types(&"x".repeat(10_000)).await;
    assert!(refused.contains("Line 1: longer than"), "{refused}");
    assert_eq!(stage.available(&product).await, 1);
    let added = boss.types("NEW\nNEWER").await;
    assert!(
        added.contains("2 contents were added") && added.contains("3 in stock"),
        "{added}"
    );
    let card = boss.presses("Done").await;
    assert!(card.contains("3 in stock"), "{card}");
}

#[tokio::test]
async fn leaving_the_dialog_of_contents_tells_what_was_added() {
    let stage = Stage::open().await;
    let product = stage.product("A", 1_000, &["1"]).await;
    let boss = stage.person("boss").await;
    boss.types("/addstock A").await;
    assert!(boss.types("1").await.contains("already in stock"));
    boss.types("2").await;
    boss.types("3\n4").await;
    let left = boss.types("/cancel").await;
    assert!(
        left.contains("Stopped; the 3 contents that were added stay."),
        "{left}"
    );
    assert_eq!(stage.available(&product).await, 4);
    boss.types("/addstock A").await;
    let left = boss.presses("Cancel").await;
    assert!(left.contains("nothing was changed"), "{left}");
}

#[tokio::test]
async fn a_dash_ends_the_contents_and_is_not_stocked() {
    let stage = Stage::open().await;
    let boss = stage.person("boss").await;
    boss.types("/addproduct").await;
    let refused = boss.types("-").await;
    assert!(
        refused.contains("at least one letter or digit"),
        "{refused}"
    );
    for answer in ["ONE", "One", "1000", "-", "2", "KEY-1", " - "] {
        boss.types(answer).await;
    }
    let summary = boss.types("-").await;
    assert!(summary.contains("Contents: 1"), "{summary}");
    boss.presses("Create it").await;
    boss.types("/addstock ONE").await;
    let card = boss.types("-").await;
    assert!(card.contains("The last one"), "{card}");
    assert_eq!(stage.rows().await.units.len(), 1);
}

#[tokio::test]
async fn a_code_that_never_was_is_not_said_to_be_gone() {
    let stage = Stage::open().await;
    let product = stage.product("A", 1_000, &[]).await;
    let boss = stage.person("boss").await;
    for unknown in ["NOPE", "no pe", "-"] {
        let told = boss.types(&format!("/addstock {unknown}")).await;
        assert!(
            told.contains("There is no product of that code"),
            "{unknown}: {told}"
        );
    }
    let list = boss.manages("Add contents").await;
    assert!(list.contains(product.name.as_str()), "{list}");
}

#[tokio::test]
async fn an_admin_makes_a_voucher_in_one_line() {
    let stage = Stage::open().await;
    let boss = stage.person("boss").await;
    let none = boss.manages("Vouchers").await;
    assert!(none.contains("no vouchers yet"), "{none}");
    boss.presses("New voucher").await;
    for (line, why) in [
        ("", "three parts"),
        ("SPRING", "three parts"),
        ("SPRING|10%|0", "at least one use"),
        ("SPRING|10%|99999999999", "too many uses"),
        ("SPRING|-5|1", "below zero"),
        ("SPRING|0|1", "takes nothing off"),
        ("SPRING|200%|1", "at most 100%"),
        ("😀|10%|1", "The code can't be that: Only letters"),
        ("SPRING|99999999999999999999|1", "amount is too large"),
    ] {
        let again = boss.types(line).await;
        assert!(
            again.contains(why) && again.contains("SPRING | 10% | 100"),
            "{line}: {again}"
        );
    }
    let made = boss.types("SPRING | 10% | 100").await;
    assert!(
        made.contains("SPRING: 10% off, 100 of 100 uses left"),
        "{made}"
    );
    let taken = boss.types("/vouchers spring | 5000 | 1").await;
    assert!(taken.contains("Another voucher has this code"), "{taken}");
    assert_eq!(stage.rows().await.vouchers.len(), 1);
}

#[tokio::test]
async fn an_admin_sees_everyones_orders_by_state() {
    let stage = Stage::open().await;
    stage.product("A", 1_000, &["1", "2"]).await;
    let (ann, boss) = (stage.person("ann").await, stage.person("boss").await);
    for _ in 0..2 {
        ann.types("/shop").await;
        ann.presses("Product").await;
        ann.presses("Add 1").await;
        ann.presses("Order for").await;
    }
    ann.presses("Test payment").await;
    let all = boss.manages("All orders").await;
    assert!(all.contains("Orders (all): 2"), "{all}");
    boss.presses("Filter").await;
    let waiting = boss.presses("awaiting payment").await;
    assert!(
        waiting.contains("Orders (awaiting payment): 1"),
        "{waiting}"
    );
    let detail = boss.presses("Rp 1.000").await;
    assert!(detail.contains("Bought by ann (recorder/ann)"), "{detail}");
}

#[tokio::test]
async fn a_late_payment_waits_for_an_admin_who_decides_once() {
    let stage = Stage::open().await;
    let product = stage.product("A", 20_000, &["KEY"]).await;
    let reviewed = Product {
        late: LatePolicy::Review,
        ..product
    };
    stage
        .shop
        .catalog()
        .update_product(&Actor::Operator, reviewed)
        .await
        .unwrap();
    let (ann, boss) = (stage.person("ann").await, stage.person("boss").await);
    ann.types("/shop").await;
    ann.presses("Product").await;
    ann.presses("Add 1").await;
    ann.presses("Order for").await;
    let charge = stage.rows().await.charges[0].clone();
    stage.pass(Duration::from_secs(16 * 60)).await;
    let now = stage.shop.now() - TimeDelta::seconds(1);
    let event = stage
        .sandbox
        .pay(&charge.reference, charge.payable, now)
        .await
        .unwrap();
    stage.shop.settlement().settle(&event).await.unwrap();
    boss.sees();
    stage.pass(Duration::from_secs(1)).await;
    assert!(ann.sees().contains("Your payment of Rp 20.000 arrived"));
    assert!(boss.sees().contains("needs your decision"));
    let case = boss.presses("Look at it").await;
    assert!(
        case.contains("Paid too late: open") && case.contains("Rp 20.000"),
        "{case}"
    );
    let credit = boss.finds("Credit the customer's wallet");
    boss.presses("Close, settled").await;
    assert!(boss.types("").await.contains("That was empty"));
    boss.types("/cancel").await;
    let done = boss.does(credit.clone()).await;
    assert!(done.contains("credited to the wallet"), "{done}");
    let twice = boss.does(credit).await;
    assert!(
        twice.contains("Someone has decided this already"),
        "{twice}"
    );
    let cases = stage.rows().await.cases;
    assert_eq!(cases[0].state, CaseState::Resolved(Resolution::Credited));
    assert!(ann.types("/wallet").await.contains("It holds Rp 20.000"));
}

#[tokio::test]
async fn an_admin_pays_an_order_back_in_parts() {
    let stage = Stage::open().await;
    stage.product("A", 20_000, &["KEY"]).await;
    let (ann, boss) = (stage.person("ann").await, stage.person("boss").await);
    ann.types("/shop").await;
    ann.presses("Product").await;
    ann.presses("Add 1").await;
    ann.presses("Order for").await;
    ann.presses("Test payment").await;
    stage.pass(Duration::from_secs(1)).await;
    ann.sees();
    boss.manages("All orders").await;
    let detail = boss.presses("Rp 20.000").await;
    assert!(!detail.contains("Paid back"), "{detail}");
    let asked = boss.presses("Pay back").await;
    assert!(asked.contains("At most Rp 20.000"), "{asked}");
    for wrong in ["", "a lot", "0", "20001"] {
        let again = boss.types(wrong).await;
        assert!(again.contains("is to be paid back?"), "{wrong}: {again}");
    }
    assert!(boss.types("5000").await.contains("Pay Rp 5.000 of order"));
    let to_wallet = boss.finds("Into the wallet");
    assert!(boss.does(to_wallet).await.contains("Why?"));
    assert!(boss.types("").await.contains("Why?"));
    let shown = boss.types("one of two did not work").await;
    assert!(
        shown.contains("Paid back: Rp 5.000 into the wallet (done)"),
        "{shown}"
    );
    stage.pass(Duration::from_secs(1)).await;
    assert!(ann.sees().contains("paid Rp 5.000 of your order back"));
    boss.presses("Pay back").await;
    let how = boss.presses("All of it: Rp 15.000").await;
    assert!(how.contains("Pay Rp 15.000 of order"), "{how}");
    boss.presses("The way it was paid").await;
    let shown = boss.types("nor did the other").await;
    assert!(
        shown.contains("Paid back: Rp 15.000 by the gateway (on its way)"),
        "{shown}"
    );
    stage.pass(Duration::from_secs(1)).await;
    let told = ann.sees();
    assert!(told.contains("Rp 15.000 of your order") && told.contains("was paid back to you"));
    boss.types("/menu").await;
    boss.manages("All orders").await;
    let detail = boss.presses("Rp 20.000").await;
    assert!(detail.contains("by the gateway (done)"), "{detail}");
    assert!(!detail.contains("[↩️ Pay back]"), "{detail}");
    assert!(ann.types("/wallet").await.contains("It holds Rp 5.000"));
}
