//! Cases of dialogs, plug-ins' state, and carried-out requests.

use super::Trial;
use crate::customer::Chat;
use crate::store::{ChatWrite, Dialog, Page, Rejection, RequestKey, RequestOutcome, Write};
use crate::testing::fixture::chat;
use crate::vault::Sealed;

fn dialog(chat: &Chat, state: &[u8]) -> Dialog {
    Dialog {
        chat: chat.clone(),
        plugin: "stock".to_owned(),
        state: Sealed::stored(state.to_vec()),
        version: 0,
    }
}

fn put(dialog: &Dialog, was: u32) -> Write {
    let dialog = dialog.clone();
    ChatWrite::PutDialog { dialog, was }.into()
}

async fn read(trial: &Trial, chat: &Chat) -> Option<Dialog> {
    trial.store.find_dialog(trial.shop, chat).await.unwrap()
}

pub async fn a_dialog_replaces_the_version_that_was_read(trial: &Trial) {
    let chat = chat("1");
    assert_eq!(read(trial, &chat).await, None);
    trial.conflicts([put(&dialog(&chat, b"x"), 1)]).await;
    trial.apply([put(&dialog(&chat, b"a"), 0)]).await;
    trial.conflicts([put(&dialog(&chat, b"x"), 0)]).await;
    trial.conflicts([put(&dialog(&chat, b"x"), 2)]).await;
    trial.apply([put(&dialog(&chat, b"b"), 1)]).await;
    let expected = Dialog {
        version: 2,
        ..dialog(&chat, b"b")
    };
    assert_eq!(read(trial, &chat).await, Some(expected));
}

pub async fn a_dialog_ends_as_often_as_asked(trial: &Trial) {
    let (mine, other) = (chat("1"), chat("2"));
    let end = || Write::from(ChatWrite::EndDialog { chat: mine.clone() });
    trial.apply([end()]).await;
    trial
        .apply([put(&dialog(&mine, b"a"), 0), put(&dialog(&other, b"a"), 0)])
        .await;
    trial.apply([end()]).await;
    assert_eq!(read(trial, &mine).await, None);
    assert!(read(trial, &other).await.is_some());
    trial.apply([put(&dialog(&mine, b"a"), 0)]).await;
}

pub async fn the_last_state_of_a_plugin_stays(trial: &Trial) {
    let set = |key: &str, value: Option<&[u8]>| {
        Write::from(ChatWrite::PutState {
            plugin: "loyalty".to_owned(),
            key: key.to_owned(),
            value: value.map(<[u8]>::to_vec),
        })
    };
    let find = async |plugin: &str, key: &str| {
        trial
            .store
            .find_state(trial.shop, plugin, key)
            .await
            .unwrap()
    };
    trial
        .apply([set("a", Some(b"1")), set("b", Some(b""))])
        .await;
    trial.apply([set("a", Some(b"\x00\xff"))]).await;
    assert_eq!(find("loyalty", "a").await, Some(b"\x00\xff".to_vec()));
    assert_eq!(find("loyalty", "b").await, Some(Vec::new()));
    assert_eq!(find("other", "a").await, None);
    trial.apply([set("a", None), set("c", None)]).await;
    assert_eq!(find("loyalty", "a").await, None);
}

pub async fn a_state_is_swapped_only_for_the_one_that_was_read(trial: &Trial) {
    let swap = |was: Option<&[u8]>, value: &[u8]| {
        Write::from(ChatWrite::SwapState {
            plugin: "loyalty".to_owned(),
            key: "a".to_owned(),
            was: was.map(<[u8]>::to_vec),
            value: value.to_vec(),
        })
    };
    let find = async || {
        let found = trial.store.find_state(trial.shop, "loyalty", "a").await;
        found.unwrap()
    };
    trial.conflicts([swap(Some(b"1"), b"2")]).await;
    trial.apply([swap(None, b"1")]).await;
    trial.conflicts([swap(None, b"2")]).await;
    trial.conflicts([swap(Some(b""), b"2")]).await;
    assert_eq!(find().await, Some(b"1".to_vec()));
    trial.apply([swap(Some(b"1"), b"\x00\xff")]).await;
    trial.apply([swap(Some(b"\x00\xff"), b"3")]).await;
    assert_eq!(find().await, Some(b"3".to_vec()));
}

