//! Cases of the outbox, its claims, the message log, and leases.

use std::time::Duration;

use uuid::Uuid;

use super::Trial;
use crate::customer::FrontendName;
use crate::id::ItemId;
use crate::message::{Destination, ItemState, Lane, Notice, OutboxItem, Reach, SentMessage, Task};
use crate::store::{OutboxWrite, Rejection, Write};
use crate::testing::fixture::{chat, idr};

const LEASE: Duration = Duration::from_secs(30);
const MANY: u32 = 100;

fn task() -> Task {
    Task::Notice(Notice::Credited {
        amount: idr(5),
        why: crate::message::CreditReason::Excess,
    })
}

/// Enqueues an item about `subject` in a batch of its own.
async fn enqueue(trial: &Trial, destination: Destination, subject: Uuid) -> ItemId {
    let mut batch = trial.batch();
    let id = batch.enqueue(destination, subject, task()).outbox[0].id;
    trial.commit(batch).await.unwrap();
    id
}

fn everywhere() -> [Reach; 3] {
    let frontend = FrontendName::parse("test").unwrap();
    [Reach::Frontend(frontend), Reach::Admins, Reach::Gateways]
}

async fn claim(trial: &Trial, reach: &[Reach], limit: u32) -> Vec<ItemId> {
    let (store, now) = (&trial.store, trial.rows.now());
    let items = store
        .claim_items(trial.shop, reach, now, LEASE, limit)
        .await;
    let mut ids: Vec<_> = items.unwrap().into_iter().map(|item| item.id).collect();
    ids.sort_unstable();
    ids
}

fn finish(item: ItemId, state: ItemState) -> Write {
    OutboxWrite::Finish { item, state }.into()
}

pub async fn an_item_is_claimed_once_within_its_lease(trial: &Trial) {
    let to = Destination::Chat(chat("1"));
    let subject = Uuid::from_u128(1);
    let id = enqueue(trial, to.clone(), subject).await;
    let (store, now, reach) = (&trial.store, trial.rows.now(), everywhere());
    let items = store
        .claim_items(trial.shop, &reach, now, LEASE, MANY)
        .await;
    let expected = OutboxItem {
        id,
        lane: Lane::new(&to, subject),
        destination: to,
        task: task(),
        state: ItemState::Pending,
        due_at: trial.rows.now(),
        attempts: 1,
    };
    assert_eq!(items.unwrap(), std::slice::from_ref(&expected));
    assert_eq!(trial.snapshot().await.outbox, [expected]);
    assert_eq!(claim(trial, &everywhere(), MANY).await, []);
    trial.clock.advance(chrono::Duration::seconds(31));
    assert_eq!(claim(trial, &everywhere(), MANY).await, [id]);
    assert_eq!(trial.snapshot().await.outbox[0].attempts, 2);
}

pub async fn items_of_a_lane_go_one_after_another(trial: &Trial) {
    let to = Destination::Chat(chat("1"));
    let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let first = enqueue(trial, to.clone(), one).await;
    let second = enqueue(trial, to.clone(), one).await;
    let aside = enqueue(trial, to, two).await;
    assert_eq!(claim(trial, &everywhere(), MANY).await, [first, aside]);
    assert_eq!(claim(trial, &everywhere(), MANY).await, []);
    trial.apply([finish(first, ItemState::Sent)]).await;
    assert_eq!(claim(trial, &everywhere(), MANY).await, [second]);
}

pub async fn a_postponed_item_keeps_its_lane(trial: &Trial) {
    let to = Destination::Admins;
    let subject = Uuid::from_u128(1);
    let first = enqueue(trial, to.clone(), subject).await;
    enqueue(trial, to, subject).await;
    claim(trial, &everywhere(), MANY).await;
    let due_at = trial.rows.now() + chrono::Duration::seconds(5);
    trial
        .apply([OutboxWrite::Postpone {
            item: first,
            due_at,
        }
        .into()])
        .await;
    assert_eq!(claim(trial, &everywhere(), MANY).await, []);
    trial.clock.advance(chrono::Duration::seconds(5));
    assert_eq!(claim(trial, &everywhere(), MANY).await, [first]);
}

pub async fn claims_stay_within_reach_and_limit(trial: &Trial) {
    let (chat_1, chat_2) = (chat("1"), chat("2"));
    let mut ids = Vec::new();
    let destinations = [
        Destination::Chat(chat_1.clone()),
        Destination::Chat(chat_2),
        Destination::Admins,
        Destination::Gateway,
    ];
    for destination in destinations {
        ids.push(enqueue(trial, destination, Uuid::from_u128(1)).await);
    }
    assert_eq!(claim(trial, &[], MANY).await, []);
    let foreign = Reach::Frontend(FrontendName::parse("other").unwrap());
    assert_eq!(claim(trial, &[foreign], MANY).await, []);
    assert_eq!(claim(trial, &[Reach::Gateways], MANY).await, [ids[3]]);
    assert_eq!(claim(trial, &[Reach::Chat(chat_1)], MANY).await, [ids[0]]);
    assert_eq!(claim(trial, &everywhere(), 1).await, [ids[1]]);
    assert_eq!(claim(trial, &everywhere(), MANY).await, [ids[2]]);
}

