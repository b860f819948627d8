//! Letters: what customers write to the shop, sealed, and brought to the team by the outbox.

use chrono::Duration;
use serde::{Deserialize, Serialize};
use serde_json::json;
use thiserror::Error;
use uuid::Uuid;

use super::{Shop, deciding, outdated};
use crate::audit::{Actor, Entity, Kind};
use crate::id::CustomerId;
use crate::message::{Destination, Notice, Task};
use crate::stock::Content;
use crate::store::{ChatWrite, CommitError, Listing, Page, RequestKey, StoreError};
use crate::time::{Timestamp, from_micros};
use crate::vault::{Sealed, VaultError};

/// Among whose small values letters are kept.
const KEEPER: &str = "letters";

/// In front of the keys of letters, and of what each customer wrote lately.
const LETTER: &str = "letter/";
const LATELY: &str = "lately/";

/// How long a letter is kept.
const KEPT: Duration = Duration::days(30);

/// Letters that are looked through at a time.
const READ: u32 = 50;

/// Why a letter was not taken or shown.
#[derive(Debug, Error)]
pub enum LetterError {
    /// The customer wrote as much as they may for now.
    #[error("the customer may write again in {wait:?}")]
    TooMany {
        /// How long until they may write again.
        wait: std::time::Duration,
    },
    /// There is no such letter, or it is no longer kept.
    #[error("there is no such letter, or it is no longer kept")]
    Gone,
    /// What is stored can't be read.
    #[error("the stored letter is damaged")]
    Damaged(#[source] postcard::Error),
    /// The letter can't be sealed or opened.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The store can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store can't be written.
    #[error(transparent)]
    Commit(#[from] CommitError),
}
outdated!(LetterError);

/// A letter as it is kept: who wrote it and when, in microseconds, and what it says, sealed for its
/// id.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    customer: CustomerId,
    at: i64,
    sealed: Vec<u8>,
}

impl Kept {
    fn of(stored: &[u8]) -> Result<Self, LetterError> {
        postcard::from_bytes(stored).map_err(LetterError::Damaged)
    }
}

/// A letter as it lies in the inbox, closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Letter {
    /// Its id.
    pub id: Uuid,
    /// Who wrote it.
    pub customer: CustomerId,
    /// When it came.
    pub at: Timestamp,
}

/// The latest letters of a customer, oldest first: when each came, and with which request.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Lately(Vec<(i64, String)>);

impl Lately {
    fn knows(&self, request: &RequestKey) -> bool {
        self.0.iter().any(|(_, known)| *known == request.0)
    }

    /// How long to wait until another letter is taken.
    fn wait(&self, now: Timestamp) -> Option<Duration> {
        let count = self.0.len();
        let (at, _) = self.0.get(count.checked_sub(Letters::MAX)?)?;
        let wait = from_micros(*at) + Letters::WITHIN - now;
        (wait > Duration::zero()).then_some(wait)
    }

    fn add(&mut self, at: Timestamp, request: &RequestKey) {
        self.0.push((at.timestamp_micros(), request.0.clone()));
        let surplus = self.0.len().saturating_sub(Letters::MAX);
        self.0.drain(..surplus);
    }
}

/// Letters of a shop's customers.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/corner.rs"));
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let Corner { shop, product, customer, chat } = Corner::open().await?;
/// use shopcore::stock::Content;
///
/// let words = Content::text("Does it work on a Mac?")?;
/// let letter = shop.letters().write(customer.id, &words, &shop.new_request()).await?;
/// assert_eq!(shop.letters().read(letter.unwrap()).await?, words);
/// # let _ = (product, chat);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Letters<'a>(pub(super) &'a Shop);