pub async fn states_are_listed_by_the_beginning_of_their_keys(trial: &Trial) {
    let set = |plugin: &str, key: &str| {
        Write::from(ChatWrite::PutState {
            plugin: plugin.to_owned(),
            key: key.to_owned(),
            value: Some(key.as_bytes().to_vec()),
        })
    };
    let (store, shop) = (&trial.store, trial.shop);
    let list = async |prefix: &str, page| {
        let listed = store.list_states(shop, "team", prefix, page).await.unwrap();
        let keys = listed.items.into_iter().map(|(key, value)| {
            assert_eq!(value, key.as_bytes());
            key
        });
        (keys.collect::<Vec<_>>(), listed.total)
    };
    assert_eq!(list("", Page::first(9)).await, (Vec::new(), 0));
    let keys = ["a/1", "a/2", "a/Z", "a/é😀", "b/1", "a"];
    trial.apply(keys.map(|key| set("team", key))).await;
    trial.apply([set("teams", "a/3"), set("tea", "a/4")]).await;
    let of_a = ["a/1", "a/2", "a/Z", "a/é😀"].map(str::to_owned);
    assert_eq!(list("a/", Page::first(9)).await, (of_a.to_vec(), 4));
    let second = (of_a[2..].to_vec(), 4);
    assert_eq!(list("a/", Page::number(1, 2)).await, second);
    assert_eq!(list("a/", Page::number(7, 2)).await, (Vec::new(), 4));
    assert_eq!(list("c", Page::first(9)).await, (Vec::new(), 0));
    assert_eq!(list("", Page::first(9)).await.1, 6);
}

pub async fn a_request_is_carried_out_once(trial: &Trial) {
    let request = RequestKey("test/1/42 😀".to_owned());
    let outcome = RequestOutcome::Order(trial.rows.ids.next());
    let record = |outcome| {
        let request = request.clone();
        Write::from(ChatWrite::RecordRequest { request, outcome })
    };
    let find = async || {
        trial
            .store
            .find_request(trial.shop, &request)
            .await
            .unwrap()
    };
    assert_eq!(find().await, None);
    trial.apply([record(outcome)]).await;
    let again = RequestOutcome::Deposit(trial.rows.ids.next());
    assert_eq!(
        trial.rejected([record(again)]).await,
        Rejection::RequestSeen
    );
    assert_eq!(find().await, Some(outcome));
    let ids = &trial.rows.ids;
    let others = [
        RequestOutcome::Deposit(ids.next()),
        RequestOutcome::Refund(ids.next()),
        RequestOutcome::Transfer(ids.next()),
    ];
    for (number, outcome) in (1..).zip(others) {
        let request = RequestKey(format!("test/2/{number}"));
        let key = request.clone();
        let write = ChatWrite::RecordRequest { request, outcome };
        trial.apply([write.into()]).await;
        let found = trial.store.find_request(trial.shop, &key).await.unwrap();
        assert_eq!(found, Some(outcome));
    }
}

pub async fn old_requests_are_forgotten(trial: &Trial) {
    let request = |name: &str| RequestKey(name.to_owned());
    let record = |name, outcome| {
        let request = request(name);
        Write::from(ChatWrite::RecordRequest { request, outcome })
    };
    let ids = &trial.rows.ids;
    let bought = record("old order", RequestOutcome::Order(ids.next()));
    let asked = record("old deposit", RequestOutcome::Deposit(ids.next()));
    let paid_back = record("old refund", RequestOutcome::Refund(ids.next()));
    let adjusted = record("old transfer", RequestOutcome::Transfer(ids.next()));
    trial.apply([bought, asked, paid_back, adjusted]).await;
    trial.clock.advance(chrono::Duration::days(1));
    let bound = trial.rows.now();
    let young = RequestOutcome::Order(ids.next());
    trial.apply([record("young", young)]).await;

    let (store, shop) = (&trial.store, trial.shop);
    assert_eq!(store.forget_finished(shop, bound).await.unwrap(), 4);
    let find = async |name| store.find_request(shop, &request(name)).await.unwrap();
    assert_eq!(find("young").await, Some(young));
    assert_eq!(find("old order").await, None);
    assert_eq!(find("old deposit").await, None);
}
