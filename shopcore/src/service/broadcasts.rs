//! Broadcasts: one message to every customer, sent step by step.
//!
//! A broadcast is one record with a cursor over the customers who were there when it began. The
//! cursor moves after each message, so around a kill at most one message is sent twice.

use chrono::Duration;
use serde::{Deserialize, Serialize};
use serde_json::json;
use thiserror::Error;
use uuid::Uuid;

use super::{Shop, deciding, outdated};
use crate::audit::{Actor, Entity, Kind};
use crate::customer::{Chat, Customer, MessageId, Reachability, Standing};
use crate::id::CustomerId;
use crate::store::{ChatWrite, CommitError, CustomerFilter, Listing, Page, StoreError};
use crate::time::Timestamp;

const KEEPER: &str = "broadcast";

/// Where a broadcast stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BroadcastState {
    /// It is being looked at before it begins.
    Draft,
    /// It is being sent.
    Running,
    /// It waits until it is resumed.
    Paused,
    /// It was given up; what was sent stays.
    Cancelled,
    /// Everyone was written to.
    Done,
}

impl BroadcastState {
    /// Whether a person may move it from here to `to`.
    #[must_use]
    pub fn may_become(self, to: Self) -> bool {
        match self {
            Self::Draft => matches!(to, Self::Running | Self::Cancelled),
            Self::Running => matches!(to, Self::Paused | Self::Cancelled),
            Self::Paused => matches!(to, Self::Running | Self::Cancelled),
            Self::Cancelled | Self::Done => false,
        }
    }

    /// What is recorded when a person moves it here.
    const fn action(self) -> &'static str {
        match self {
            Self::Draft => "broadcast drafted",
            Self::Running => "broadcast begun",
            Self::Paused => "broadcast paused",
            Self::Cancelled => "broadcast cancelled",
            Self::Done => "broadcast done",
        }
    }
}

/// How the message to one customer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// It was taken.
    Sent,
    /// The customer can't be written to any more.
    Blocked,
    /// It could not be sent.
    Failed,
}

/// A broadcast as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Broadcast {
    /// Its id.
    pub id: Uuid,
    /// What it says, in the bot's markup.
    pub text: String,
    /// Whether a picture comes with it.
    pub has_picture: bool,
    /// Where it stands.
    pub state: BroadcastState,
    /// How many customers it was for when it began.
    pub targets: u64,
    /// How many got it.
    pub sent: u64,
    /// How many refused it.
    pub blocked: u64,
    /// How many it could not be brought to.
    pub failed: u64,
    /// How often the message to the next customer was tried.
    pub attempts: u32,
    /// The customer who was written to last.
    cursor: CustomerId,
    /// Nothing is sent before.
    rest_until: Option<Timestamp>,
    /// Who sends it, and until when no one else does.
    holder: Option<(Uuid, Timestamp)>,
    /// The message that shows how it goes.
    pub board: Option<(Chat, MessageId)>,
}

/// Why a broadcast was not read or changed.
#[derive(Debug, Error)]
pub enum BroadcastError {
    /// No such broadcast.
    #[error("there is no such broadcast")]
    Unknown,
    /// It stands where this can't be done any more.
    #[error("the broadcast is {0:?}")]
    State(BroadcastState),
    /// It can't be kept.
    #[error("the broadcast can't be kept")]
    Unkept(#[from] serde_json::Error),
    /// The store can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store can't be written.
    #[error(transparent)]
    Commit(#[from] CommitError),
}
outdated!(BroadcastError);

/// Broadcasts of a shop.
#[derive(Debug, Clone, Copy)]
pub struct Broadcasts<'a>(pub(super) &'a Shop);

/// How long a process that was killed keeps others from going on with its broadcast.
const HELD: Duration = Duration::seconds(60);

impl Broadcasts<'_> {
    /// The largest picture, in bytes.
    pub const PICTURE_MAX: usize = 2 * 1024 * 1024;

