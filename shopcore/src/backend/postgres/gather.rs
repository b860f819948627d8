//! Reads that many ask at once, asked together.
//!
//! What arrives while a statement is on its way waits for the next one, which asks for all of it;
//! what is asked twice is asked once. A buyer's read costs a share of a round trip then, and a busy
//! shop's reads follow its writes in groups.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use super::Read;
use super::failure::{Outage, read_error};
use super::pool::Pool;
use super::rows::{Columns, Query, Sql};
use crate::store::StoreError;

/// The most reads in one statement.
const GROUP_MAX: usize = 256;

/// The most reads that wait; further callers wait to be let in.
const QUEUE_MAX: usize = 1_024;

/// A statement that answers every question of the arrays that are its parameters, the first of
/// which holds their shops: `$found` is looked up for each, and every row begins with the place of
/// its question. `OFFSET 0` keeps the planner from reading a table instead of looking keys up.
macro_rules! gathered {
    ($arrays:literal, $keys:literal, $found:expr, $order:literal) => {
        concat!(
            "SELECT asked.place, found.* FROM UNNEST($1::uuid[], ",
            $arrays,
            ") WITH ORDINALITY AS asked (shop_id, ",
            $keys,
            ", place) CROSS JOIN LATERAL (",
            $found,
            " OFFSET 0) AS found ORDER BY asked.place",
            $order
        )
    };
}
pub(super) use gathered;

/// What may be asked together with others of its kind.
pub(super) trait Question: Ord + Clone + Send + Sync + 'static {
    /// A row of the answer.
    type Row: Clone + Send + Sync + 'static;

    /// The statement that answers all of these.
    fn ask(questions: &[&Self]) -> Query;

    /// Reads a row, behind the place of its question.
    fn read(columns: &mut Columns<'_>) -> Sql<Self::Row>;
}

type Reply<Q> = Read<Vec<<Q as Question>::Row>>;

struct Asked<Q: Question> {
    questions: Vec<Q>,
    reply: oneshot::Sender<Reply<Q>>,
}

/// Asks questions of a kind.
pub(super) struct Gatherer<Q: Question> {
    queue: mpsc::Sender<Asked<Q>>,
}

impl<Q: Question> fmt::Debug for Gatherer<Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gatherer")
    }
}

impl<Q: Question> Gatherer<Q> {
    /// Asks on the connections of a pool; ends with the last of its callers.
    pub(super) fn start(pool: &Arc<Pool>) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE_MAX);
        tokio::spawn(serve(Arc::clone(pool), waiting));
        Self { queue }
    }

    /// Every row of the answers, in the order of the questions.
    pub(super) async fn all(&self, questions: Vec<Q>) -> Reply<Q> {
        let (reply, answer) = oneshot::channel();
        let closed = || StoreError::Unavailable(Outage::Closed.into());
        let asked = self.queue.send(Asked { questions, reply }).await;
        asked.map_err(|_| closed())?;
        answer.await.unwrap_or_else(|_| Err(closed()))
    }

    /// The row of an answer that has at most one.
    pub(super) async fn find(&self, question: Q) -> Read<Option<Q::Row>> {
        Ok(self.all(vec![question]).await?.pop())
    }
}

async fn serve<Q: Question>(pool: Arc<Pool>, mut waiting: mpsc::Receiver<Asked<Q>>) {
    let mut group = Vec::new();
    while waiting.recv_many(&mut group, GROUP_MAX).await > 0 {
        match ask(&pool, &group).await {
            Ok(answers) => answer_all(group.drain(..), &answers),
            // One that can't be answered must not take the answer from the others.
            Err(error) if group.len() > 1 && !Outage::of(&error).is_lost() => {
                for asked in group.drain(..) {
                    answer_alone(&pool, asked).await;
                }
            }
            Err(error) => refuse_all(group.drain(..), &error),
        }
    }
}

type Answers<Q> = BTreeMap<Q, Vec<<Q as Question>::Row>>;

async fn ask<Q: Question>(pool: &Pool, group: &[Asked<Q>]) -> Sql<Answers<Q>> {
    let questions = group.iter().flat_map(|asked| &asked.questions);
    let mut answers: Answers<Q> = questions
        .map(|question| (question.clone(), vec![]))
        .collect();
    let found = {
        let questions: Vec<&Q> = answers.keys().collect();
        let read = |columns: &mut Columns<'_>| Ok((columns.number::<usize>()?, Q::read(columns)?));
        pool.rows(|| Q::ask(&questions), read).await?
    };
    let mut found = found.into_iter().peekable();
    for (place, rows) in (1..).zip(answers.values_mut()) {
        while let Some((_, row)) = found.next_if(|(of, _)| *of == place) {
            rows.push(row);
        }
    }
    Ok(answers)
}

fn answer_all<Q: Question>(group: impl Iterator<Item = Asked<Q>>, answers: &Answers<Q>) {
    for Asked { questions, reply } in group {
        let rows = questions
            .iter()
            .filter_map(|question| answers.get(question));
        // A caller that went away has no use for the answer.
        drop(reply.send(Ok(rows.flatten().cloned().collect())));
    }
}

async fn answer_alone<Q: Question>(pool: &Pool, asked: Asked<Q>) {
    let alone = [asked];
    let answered = ask(pool, &alone).await;
    match answered {
        Ok(answers) => answer_all(alone.into_iter(), &answers),
        Err(error) => refuse_all(alone.into_iter(), &error),
    }
}

fn refuse_all<Q: Question>(group: impl Iterator<Item = Asked<Q>>, error: &sqlx::Error) {
    for asked in group {
        drop(asked.reply.send(Err(read_error(error))));
    }
}
