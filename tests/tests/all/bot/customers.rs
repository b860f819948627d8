//! Customers, as the team sees them, and what they are told.

use std::time::Duration;

use shopcore::audit::{Actor, Entity, Kind};
use shopcore::customer::Standing;
use shopcore::store::Page;

use super::stage::Stage;

#[tokio::test]
async fn an_indonesian_buys_in_their_own_words() {
    let stage = Stage::open().await;
    stage.product("WIN", 15_000, &["KEY-1"]).await;
    let budi = stage.speaker("budi", "id").await;
    assert!(budi.presses("Belanja").await.contains("Semua produk"));
    assert!(budi.presses("Product WIN").await.contains("Tinggal satu"));
    assert!(budi.presses("Tambah 1").await.contains("Keranjang Kakak"));
    let invoice = budi.presses("Pesan, Rp").await;
    assert!(invoice.contains("Yang dibayar: Rp 15.000"), "{invoice}");
    let paid = budi.presses("Tes bayar").await;
    stage.pass(Duration::from_secs(1)).await;
    let goods = paid + &budi.sees();
    assert!(
        goods.contains("ini barangnya!"),
        "deliveries speak their language too: {goods}"
    );
}

#[tokio::test]
async fn a_customer_chooses_a_language_that_stays() {
    let stage = Stage::open().await;
    let ann = stage.speaker("ann", "en-GB").await;
    let profile = ann.presses("Profile").await;
    assert!(profile.contains("Language: English"), "{profile}");
    ann.presses("🌐 Language").await;
    let told = ann.presses("Bahasa Indonesia").await;
    assert!(told.contains("Siap"), "{told}");
    let stage = stage.restarted();
    let ann = stage.returning("ann");
    assert!(ann.types("/menu").await.contains("Belanja"));
    ann.types("/language").await;
    ann.presses("English").await;
    assert!(ann.types("/menu").await.contains("Shop"));
}

#[tokio::test]
async fn a_ban_keeps_out_until_it_lifts_by_itself() {
    let stage = Stage::open().await;
    let (ann, boss) = (stage.person("ann").await, stage.person("boss").await);
    boss.manages("Customers").await;
    boss.presses("ann").await;
    boss.presses("🚫 Ban").await;
    boss.presses("for a day").await;
    assert!(boss.types("").await.contains("Why?"));
    let shown = boss.types("spam").await;
    assert!(shown.contains("🚫 Banned until"), "{shown}");
    let told = ann.types("/shop").await;
    assert!(told.contains("You can't use this shop until"), "{told}");
    stage.pass(Duration::from_secs(24 * 3_600)).await;
    assert!(ann.types("/shop").await.contains("All products"));
    boss.types("/customers ANN").await;
    boss.presses("ann").await;
    boss.presses("🚫 Ban").await;
    boss.presses("for good").await;
    boss.types("spam again").await;
    assert!(ann.types("/shop").await.contains("can't use this shop"));
    boss.presses("✅ Unban").await;
    assert!(ann.types("/shop").await.contains("All products"));
}

#[tokio::test]
async fn nobody_bans_themselves_or_the_team() {
    let stage = Stage::open().await;
    let (boss, _clerk) = (stage.person("boss").await, stage.person("clerk").await);
    boss.types("/customers boss").await;
    boss.presses("boss").await;
    boss.presses("🚫 Ban").await;
    boss.types("/customers clerk").await;
    boss.presses("clerk").await;
    boss.presses("🚫 Ban").await;
    boss.presses("for good").await;
    let refused = boss.types("because").await;
    assert!(
        refused.contains("The owner set this person up"),
        "{refused}"
    );
    assert!(boss.types("/shop").await.contains("nothing here yet"));
}

#[tokio::test]
async fn a_wallet_is_credited_and_debited_with_a_reason_and_a_question() {
    let stage = Stage::open().await;
    let (ann, boss) = (stage.person("ann").await, stage.person("boss").await);
    boss.types("/customers ann").await;
    boss.presses("ann").await;
    boss.presses("Credit the wallet").await;
    for wrong in ["", "a lot", "0", "-5"] {
        let again = boss.types(wrong).await;
        assert!(again.contains("How much shall be put"), "{wrong}: {again}");
    }
    boss.types("5.000").await;
    let asked = boss.types("for the trouble").await;
    assert!(
        asked.contains("Put Rp 5.000 into the wallet of ann"),
        "{asked}"
    );
    let yes = boss.finds("Yes, do it");
    let shown = boss.does(yes.clone()).await;
    assert!(shown.contains("Wallet: Rp 5.000"), "{shown}");
    assert!(boss.does(yes).await.contains("out of date"));
    boss.presses("Debit the wallet").await;
    assert!(boss.types("5.001").await.contains("holds only Rp 5.000"));
    boss.types("2.000").await;
    boss.types("a correction").await;
    boss.presses("Yes, do it").await;
    assert!(ann.types("/wallet").await.contains("It holds Rp 3.000"));
    let clerk = stage.person("clerk").await;
    let refused = clerk.does(boss.finds("Credit the wallet")).await;
    assert!(refused.contains("Only the shop's team"), "{refused}");
}

#[tokio::test]
async fn a_ban_whose_time_is_over_lifts_by_itself() {
    let stage = Stage::open().await;
    let ann = stage.person("ann").await;
    let customer = stage.rows().await.customers[0].id;
    let until = stage.shop.now() + Duration::from_secs(3_600);
    let customers = stage.shop.customers();
    customers
        .set_standing(
            &Actor::Operator,
            customer,
            Standing::Banned,
            Some(until),
            None,
        )
        .await
        .unwrap();
    let told = ann.types("/start").await;
    assert!(told.contains("You can't use this shop until "), "{told}");
    stage.pass(Duration::from_secs(3_600)).await;
    assert!(!ann.types("/start").await.contains("can't"));
    let now = customers.get(customer).await.unwrap();
    assert_eq!((now.standing, now.banned_until), (Standing::Welcome, None));
    let entity = Entity::new(Kind::Customer, customer);
    let (store, shop) = (stage.shop.store(), stage.shop.id());
    let audit = store
        .list_audit(shop, entity, Page::first(9))
        .await
        .unwrap();
    let actions: Vec<_> = audit
        .iter()
        .map(|record| record.entry.action.clone())
        .collect();
    assert_eq!(actions, ["unbanned", "banned", "met"]);
}

#[tokio::test]
async fn the_team_writes_to_a_customer() {
    let stage = Stage::open().await;
    let (ann, boss) = (stage.person("ann").await, stage.person("boss").await);
    boss.types("/customers ann").await;
    boss.presses("ann").await;
    boss.presses("Write").await;
    assert!(boss.types(" ").await.contains("That was empty"));
    assert!(
        boss.types("Your <b>key</b> is ready")
            .await
            .contains("Sent")
    );
    assert!(ann.sees().contains("Your <b>key</b> is ready"));
}