    /// Keeps a message that may become a broadcast.
    ///
    /// # Errors
    /// [`BroadcastError`] of the store.
    pub async fn draft(
        &self,
        text: String,
        picture: Option<&[u8]>,
    ) -> Result<Broadcast, BroadcastError> {
        let draft = Broadcast {
            id: self.0.ids().next(),
            text,
            has_picture: picture.is_some(),
            state: BroadcastState::Draft,
            targets: 0,
            sent: 0,
            blocked: 0,
            failed: 0,
            attempts: 0,
            cursor: self.0.ids().next(),
            rest_until: None,
            holder: None,
            board: None,
        };
        let mut batch = self.0.chore();
        batch.push(swap(None, &draft)?);
        if let Some(picture) = picture {
            batch.push(ChatWrite::PutState {
                plugin: KEEPER.to_owned(),
                key: format!("picture/{}", draft.id),
                value: Some(picture.to_vec()),
            });
        }
        self.0.commit(batch).await?;
        Ok(draft)
    }

    /// The broadcast of this id.
    ///
    /// # Errors
    /// [`BroadcastError::Unknown`], or of the store.
    pub async fn get(&self, id: Uuid) -> Result<Broadcast, BroadcastError> {
        let key = key(id);
        let found = self.0.store().find_state(self.0.id(), KEEPER, &key).await?;
        let bytes = found.ok_or(BroadcastError::Unknown)?;
        Ok(serde_json::from_slice(&bytes)?)
    }

    /// The picture of a broadcast.
    ///
    /// # Errors
    /// [`BroadcastError::Store`].
    pub async fn picture(&self, id: Uuid) -> Result<Option<Vec<u8>>, BroadcastError> {
        let (store, key) = (self.0.store(), format!("picture/{id}"));
        Ok(store.find_state(self.0.id(), KEEPER, &key).await?)
    }

    /// Broadcasts, oldest first.
    ///
    /// # Errors
    /// [`BroadcastError`] of the store.
    pub async fn list(&self, page: Page) -> Result<Listing<Broadcast>, BroadcastError> {
        let (store, shop) = (self.0.store(), self.0.id());
        let found = store.list_states(shop, KEEPER, "record/", page).await?;
        let read = |(_, bytes): &(String, Vec<u8>)| serde_json::from_slice(bytes);
        let items = found.items.iter().map(read).collect::<Result<_, _>>()?;
        let total = found.total;
        Ok(Listing { items, total })
    }

    /// How many customers a broadcast that begins now is for.
    ///
    /// # Errors
    /// [`BroadcastError::Store`].
    pub async fn count(&self) -> Result<u64, BroadcastError> {
        let (customers, filter) = (self.0.customers(), targets(None));
        Ok(customers.list(&filter, Page::first(1)).await?.total)
    }

    /// Begins, pauses, resumes or cancels a broadcast.
    ///
    /// # Errors
    /// [`BroadcastError::State`] where it stands elsewhere; nothing changes then.
    pub async fn set_state(
        &self,
        actor: &Actor,
        id: Uuid,
        to: BroadcastState,
    ) -> Result<Broadcast, BroadcastError> {
        let targets = self.count().await?;
        let cursor = self.0.ids().next();
        deciding(|| async {
            let was = self.get(id).await?;
            if !was.state.may_become(to) {
                return Err(BroadcastError::State(was.state));
            }
            let mut next = Broadcast {
                state: to,
                ..was.clone()
            };
            let resumed = was.state == BroadcastState::Paused && to == BroadcastState::Running;
            if was.state == BroadcastState::Draft {
                (next.targets, next.cursor) = (targets, cursor);
            }
            let action = if resumed {
                "broadcast resumed"
            } else {
                to.action()
            };
            self.record(actor, &was, &next, action).await?;
            Ok(next)
        })
        .await
    }

    /// Notes which message shows how a broadcast goes.
    ///
    /// # Errors
    /// [`BroadcastError`] of the store.
    pub async fn set_board(
        &self,
        id: Uuid,
        board: (Chat, MessageId),
    ) -> Result<(), BroadcastError> {
        let set = |next: &mut Broadcast| next.board = Some(board.clone());
        self.change(id, set).await.map(drop)
    }

