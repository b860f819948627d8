//! The group commit: batches that wait are applied together, a kind of write at a time.
//!
//! Callers hand their batches to one or two writers, each with a connection of its own. A writer
//! takes what waits, judges it batch by batch, writes what goes through with a few statements over
//! arrays, and answers after the commit. A batch that is refused costs the others little: who
//! competes for units, uses or money is judged before anything is written, and one whose row has
//! changed is named by the statement that found it. Only a constraint names nobody; then the group
//! is halved until the culprit is alone.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, mpsc, oneshot};

use super::connect::Connector;
use super::failure::Outage;
use crate::store::{Applied, Batch, CommitError};
use attempt::{Attempt, Broken, Caution, Outcome};
use failure::Failure;
use hints::Hints;
use link::Link;

mod attempt;
mod catalog;
mod chat;
mod counters;
mod customer;
mod failure;
mod group;
mod hints;
mod import;
mod invoice;
mod ledger;
mod link;
mod member;
mod order;
mod outbox;
mod premises;
mod purses;
mod recount;
mod refund;
mod review;
mod rules;
mod script;
mod shelves;
mod shop;
mod stock;
#[cfg(test)]
mod tests;
mod uses;
mod voucher;
mod writes;

/// The most batches that wait; further callers wait to be let in.
const QUEUE_MAX: usize = 1_024;

/// Tries of one group that other processes disturb.
const TRIES_MAX: u32 = 12;

/// Tries after which the counters are locked before they are read.
const TRIES_UNLOCKED: u32 = 2;

/// How long a writer waits for the next batch when more of them are to be expected.
const LULL: Duration = Duration::from_millis(1);

/// How long a disturbed group waits, times the number of the try.
const BACKOFF: Duration = Duration::from_millis(2);

type Answer = Result<Applied, Failure>;

/// A batch that waits.
struct Submitted {
    batch: Arc<Batch>,
    reply: oneshot::Sender<Answer>,
}

/// Hands batches to the writers.
#[derive(Debug)]
pub(super) struct Writers {
    queue: mpsc::Sender<Submitted>,
}

impl Writers {
    /// Starts so many writers. They finish what waits once this is dropped.
    pub(super) fn start(connector: &Connector, writers: usize) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE_MAX);
        let waiting = Arc::new(Mutex::new(waiting));
        let hints = Arc::new(Hints::default());
        for _ in 0..writers.max(1) {
            let writer = Writer {
                queue: Arc::clone(&waiting),
                link: Link::to(connector.clone()),
                hints: Arc::clone(&hints),
            };
            tokio::spawn(writer.serve());
        }
        Self { queue }
    }

    /// Applies a batch with others.
    pub(super) async fn commit(&self, batch: Arc<Batch>) -> Result<Applied, CommitError> {
        Ok(self.submit(batch).await?)
    }

    async fn submit(&self, batch: Arc<Batch>) -> Answer {
        rules::check(&batch)?;
        let (reply, answer) = oneshot::channel();
        let submitted = Submitted { batch, reply };
        let taken = self.queue.send(submitted).await;
        taken.map_err(|_| Failure::Down(Outage::Closed))?;
        answer
            .await
            .unwrap_or(Err(Failure::Unknown(Outage::Closed)))
    }
}

struct Writer {
    queue: Arc<Mutex<mpsc::Receiver<Submitted>>>,
    link: Link,
    hints: Arc<Hints>,
}

/// How many callers there seem to be. Those whose batches were answered together come back one by
/// one, and a group costs much whatever its size: the first of them must not have one alone.
#[derive(Default)]
struct Crowd {
    size: usize,
}

impl Crowd {
    /// How many batches a group should have: half of them, so that the others prepare theirs
    /// meanwhile.
    fn expected(&self) -> usize {
        self.size / 2
    }

    /// Learns from a group's size; what was is forgotten within a few groups.
    fn note(&mut self, group: usize) {
        self.size = group.max(self.size - self.size.div_ceil(4));
    }
}

/// Batches that are tried together, and how often they were.
struct Piece {
    members: Vec<Submitted>,
    tries: u32,
}

impl Writer {
    async fn serve(mut self) {
        let mut waiting = VecDeque::new();
        let mut crowd = Crowd::default();
        while self.receive(&mut waiting).await {
            while waiting.len() < crowd.expected() && self.receive_soon(&mut waiting).await {}
            let members = group::take(&mut waiting, |submitted: &Submitted| &*submitted.batch);
            crowd.note(members.len());
            self.commit(members).await;
        }
    }

    /// Adds what came meanwhile, and waits for something where nothing waits; whether there is
    /// something now.
    async fn receive(&self, waiting: &mut VecDeque<Submitted>) -> bool {
        let room = group::GROUP_MAX.saturating_sub(waiting.len());
        let mut more = Vec::new();
        if waiting.is_empty() {
            self.queue.lock().await.recv_many(&mut more, room).await;
        } else if let Ok(mut queue) = self.queue.try_lock() {
            while more.len() < room
                && let Ok(submitted) = queue.try_recv()
            {
                more.push(submitted);
            }
        }
        waiting.extend(more);
        !waiting.is_empty()
    }

