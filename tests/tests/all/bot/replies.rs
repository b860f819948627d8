//! Texts that the team words anew, and pictures of the main views.

use shopcore::audit::{Entity, Kind as Of};
use shopcore::bot::incoming::Kind;
use shopcore::store::Page;

use super::stage::Stage;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\nrest";

pub(super) fn picture() -> Kind {
    Kind::File {
        name: "shop.png".to_owned(),
        bytes: PNG.to_vec(),
    }
}

#[tokio::test]
async fn a_text_is_found_reworded_tried_and_used_at_once_in_every_process() {
    let stage = Stage::open().await;
    let (boss, ann) = (stage.person("boss").await, stage.person("ann").await);
    let files = boss.manages("✏️ Texts").await;
    assert!(files.contains("[Everywhere ("), "{files}");
    boss.presses("🔍 Search").await;
    let found = boss.types("what would YOU like to do").await;
    assert!(found.contains("Found 1, here are 1"), "{found}");
    let shown = boss.presses("greeting:").await;
    for part in [
        "greeting (Everywhere)",
        "English, as it comes with the program:\n<b>{ $shop }</b>\nWhat would you like to do?",
        "Bahasa Indonesia, as it comes",
        "{ $shop }: the shop's name",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    let asked = boss.presses("✏️ English").await;
    assert!(asked.contains("Type the new words"), "{asked}");
    for (words, wrong) in [
        (" ", "That was empty"),
        ("Hello!", "{ $shop } is missing"),
        ("{ $shop } { $total }", "can't fill in { $total }"),
        ("{ $shop", "braces don't fit"),
        ("<b>{ $shop }", "tags don't fit"),
    ] {
        let again = boss.types(words).await;
        assert!(
            again.contains(wrong) && again.contains("Type the new words"),
            "{again}"
        );
    }
    let tried = boss.types("Hi from <b>{ $shop }</b>!\n[always open]").await;
    assert!(tried.contains("Hi from ‹shop›!\n[always open]"), "{tried}");
    assert!(
        !ann.types("/menu").await.contains("Hi from"),
        "not before it is wished"
    );
    let shown = boss.presses("✅ Use it").await;
    assert!(shown.contains("✏️ English, worded by the team:"), "{shown}");
    let menu = ann.types("/menu").await;
    assert!(
        menu.contains("Hi from") && menu.contains("[always open]"),
        "{menu}"
    );
    let budi = stage.speaker("budi", "id").await;
    assert!(
        budi.types("/menu").await.contains("Halo Kak"),
        "the other language stays"
    );
    let shop = stage.shop.id();
    let entity = Entity::new(Of::Shop, shop);
    let audit = stage
        .shop
        .store()
        .list_audit(shop, entity, Page::first(9))
        .await;
    let actions = audit.unwrap().into_iter().map(|record| record.entry.action);
    assert!(actions.collect::<Vec<_>>().contains(&"text changed".into()));
    let stage = stage.restarted();
    let (boss, ann) = (stage.returning("boss"), stage.returning("ann"));
    assert!(ann.types("/menu").await.contains("Hi from"));
    boss.types("/texts hi from").await;
    boss.presses("✏️ greeting:").await;
    assert!(
        boss.presses("↩️ Reset English")
            .await
            .contains("Bring back the usual")
    );
    boss.presses("Yes, bring them back").await;
    assert!(ann.types("/menu").await.contains("What would you like"));
}

#[tokio::test]
async fn another_process_takes_up_what_was_changed() {
    let stage = Stage::open().await;
    let twin = stage.twin();
    let boss = stage.person("boss").await;
    boss.types("/texts unknown-command").await;
    boss.presses("unknown-command:").await;
    boss.presses("✏️ English").await;
    boss.types("What is that?").await;
    boss.presses("✅ Use it").await;
    let ann = stage.returning("ann");
    twin.handle(ann.deed(Kind::typed("/nonsense"))).await;
    assert!(ann.sees().contains("What is that?"));
}

#[tokio::test]
async fn a_label_of_a_button_is_reworded_and_a_dialog_is_left_unchanged() {
    let stage = Stage::open().await;
    let (boss, ann) = (stage.person("boss").await, stage.person("ann").await);
    boss.types("/texts button-wallet").await;
    boss.presses("button-wallet:").await;
    boss.presses("✏️ English").await;
    assert!(
        boss.types("two\nlines")
            .await
            .contains("one line, without tags")
    );
    assert!(boss.types(&"x".repeat(61)).await.contains("at most 60 fit"));
    assert!(boss.types("💰 Purse").await.contains("💰 Purse"));
    assert!(boss.types("/cancel").await.contains("nothing was changed"));
    assert!(ann.types("/menu").await.contains("[👛 Wallet]"));
    boss.types("/texts button-wallet").await;
    boss.presses("button-wallet:").await;
    boss.presses("✏️ English").await;
    boss.types("💰 Purse").await;
    boss.presses("✅ Use it").await;
    assert!(ann.types("/menu").await.contains("[💰 Purse]"));
    let clerk = stage.person("clerk").await;
    assert!(clerk.types("/texts").await.contains("Only the shop's team"));
}

#[tokio::test]
async fn the_main_views_take_pictures() {
    let stage = Stage::open().await;
    stage.product("A", 1_000, &["KEY-1"]).await;
    let (boss, ann) = (stage.person("boss").await, stage.person("ann").await);
    boss.manages("✏️ Texts").await;
    let shown = format!("{{picture of {} bytes}}", PNG.len());
    for (scene, command) in [
        ("Welcome", "/menu"),
        ("Lists of products", "/shop"),
        ("Wallet", "/wallet"),
        ("Help", "/help"),
    ] {
        assert!(!ann.types(command).await.contains("{picture"));
        boss.presses("🖼 Pictures").await;
        boss.presses(&format!("⬜ {scene}")).await;
        assert!(boss.types("no").await.contains("Send the picture"));
        let listed = boss.does(picture()).await;
        assert!(listed.contains(&format!("[🖼 {scene}]")), "{listed}");
        let seen = ann.types(command).await;
        assert!(seen.contains(&shown), "{scene}: {seen}");
        boss.presses("✏️ Texts").await;
    }
    let list = ann.types("/shop").await;
    assert!(
        list.contains(&shown) && list.contains("Product A"),
        "{list}"
    );
    assert!(
        ann.presses("Product A").await.contains("Add 1"),
        "goes on from a picture"
    );
    boss.presses("🖼 Pictures").await;
    boss.presses("✕ Take it away").await;
    assert!(
        ann.types("/menu").await.contains("{picture"),
        "not before yes"
    );
    boss.presses("✕ Yes").await;
    assert!(!ann.types("/menu").await.contains("{picture"));
    assert!(ann.types("/help").await.contains("{picture"));
}