pub async fn an_item_is_finished_once(trial: &Trial) {
    for state in [ItemState::Sent, ItemState::Refused] {
        let id = enqueue(trial, Destination::Admins, Uuid::from_u128(1)).await;
        trial.apply([finish(id, state)]).await;
        assert_eq!(claim(trial, &everywhere(), MANY).await, []);
        trial.conflicts([finish(id, ItemState::Sent)]).await;
        let due_at = trial.rows.now();
        trial
            .conflicts([OutboxWrite::Postpone { item: id, due_at }.into()])
            .await;
    }
    trial
        .conflicts([finish(trial.rows.ids.next(), ItemState::Sent)])
        .await;
}

pub async fn old_items_are_forgotten_once_they_are_of_no_use(trial: &Trial) {
    let (to, subject) = (Destination::Chat(chat("1")), Uuid::from_u128);
    let old_sent = enqueue(trial, to.clone(), subject(1)).await;
    let old_refused = enqueue(trial, Destination::Gateway, subject(1)).await;
    let waits = enqueue(trial, to.clone(), subject(2)).await;
    let unmet = enqueue(trial, Destination::Admins, subject(1)).await;
    claim(trial, &everywhere(), MANY).await;
    trial.clock.advance(chrono::Duration::days(1));
    let bound = trial.rows.now();
    let sent = enqueue(trial, to, subject(3)).await;
    let awaited = enqueue(trial, Destination::Admins, subject(1)).await;
    let refused = finish(old_refused, ItemState::Refused);
    let brought = [old_sent, sent].map(|item| finish(item, ItemState::Sent));
    trial.apply(brought.into_iter().chain([refused])).await;

    let forget = async || {
        trial
            .store
            .forget_finished(trial.shop, bound)
            .await
            .unwrap()
    };
    assert_eq!(forget().await, 3);
    assert_eq!(forget().await, 0);
    let left: Vec<_> = trial.snapshot().await.outbox.iter().map(|i| i.id).collect();
    assert_eq!(left, [waits, sent, awaited]);
    trial.conflicts([finish(unmet, ItemState::Sent)]).await;
    assert_eq!(claim(trial, &everywhere(), MANY).await, [waits, awaited]);
}

pub async fn messages_are_logged_once_and_forgotten(trial: &Trial) {
    let (_, order) = trial.sale(0, 1).await;
    let invoice = trial.invoice(&order).await.id;
    let sent = trial.rows.message(&chat("1"), "7", invoice);
    let other = trial.rows.message(&chat("2"), "7", invoice);
    let log = |sent: &SentMessage| Write::from(OutboxWrite::LogMessage(sent.clone()));
    let logged = async || {
        let mut logged = trial
            .store
            .list_messages(trial.shop, invoice)
            .await
            .unwrap();
        logged.sort_by_key(|sent| sent.chat.clone());
        logged
    };
    trial.apply([log(&sent), log(&other)]).await;
    trial.apply([log(&sent)]).await;
    assert_eq!(logged().await, [sent.clone(), other.clone()]);
    let (chat, message) = (sent.chat.clone(), sent.message.clone());
    let forget = || {
        let (chat, message) = (chat.clone(), message.clone());
        Write::from(OutboxWrite::ForgetMessage { chat, message })
    };
    trial.apply([forget()]).await;
    trial.apply([forget()]).await;
    assert_eq!(logged().await, [other]);
    let mut ghost = sent;
    ghost.invoice = trial.rows.ids.next();
    assert_eq!(trial.rejected([log(&ghost)]).await, Rejection::Dangling);
}

pub async fn a_lease_has_one_holder_at_a_time(trial: &Trial) {
    let (mine, theirs) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let take = async |holder| {
        let lease = trial.store.take_lease(trial.shop, "expiry", holder, LEASE);
        lease.await.unwrap()
    };
    assert!(take(mine).await);
    assert!(!take(theirs).await);
    trial.clock.advance(chrono::Duration::seconds(20));
    assert!(take(mine).await, "the holder renews it");
    trial.clock.advance(chrono::Duration::seconds(20));
    assert!(!take(theirs).await, "it was renewed");
    trial.clock.advance(chrono::Duration::seconds(11));
    assert!(take(theirs).await, "it has run out");
    assert!(!take(mine).await);
}

pub async fn only_its_holder_gives_a_lease_back(trial: &Trial) {
    let (mine, theirs) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let (store, shop) = (&trial.store, trial.shop);
    let take = async |holder| {
        store
            .take_lease(shop, "expiry", holder, LEASE)
            .await
            .unwrap()
    };
    assert!(take(mine).await);
    store.drop_lease(shop, "expiry", theirs).await.unwrap();
    assert!(!take(theirs).await);
    let other = store
        .take_lease(shop, "other", theirs, LEASE)
        .await
        .unwrap();
    assert!(other, "leases of other names are apart");
    store.drop_lease(shop, "expiry", mine).await.unwrap();
    assert!(take(theirs).await);
}