    /// Adds the next batch, unless none comes for a while; whether one came.
    async fn receive_soon(&self, waiting: &mut VecDeque<Submitted>) -> bool {
        let Ok(mut queue) = self.queue.try_lock() else {
            return false;
        };
        let next = tokio::time::timeout(LULL, queue.recv()).await;
        let next = next.ok().flatten();
        let has_come = next.is_some();
        waiting.extend(next);
        has_come
    }

    async fn commit(&mut self, members: Vec<Submitted>) {
        let mut pieces = vec![Piece { members, tries: 0 }];
        while let Some(piece) = pieces.pop() {
            if !piece.members.is_empty() {
                pieces.extend(self.try_piece(piece).await);
            }
        }
    }

    /// Tries a piece; gives what is left of it to be tried, the first at the end.
    async fn try_piece(&mut self, piece: Piece) -> Vec<Piece> {
        let tried = self.attempt(&piece).await;
        match tried {
            Ok(Outcome::Done(answers)) => {
                let members = piece.members.into_iter().zip(answers);
                members.for_each(|(member, answer)| member.answer(answer));
                Vec::new()
            }
            Ok(Outcome::Refused(refused)) => vec![piece.without(refused)],
            Ok(Outcome::Disturbed) => self.again(piece).await,
            Err(Trouble::Contention) => self.again(piece).await,
            Err(Trouble::Nameless(failure)) if piece.members.len() == 1 => {
                piece.answer_all(&failure);
                Vec::new()
            }
            Err(Trouble::Nameless(_)) => piece.halves(),
            Err(Trouble::Ended(failure)) => {
                piece.answer_all(&failure);
                Vec::new()
            }
        }
    }

    async fn again(&self, piece: Piece) -> Vec<Piece> {
        let tries = piece.tries + 1;
        if tries >= TRIES_MAX {
            piece.answer_all(&Failure::Down(Outage::Contended));
            return Vec::new();
        }
        tokio::time::sleep(BACKOFF * tries).await;
        vec![Piece { tries, ..piece }]
    }

    async fn attempt(&mut self, piece: &Piece) -> Result<Outcome, Trouble> {
        let caution = if piece.tries < TRIES_UNLOCKED {
            Caution::Guard
        } else {
            Caution::Lock
        };
        let group: Vec<_> = piece
            .members
            .iter()
            .map(|member| Arc::clone(&member.batch))
            .collect();
        let hints = Arc::clone(&self.hints);
        let conn = self
            .link
            .ready()
            .await
            .map_err(|outage| Trouble::Ended(Failure::Down(outage)))?;
        let broken = match Attempt::of(&group, &hints).run(caution, conn).await {
            Ok(outcome) => return Ok(outcome),
            Err(broken) => broken,
        };
        let trouble = Trouble::of(&broken);
        if matches!(trouble, Trouble::Ended(_)) {
            self.link.give_up();
        }
        Err(trouble)
    }
}

impl Submitted {
    fn answer(self, answer: Answer) {
        // A caller that went away has no use for the answer.
        drop(self.reply.send(answer));
    }
}

impl Piece {
    fn answer_all(self, failure: &Failure) {
        let members = self.members.into_iter();
        members.for_each(|member| member.answer(Err(failure.clone())));
    }

    /// Answers those that are refused; the others are tried again.
    fn without(self, refused: Vec<(usize, Failure)>) -> Self {
        let mut members: Vec<_> = self.members.into_iter().map(Some).collect();
        for (place, failure) in refused {
            if let Some(member) = members.get_mut(place).and_then(Option::take) {
                member.answer(Err(failure));
            }
        }
        Self {
            members: members.into_iter().flatten().collect(),
            tries: self.tries,
        }
    }

    fn halves(mut self) -> Vec<Self> {
        let second = self.members.split_off(self.members.len() / 2);
        let halves = [second, self.members].map(|members| Self { members, tries: 0 });
        halves.into()
    }
}

/// Why a try came to nothing.
enum Trouble {
    /// Other processes were in the way.
    Contention,
    /// A constraint refused some batch.
    Nameless(Failure),
    /// The database is not there, or may have committed: every batch gets this answer.
    Ended(Failure),
}

impl Trouble {
    fn of(broken: &Broken) -> Self {
        match broken {
            Broken::Open(error) | Broken::Ending(error) if is_contention(error) => Self::Contention,
            Broken::Open(error) => match Failure::of(error) {
                failure @ (Failure::Rejected(_) | Failure::Conflict) => Self::Nameless(failure),
                Failure::Down(outage @ Outage::Refused(_)) => Self::Nameless(Failure::Down(outage)),
                failure @ (Failure::Down(_) | Failure::Unknown(_)) => Self::Ended(failure),
            },
            Broken::Ending(error) => Self::Ended(Failure::Unknown(Outage::of(error))),
        }
    }
}

/// Whether the transaction lost against another, and nothing of it happened.
fn is_contention(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    matches!(code.as_deref(), Some("40001" | "40P01"))
}
