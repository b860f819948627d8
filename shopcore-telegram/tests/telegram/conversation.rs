//! What people see when they write, press and send files.

use serde_json::json;
use shopcore_telegram::FILE_BYTES_MAX;

use crate::fake::messages::Content;
use crate::fake::{Fake, World};
use crate::plugin::{QR, Sample};
use crate::{Running, person};

const ANN: i64 = 7;

/// A bot with the sample plug-in, whose menu lies before someone.
async fn greeted(name: &str) -> (Fake, Running, serde_json::Value, i64) {
    let (fake, ann) = (Fake::start().await, person(ANN, name));
    let running = Running::start(&fake, vec![Box::new(Sample::default())]).await;
    fake.write(&ann, "/start");
    let menu = fake
        .until(|world| world.last(ANN).map(|message| message.id))
        .await;
    (fake, running, ann, menu)
}

/// The text of the newest message, once it begins so.
fn says(beginning: &str) -> impl FnMut(&World) -> Option<String> {
    move |world| {
        let last = world.last(ANN)?;
        last.text.starts_with(beginning).then(|| last.text.clone())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_press_edits_the_message_and_is_answered() {
    let (fake, running, ann, menu) = greeted("Ann").await;
    let labels = fake.with(|world| world.last(ANN).unwrap().labels().join(" "));
    assert_eq!(labels, "Greet Scan Fetch Recite Ask");
    let press = fake.press(&ann, menu, "Greet");
    let (answered, remark) = fake.until(|world| world.answered.last().cloned()).await;
    assert_eq!(answered, press);
    let remark = remark.unwrap();
    assert!(
        remark.starts_with("éé") && remark.ends_with('…'),
        "{remark}"
    );
    let shown = fake.with(|world| world.chat(ANN).into_iter().cloned().collect::<Vec<_>>());
    let [message] = &shown[..] else {
        panic!("one message was edited: {shown:?}")
    };
    assert_eq!(
        (message.id, message.text.as_str()),
        (menu, "Hello Ann & all")
    );
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_call_themselves_stays_literal() {
    for name in ["<b>Ann</i>", "&lt;😀&", "</b>", "مرحبا"] {
        let (fake, running, ann, menu) = greeted(name).await;
        fake.press(&ann, menu, "Greet");
        let said = fake.until(says("Hello")).await;
        assert_eq!(said, format!("Hello {name} & all"));
        running.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_qr_code_is_a_photo_and_the_way_back_a_new_message() {
    let (fake, running, ann, menu) = greeted("Ann").await;
    fake.press(&ann, menu, "Scan");
    fake.until(says("Scan me")).await;
    let content = fake.with(|world| world.last(ANN).unwrap().content.clone());
    let Content::Photo(png) = content else {
        panic!("not a photo: {content:?}")
    };
    let picture = image::load_from_memory(&png).unwrap();
    let modules = u32::try_from(qrcode::QrCode::new(QR).unwrap().width()).unwrap();
    assert_eq!(
        picture.width() % (modules + 8),
        0,
        "modules are whole pixels"
    );

    fake.press(&ann, menu, "☰ Menu");
    let back = |world: &World| world.last(ANN).filter(|last| last.id != menu).cloned();
    let back = fake.until(back).await;
    assert_eq!(
        (back.content, fake.with(|world| world.chat(ANN).len())),
        (Content::Text, 1)
    );
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_arrives_as_it_is() {
    let (fake, running, ann, menu) = greeted("Ann").await;
    fake.press(&ann, menu, "Fetch");
    let document = Content::Document("keys.txt".to_owned(), b"KEY-1\r\nKEY-2".to_vec());
    fake.until(|world| (world.last(ANN)?.content == document).then_some(()))
        .await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_text_is_cut_to_what_telegram_takes() {
    let (fake, running, ann, menu) = greeted("Ann").await;
    fake.press(&ann, menu, "Recite");
    let said = fake.until(says("<&>😀")).await;
    assert!(said.encode_utf16().count() > 4_090 && said.ends_with('…'));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dialog_takes_texts_and_files_up_to_the_limit() {
    let (fake, running, ann, menu) = greeted("Ann").await;
    fake.press(&ann, menu, "Ask");
    fake.until(says("Paste it")).await;
    fake.write(&ann, "KEY-1\nKEY-2");
    fake.until(says("text KEY-1\nKEY-2")).await;
    fake.upload(&ann, "stock.csv", &[b'x'; 70_000], 70_000);
    fake.until(says("stock.csv of 70000 bytes")).await;
    fake.show(&ann, &[b'y'; 6_000]);
    fake.until(says("photo.jpg of 6000 bytes")).await;
    let too_long = usize::try_from(FILE_BYTES_MAX).unwrap() + 1;
    fake.upload(&ann, "huge.csv", b"", too_long);
    fake.until(says("I'm not sure what to do with that.")).await;
    fake.say(&ann, json!({ "dice": { "emoji": "🎲", "value": 1 } }));
    fake.write(&ann, "/echo on");
    fake.until(says("echo on")).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn made_up_buttons_are_out_of_date() {
    let (fake, running, ann, menu) = greeted("Ann").await;
    for data in ["nobody:AA", "sample:", "😀", ""] {
        fake.with(|world| {
            let message = world.messages.get_mut(&(ANN, menu)).unwrap();
            message.keyboard =
                json!({ "inline_keyboard": [[{ "text": "x", "callback_data": data }]] });
        });
        let press = fake.press(&ann, menu, "x");
        fake.until(|world| world.answered.iter().find(|(id, _)| *id == press).map(drop))
            .await;
        fake.until(says("This button is out of date.")).await;
    }
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn groups_are_not_served() {
    let (fake, running, ann, _) = greeted("Ann").await;
    let group = json!({ "id": -100, "type": "group", "title": "Everybody" });
    fake.befriend(-100);
    fake.say(&ann, json!({ "text": "/start", "chat": group }));
    fake.write(&ann, "/echo after");
    fake.until(says("echo after")).await;
    assert!(fake.with(|world| world.chat(-100).is_empty()));
    running.stop().await;
}
