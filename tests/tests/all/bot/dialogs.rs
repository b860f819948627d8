//! Dialogs: they survive restarts, and nobody is trapped in one.

use shopcore::bot::incoming::Kind;
use shopcore::store::{Batch, ChatWrite};
use shopcore::vault::Sealed;

use super::stage::Stage;

#[tokio::test]
async fn a_dialog_survives_a_restart() {
    let stage = Stage::open().await;
    {
        let boss = stage.person("boss").await;
        boss.types("/addproduct").await;
        boss.types("win-11").await;
    }
    let stage = stage.restarted();
    let chat = stage.person("someone").await;
    let lost = chat.types("Windows 11").await;
    assert!(lost.contains("not sure what to do"), "{lost}");
    let next = stage.returning("boss").types("Windows 11").await;
    assert!(next.contains("Step 3 of 6"), "{next}");
}

#[tokio::test]
async fn an_open_question_is_asked_again_with_its_buttons() {
    let stage = Stage::open().await;
    let boss = stage.person("boss").await;
    let menu = boss.types("/again").await;
    assert!(menu.contains("What would you like to do?"), "{menu}");
    boss.types("/addproduct").await;
    for answer in ["ONE", "One", "1000", "-", "-", "-"] {
        boss.types(answer).await;
    }
    let stage = stage.restarted();
    let boss = stage.returning("boss");
    let again = boss.types("/again").await;
    assert!(again.contains("Shall I create it?"), "{again}");
    let created = boss.presses("Create it").await;
    assert!(created.contains("One is in the shop"), "{created}");
}

#[tokio::test]
async fn commands_buttons_and_cancel_leave_a_dialog() {
    let stage = Stage::open().await;
    let ann = stage.person("ann").await;
    ann.types("/deposit").await;
    let cancelled = ann.types("/cancel").await;
    assert!(
        cancelled.contains("Cancelled; nothing was changed"),
        "{cancelled}"
    );
    assert!(ann.types("50000").await.contains("not sure what to do"));

    ann.types("/deposit").await;
    let cancelled = ann.presses("✕ Cancel").await;
    assert!(
        cancelled.contains("Cancelled; nothing was changed"),
        "{cancelled}"
    );

    ann.types("/deposit").await;
    ann.types("/wallet").await;
    assert!(ann.types("50000").await.contains("not sure what to do"));

    ann.types("/deposit").await;
    ann.types("/menu").await;
    ann.presses("My orders").await;
    assert!(ann.types("50000").await.contains("not sure what to do"));
    assert!(stage.rows().await.invoices.is_empty());
}

#[tokio::test]
async fn a_button_of_an_earlier_dialog_answers_nothing_in_a_later_one() {
    let stage = Stage::open().await;
    let boss = stage.person("boss").await;
    boss.types("/addproduct").await;
    for answer in ["ONE", "One", "1000", "-", "-", "-"] {
        boss.types(answer).await;
    }
    let create_one = boss.finds("Create it");
    boss.types("/cancel").await;
    boss.types("/addproduct").await;
    for answer in ["TWO", "Two", "1000", "-", "-", "-"] {
        boss.types(answer).await;
    }
    let stale = boss.does(create_one).await;
    assert!(stale.contains("out of date"), "{stale}");
    assert!(stage.rows().await.products.is_empty());
    boss.presses("Create it").await;
    assert_eq!(stage.rows().await.products[0].code.as_str(), "TWO");
}

#[tokio::test]
async fn help_lists_what_one_may_type() {
    let stage = Stage::open().await;
    let (ann, boss) = (stage.person("ann").await, stage.person("boss").await);
    let help = ann.types("/help").await;
    assert!(
        help.contains("/cancel — ") && help.contains("/cart — "),
        "{help}"
    );
    assert!(!help.contains("/addproduct"), "{help}");
    assert!(boss.types("/help").await.contains("/addproduct — "));
    assert!(
        ann.types("/nonsense")
            .await
            .contains("I don't know that command")
    );
}

#[tokio::test]
async fn a_dialog_that_cannot_be_read_is_left() {
    let stage = Stage::open().await;
    let ann = stage.person("ann").await;
    ann.types("/deposit").await;
    let (shop, chat) = (&stage.shop, ann.deed(Kind::Other).chat);
    let stored = async || shop.store().find_dialog(shop.id(), &chat).await.unwrap();
    let mut dialog = stored().await.unwrap();
    dialog.state = Sealed::stored(vec![0; 64]);
    let was = dialog.version;
    let mut batch = Batch::chore(shop.id(), shop.now(), shop.ids());
    batch.push(ChatWrite::PutDialog { dialog, was });
    shop.commit(batch).await.unwrap();

    ann.types("50000").await;
    assert_eq!(stored().await, None);
    assert!(ann.types("50000").await.contains("not sure what to do"));
}