impl Letters<'_> {
    /// The most letters that one customer writes [within](Self::WITHIN).
    pub const MAX: usize = 10;
    /// The time in which a customer writes at most so many letters: an hour.
    pub const WITHIN: Duration = Duration::hours(1);

    /// Takes a customer's letter and has it brought to the team, in one batch; once for each of
    /// the latest requests: `None` where this one brought a letter already.
    ///
    /// # Errors
    /// [`LetterError::TooMany`], or that of the vault or the store; nothing is sent then.
    pub async fn write(
        &self,
        customer: CustomerId,
        words: &Content,
        request: &RequestKey,
    ) -> Result<Option<Uuid>, LetterError> {
        deciding(|| self.try_write(customer, words, request)).await
    }

    async fn try_write(
        &self,
        customer: CustomerId,
        words: &Content,
        request: &RequestKey,
    ) -> Result<Option<Uuid>, LetterError> {
        let (now, key) = (self.0.now(), format!("{LATELY}{customer}"));
        let was = self.stored(&key).await?;
        let mut lately = match &was {
            Some(stored) => postcard::from_bytes(stored).map_err(LetterError::Damaged)?,
            None => Lately::default(),
        };
        if lately.knows(request) {
            return Ok(None);
        }
        if let Some(wait) = lately.wait(now) {
            let wait = wait.to_std().unwrap_or_default();
            return Err(LetterError::TooMany { wait });
        }
        lately.add(now, request);
        let letter: Uuid = self.0.ids().next();
        let sealed = self
            .0
            .vault()
            .seal(self.0.id(), letter, &words.to_bytes())?;
        let kept = Kept {
            customer,
            at: now.timestamp_micros(),
            sealed: sealed.as_bytes().to_vec(),
        };
        let mut batch = self.0.batch(&Actor::Customer(customer));
        batch.push(ChatWrite::SwapState {
            plugin: KEEPER.to_owned(),
            key,
            was,
            value: postcard::to_stdvec(&lately).map_err(LetterError::Damaged)?,
        });
        let value = postcard::to_stdvec(&kept).map_err(LetterError::Damaged)?;
        let notice = Notice::Letter { letter, customer };
        batch
            .push(put(format!("{LETTER}{letter}"), Some(value)))
            .record(
                Entity::new(Kind::Customer, customer),
                "wrote to the shop",
                json!({ "letter": letter }),
            )
            .enqueue(Destination::Admins, customer, Task::Notice(notice));
        self.0.commit(batch).await?;
        Ok(Some(letter))
    }

    /// What a letter says, as long as it is kept.
    ///
    /// # Errors
    /// [`LetterError`].
    pub async fn read(&self, letter: Uuid) -> Result<Content, LetterError> {
        let stored = self.stored(&format!("{LETTER}{letter}")).await?;
        let kept = Kept::of(&stored.ok_or(LetterError::Gone)?)?;
        let sealed = Sealed::stored(kept.sealed);
        let plain = self.0.vault().open(self.0.id(), letter, &sealed)?;
        Content::from_bytes(&plain).map_err(|_| LetterError::Gone)
    }

    /// Who wrote a letter, as long as it is kept.
    ///
    /// # Errors
    /// [`LetterError`].
    pub async fn writer(&self, letter: Uuid) -> Result<CustomerId, LetterError> {
        let stored = self.stored(&format!("{LETTER}{letter}")).await?;
        Ok(Kept::of(&stored.ok_or(LetterError::Gone)?)?.customer)
    }

    /// The letters that are kept, newest first.
    ///
    /// # Errors
    /// [`LetterError`].
    pub async fn list(&self, page: Page) -> Result<Listing<Letter>, LetterError> {
        let (store, shop) = (self.0.store(), self.0.id());
        let nothing = Page::first(1);
        let total = store
            .list_states(shop, KEEPER, LETTER, nothing)
            .await?
            .total;
        // They are read oldest first: the page is taken from the end.
        let behind = u32::try_from(total).unwrap_or(u32::MAX);
        let end = behind.saturating_sub(page.offset);
        let offset = end.saturating_sub(page.limit);
        let limit = end - offset;
        let mut items = Vec::new();
        if limit > 0 {
            let rows = Page { offset, limit };
            for (key, stored) in store.list_states(shop, KEEPER, LETTER, rows).await?.items {
                let (kept, id) = (Kept::of(&stored)?, key.strip_prefix(LETTER));
                let id = id.and_then(|id| id.parse().ok()).ok_or(LetterError::Gone)?;
                let (customer, at) = (kept.customer, from_micros(kept.at));
                items.push(Letter { id, customer, at });
            }
        }
        items.reverse();
        Ok(Listing { items, total })
    }

    /// Forgets the letters that were kept for 30 days; tells how many.
    ///
    /// # Errors
    /// [`LetterError`]; those that were forgotten stay so.
    pub async fn purge(&self) -> Result<u64, LetterError> {
        let (store, shop) = (self.0.store(), self.0.id());
        let mut purged = 0;
        // Ids sort by their birth: behind the first letter that is kept on, all are.
        loop {
            let oldest = store.list_states(shop, KEEPER, LETTER, Page::first(READ));
            let oldest = oldest.await?.items;
            let mut over = Vec::new();
            for (key, stored) in &oldest {
                let kept = Kept::of(stored)?;
                if from_micros(kept.at) + KEPT <= self.0.now() {
                    over.push(key.clone());
                }
            }
            if over.is_empty() {
                return Ok(purged);
            }
            let mut batch = self.0.batch(&Actor::job(KEEPER));
            for key in over {
                batch.push(put(key, None));
                purged += 1;
            }
            let entity = Entity::new(Kind::Shop, shop);
            batch.record(entity, "letters purged", json!({ "letters": purged }));
            self.0.commit(batch).await?;
        }
    }

    async fn stored(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let (store, shop) = (self.0.store(), self.0.id());
        store.find_state(shop, KEEPER, key).await
    }
}

fn put(key: String, value: Option<Vec<u8>>) -> ChatWrite {
    let plugin = KEEPER.to_owned();
    ChatWrite::PutState { plugin, key, value }
}