    /// Takes a running broadcast for `holder`, and tells whom to write to next. `None` where
    /// someone else sends it, or it rests or stands; one that reached everyone ends.
    ///
    /// # Errors
    /// [`BroadcastError`] of the store.
    pub async fn next(&self, id: Uuid, holder: Uuid) -> Result<Option<Customer>, BroadcastError> {
        deciding(|| async {
            let (was, now) = (self.get(id).await?, self.0.now());
            let rests = was.rest_until.is_some_and(|until| until > now);
            let held = was
                .holder
                .is_some_and(|(by, until)| by != holder && until > now);
            if was.state != BroadcastState::Running || rests || held {
                return Ok(None);
            }
            let filter = targets(Some(was.cursor));
            let found = self.0.customers().list(&filter, Page::first(1)).await?;
            let mut next = was.clone();
            let Some(customer) = found.items.into_iter().next() else {
                (next.state, next.holder) = (BroadcastState::Done, None);
                let actor = Actor::job(KEEPER);
                self.record(&actor, &was, &next, next.state.action())
                    .await?;
                return Ok(None);
            };
            // The first message of a run proves that nobody else holds it; later ones hold it by
            // moving the cursor.
            if was.holder.is_none_or(|(by, _)| by != holder) {
                next.holder = Some((holder, now + HELD));
                self.swap(&was, &next).await?;
            }
            Ok(Some(customer))
        })
        .await
    }

    /// Counts how the message to `customer` ended, and moves on to the next.
    ///
    /// # Errors
    /// [`BroadcastError`] of the store.
    pub async fn passed(
        &self,
        id: Uuid,
        holder: Uuid,
        customer: CustomerId,
        how: Delivery,
    ) -> Result<(), BroadcastError> {
        let until = self.0.now() + HELD;
        let count = |next: &mut Broadcast| {
            let counter = match how {
                Delivery::Sent => &mut next.sent,
                Delivery::Blocked => &mut next.blocked,
                Delivery::Failed => &mut next.failed,
            };
            *counter = counter.saturating_add(1);
            (next.cursor, next.attempts) = (customer, 0);
            next.holder = Some((holder, until));
        };
        self.change(id, count).await.map(drop)
    }

    /// Lets a broadcast rest, counting an attempt for its next customer where one failed.
    ///
    /// # Errors
    /// [`BroadcastError`] of the store.
    pub async fn rest(&self, id: Uuid, wait: Duration, failed: u32) -> Result<(), BroadcastError> {
        let until = self.0.now() + wait;
        let rest = |next: &mut Broadcast| {
            next.attempts = next.attempts.saturating_add(failed);
            next.rest_until = Some(until);
            next.holder = None;
        };
        self.change(id, rest).await.map(drop)
    }

    /// Lets another process go on with a broadcast.
    ///
    /// # Errors
    /// [`BroadcastError`] of the store.
    pub async fn release(&self, id: Uuid) -> Result<Broadcast, BroadcastError> {
        self.change(id, |next| next.holder = None).await
    }

    async fn change(
        &self,
        id: Uuid,
        change: impl Fn(&mut Broadcast),
    ) -> Result<Broadcast, BroadcastError> {
        deciding(|| async {
            let was = self.get(id).await?;
            let mut next = was.clone();
            change(&mut next);
            self.swap(&was, &next).await?;
            Ok(next)
        })
        .await
    }

    async fn swap(&self, was: &Broadcast, next: &Broadcast) -> Result<(), BroadcastError> {
        let mut batch = self.0.chore();
        batch.push(swap(Some(was), next)?);
        Ok(self.0.commit(batch).await?)
    }

    async fn record(
        &self,
        actor: &Actor,
        was: &Broadcast,
        next: &Broadcast,
        action: &str,
    ) -> Result<(), BroadcastError> {
        let details = json!({
            "broadcast": next.id, "targets": next.targets, "sent": next.sent,
            "blocked": next.blocked, "failed": next.failed,
        });
        let mut batch = self.0.batch(actor);
        batch.push(swap(Some(was), next)?).record(
            Entity::new(Kind::Shop, self.0.id()),
            action,
            details,
        );
        Ok(self.0.commit(batch).await?)
    }
}

/// Those who are written to: whoever may use the shop and can be reached.
fn targets(after: Option<CustomerId>) -> CustomerFilter {
    CustomerFilter {
        search: None,
        standing: Some(Standing::Welcome),
        reachability: Some(Reachability::Reachable),
        after,
    }
}

fn key(id: Uuid) -> String {
    format!("record/{id}")
}

fn swap(was: Option<&Broadcast>, next: &Broadcast) -> Result<ChatWrite, serde_json::Error> {
    Ok(ChatWrite::SwapState {
        plugin: KEEPER.to_owned(),
        key: key(next.id),
        was: was.map(serde_json::to_vec).transpose()?,
        value: serde_json::to_vec(next)?,
    })
}
