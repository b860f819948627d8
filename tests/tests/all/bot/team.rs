//! The team: roles, members, and rights that count from the moment they are given or taken.

use super::stage::{Person, Stage};

/// Takes someone into the team with this role.
async fn appoint(by: &Person<'_>, name: &str, role: &str) -> String {
    by.types("/team").await;
    by.presses("Add someone").await;
    by.types(name).await;
    by.presses(name).await;
    by.presses(role).await
}

#[tokio::test]
async fn a_member_may_do_what_their_role_permits_until_it_is_taken_away() {
    let stage = Stage::open().await;
    let (ann, boss) = (stage.person("ann").await, stage.person("boss").await);
    assert!(
        ann.types("/allorders")
            .await
            .contains("Only the shop's team")
    );
    assert!(boss.types("/team").await.contains("You work alone"));
    assert!(
        appoint(&boss, "ann", "Support")
            .await
            .contains("✅ Support")
    );
    ann.types("/menu").await;
    let orders = ann.manages("orders").await;
    assert!(!orders.contains("Only the shop's team"), "{orders}");
    assert!(ann.types("/add").await.contains("team") || !ann.chat_shows().contains("Team"));
    ann.types("/customers").await;
    ann.presses("Search").await;
    boss.types("/team").await;
    boss.presses("ann").await;
    boss.presses("Take out").await;
    assert!(
        boss.presses("Yes, take out")
            .await
            .contains("You work alone")
    );
    assert!(
        ann.types("boss").await.contains("Only the shop's team"),
        "inside a wizard"
    );
    assert!(
        ann.types("/customers")
            .await
            .contains("Only the shop's team")
    );
}

#[tokio::test]
async fn a_question_is_asked_again_only_of_who_may_still_answer_it() {
    let stage = Stage::open().await;
    let (ann, boss) = (stage.person("ann").await, stage.person("boss").await);
    appoint(&boss, "ann", "Support").await;
    ann.types("/customers").await;
    ann.presses("Search").await;
    let again = ann.types("/again").await;
    assert!(again.contains("Whom are you looking for?"), "{again}");
    boss.types("/team").await;
    boss.presses("ann").await;
    boss.presses("Take out").await;
    boss.presses("Yes, take out").await;
    let refused = ann.types("/again").await;
    assert!(refused.contains("Only the shop's team"), "{refused}");
    let left = ann.types("/again").await;
    assert!(left.contains("What would you like to do?"), "{left}");
}

#[tokio::test]
async fn a_role_of_the_shops_own_counts_at_once_for_all_who_have_it() {
    let stage = Stage::open().await;
    let (ann, boss) = (stage.person("ann").await, stage.person("boss").await);
    boss.types("/team").await;
    boss.presses("Roles").await;
    boss.presses("New role").await;
    boss.types("Night shift").await;
    boss.presses("Roles").await;
    boss.presses("New role").await;
    assert!(
        boss.types("night SHIFT")
            .await
            .contains("Another role has this name")
    );
    boss.types("/team").await;
    appoint(&boss, "ann", "Night shift").await;
    assert!(
        ann.types("/customers")
            .await
            .contains("Only the shop's team")
    );
    boss.types("/team").await;
    boss.presses("Roles").await;
    boss.presses("Night shift").await;
    assert!(
        boss.presses("Customers and bans")
            .await
            .contains("✅ Customers and bans")
    );
    assert!(ann.types("/customers").await.contains("[ann]"));
    boss.presses("Delete").await;
    assert!(
        boss.presses("Yes, delete")
            .await
            .contains("still has this role")
    );
    boss.types("/team").await;
    boss.presses("Roles").await;
    boss.presses("Night shift").await;
    boss.presses("Customers and bans").await;
    assert!(
        ann.types("/customers")
            .await
            .contains("Only the shop's team")
    );
}

#[tokio::test]
async fn nobody_gives_what_they_do_not_hold() {
    let stage = Stage::open().await;
    let boss = stage.person("boss").await;
    let (ann, _) = (stage.person("ann").await, stage.person("bea").await);
    boss.types("/team").await;
    boss.presses("Roles").await;
    boss.presses("New role").await;
    boss.types("Lead").await;
    boss.presses("Team and roles").await;
    boss.presses("Customers and bans").await;
    let money = boss.finds("Money: refunds and wallets");
    appoint(&boss, "ann", "Lead").await;
    let offered = appoint(&ann, "bea", "Lead").await;
    assert!(
        !offered.contains("Admin") && !offered.contains("Support"),
        "{offered}"
    );
    assert!(ann.does(money).await.contains("what you hold yourself"));
    let of_boss = appoint(&ann, "boss", "Lead").await;
    assert!(of_boss.contains("owner set this person up"), "{of_boss}");
}
