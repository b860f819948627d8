//! Products, categories and contents as the team changes them in chat.

use std::time::Duration;

use shopcore::audit::{Entity, Kind};
use shopcore::bot::incoming::Kind as Deed;
use shopcore::catalog::{LatePolicy, Visibility};
use shopcore::stock::UnitState;
use shopcore::store::Page;

use super::stage::Stage;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nnot looked into";

#[tokio::test]
async fn everything_of_a_product_but_its_stock_is_edited() {
    let stage = Stage::open().await;
    stage.product("A", 1_000, &["KEY-1"]).await;
    stage.product("B", 1_000, &[]).await;
    let boss = stage.person("boss").await;
    boss.manages("Products").await;
    boss.presses("A · Product A · 1 left").await;
    for (button, wrong, right) in [
        ("✏️ Name", "", "Better name"),
        ("✏️ Price", "free", "2.500"),
        ("✏️ Code", "b", "better"),
        ("✏️ Description", "", "Two\nlines"),
        ("✏️ Terms", "", "Be kind."),
        ("👤 Limit", "0", "2"),
        ("🔔 Low stock", "few", "7"),
    ] {
        let asked = boss.presses(button).await;
        let again = boss.types(wrong).await;
        let question = asked.lines().next().unwrap();
        assert!(again.contains(question), "{button}: {again}");
        let shown = boss.types(right).await;
        assert!(
            shown.contains("On sale") || shown.contains("on sale"),
            "{shown}"
        );
    }
    boss.presses("⏰ Paid too late").await;
    boss.presses("a person decides").await;
    boss.presses("🙈 Hide").await;
    let rows = stage.rows().await;
    let edited = rows
        .products
        .iter()
        .find(|p| p.code.as_str() == "BETTER")
        .unwrap();
    assert_eq!(edited.name.as_str(), "Better name");
    assert_eq!(edited.price.minor(), 2_500);
    assert_eq!(edited.description.as_ref().unwrap().as_str(), "Two\nlines");
    assert_eq!(edited.terms.as_ref().unwrap().as_str(), "Be kind.");
    assert_eq!((edited.per_customer, edited.low_at), (Some(2), 7));
    assert_eq!(edited.late, LatePolicy::Review);
    assert_eq!(edited.visibility, Visibility::Hidden);
    boss.presses("✏️ Terms").await;
    boss.presses("Remove it").await;
    let rows = stage.rows().await;
    assert!(rows.products.iter().all(|product| product.terms.is_none()));
}

#[tokio::test]
async fn a_product_has_a_picture_that_customers_see() {
    let stage = Stage::open().await;
    let product = stage.product("A", 1_000, &["KEY-1"]).await;
    let boss = stage.person("boss").await;
    boss.types("/products A").await;
    boss.presses("🖼 Picture").await;
    let send = |bytes: &[u8]| Deed::File {
        name: "picture".to_owned(),
        bytes: bytes.to_vec(),
    };
    for wrong in [b"GIF89a".to_vec(), [PNG, &[0; 3 << 20]].concat()] {
        let refused = boss.does(send(&wrong)).await;
        assert!(refused.contains("no picture I can take"), "{refused}");
    }
    assert!(boss.types("a cat").await.contains("no picture I can take"));
    let shown = boss.does(send(PNG)).await;
    assert!(shown.contains("{picture of"), "{shown}");
    let kept = stage.shop.catalog().picture(product.id).await.unwrap();
    assert_eq!(kept.as_deref(), Some(PNG));
    let ann = stage.person("ann").await;
    ann.types("/shop").await;
    let card = ann.presses("Product A").await;
    assert!(card.contains("{picture of"), "{card}");
    boss.presses("🖼 Picture").await;
    boss.presses("Remove it").await;
    ann.types("/shop").await;
    let card = ann.presses("Product A").await;
    assert!(!card.contains("{picture of"), "{card}");
}

#[tokio::test]
async fn categories_are_made_named_signed_and_put_in_order() {
    let stage = Stage::open().await;
    let product = stage.product("A", 1_000, &["KEY-1"]).await;
    let boss = stage.person("boss").await;
    for name in ["Games", "Music"] {
        boss.types("/menu").await;
        boss.manages("Categories").await;
        boss.presses("New category").await;
        assert!(boss.types("").await.contains("What is the category called"));
        boss.types(name).await;
    }
    boss.presses("✏️ Name").await;
    let taken = boss.types("Games").await;
    assert!(taken.contains("Another category has this name"), "{taken}");
    boss.types("Songs").await;
    boss.presses("✏️ Emoji").await;
    let long = boss.types("a sign that is too long").await;
    assert!(long.contains("at most 8 fit"), "{long}");
    let shown = boss.types("🎵").await;
    assert!(shown.contains("🎵 Songs, in place 2 of 2"), "{shown}");
    let shown = boss.presses("↑ Up").await;
    assert!(shown.contains("in place 1 of 2"), "{shown}");
    boss.types("/products A").await;
    boss.presses("🏷 Category").await;
    boss.presses("🎵 Songs").await;
    let ann = stage.person("ann").await;
    let shelves = ann.types("/shop").await;
    assert!(
        shelves.find("🎵 Songs") < shelves.find("Games"),
        "{shelves}"
    );
    assert!(ann.presses("🎵 Songs").await.contains("Product A"));
    let moved = stage.shop.catalog().offer(product.id).await.unwrap();
    assert!(moved.product.category.is_some());
}

#[tokio::test]
async fn a_content_is_revealed_on_the_record_and_withdrawn_for_a_minute() {
    let stage = Stage::open().await;
    let product = stage
        .product("A", 1_000, &["KEY-ONE-1", "KEY-TWO-2", "KEY-SIX-6"])
        .await;
    let boss = stage.person("boss").await;
    boss.types("/products A").await;
    let list = boss.presses("📦 Contents").await;
    assert!(!list.contains("KEY-ONE-1"), "contents are masked: {list}");
    boss.presses("1").await;
    let shown = boss.presses("👁 Show it").await;
    assert!(shown.contains("KEY-ONE-1"), "{shown}");
    let entity = Entity::new(Kind::Product, product.id);
    let (store, shop) = (stage.shop.store(), stage.shop.id());
    let audit = store
        .list_audit(shop, entity, Page::first(9))
        .await
        .unwrap();
    assert_eq!(audit[0].entry.action, "content revealed");
    assert!(!format!("{audit:?}").contains("KEY-ONE-1"));
    let told = boss.presses("🗑 Withdraw").await;
    assert!(told.contains("One content was withdrawn"), "{told}");
    assert_eq!(stage.available(&product).await, 2);
    boss.presses("↩️ Undo").await;
    assert_eq!(stage.available(&product).await, 3);
    boss.presses("Withdraw several").await;
    for wrong in ["", "0", "4", "1-9", "all"] {
        let again = boss.types(wrong).await;
        assert!(again.contains("numbers from 1 to 3"), "{wrong}: {again}");
    }
    boss.types("1 3").await;
    let told = boss.presses("🗑 Withdraw").await;
    assert!(told.contains("2 contents were withdrawn"), "{told}");
    let undo = boss.finds("↩️ Undo");
    stage.pass(Duration::from_secs(61)).await;
    assert!(boss.does(undo).await.contains("stays withdrawn"));
    assert_eq!(stage.available(&product).await, 1);
    let withdrawn = stage.rows().await.units;
    let withdrawn = withdrawn
        .iter()
        .filter(|unit| unit.state == UnitState::Withdrawn);
    assert_eq!(withdrawn.count(), 2);
}

#[tokio::test]
async fn a_customer_buys_no_more_of_a_product_than_they_may() {
    let stage = Stage::open().await;
    stage.product("A", 1_000, &["1", "2", "3", "4"]).await;
    let boss = stage.person("boss").await;
    boss.types("/products A").await;
    boss.presses("👤 Limit").await;
    boss.types("2").await;
    let ann = stage.person("ann").await;
    let order = async |label: &str| {
        ann.types("/shop").await;
        ann.presses("Product A").await;
        ann.presses(label).await;
        ann.presses("Order for").await
    };
    let refused = {
        ann.types("/shop").await;
        let card = ann.presses("Product A").await;
        assert!(card.contains("At most 2 for each customer"), "{card}");
        ann.presses("Add 2").await;
        ann.presses("+ no. 1").await;
        ann.presses("Order for").await
    };
    assert!(refused.contains("at most 2"), "{refused}");
    ann.presses("Cart").await;
    ann.presses("− no. 1").await;
    ann.presses("− no. 1").await;
    assert!(ann.presses("Order for").await.contains("Rp 1.000"));
    let refused = order("Add 2").await;
    assert!(refused.contains("have bought 1"), "{refused}");
    let bob = stage.person("bob").await;
    bob.types("/shop").await;
    bob.presses("Product A").await;
    bob.presses("Add 2").await;
    assert!(bob.presses("Order for").await.contains("Rp 2.000"));
}
