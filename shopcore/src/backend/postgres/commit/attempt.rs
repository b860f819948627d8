//! One try to commit a group, in one transaction.
//!
//! What the batches read and compete for is locked or looked at first, and each is judged as if it
//! came alone after those before it. Those that go through are written together; guards in the
//! statements tell whether another process has changed something meanwhile. Nobody is answered
//! from a transaction that was not committed.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use sqlx::PgConnection;
use uuid::Uuid;

use super::counters::Counters;
use super::failure::Failure;
use super::hints::Hints;
use super::import;
use super::member::{Member, Part};
use super::script::{Answers, Blame, Script};
use super::writes::Writes;
use super::{shop, stock};
use crate::store::{Applied, Batch};

/// What came of a try.
pub(super) enum Outcome {
    /// These are the answers, one for each batch.
    Done(Vec<Result<Applied, Failure>>),
    /// These batches are refused whatever becomes of the others, which were not applied.
    Refused(Vec<(usize, Failure)>),
    /// Another process has changed what the group had read.
    Disturbed,
}

/// Whether a try keeps other processes from the counters before it reads them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Caution {
    /// They are guarded where they are changed.
    Guard,
    /// They are locked first.
    Lock,
}

/// Why a try ended with its transaction.
pub(super) enum Broken {
    /// Before the end of it was asked for: nothing happened.
    Open(sqlx::Error),
    /// When it was asked for.
    Ending(sqlx::Error),
}

/// A group in its transaction.
pub(super) struct Attempt<'a> {
    group: &'a [Arc<Batch>],
    hints: &'a Hints,
    answers: Vec<Result<Applied, Failure>>,
    counters: Counters,
}

type Sql<T> = Result<T, sqlx::Error>;

impl<'a> Attempt<'a> {
    /// A try of these batches.
    pub(super) fn of(group: &'a [Arc<Batch>], hints: &'a Hints) -> Self {
        let mut counters = Counters::default();
        group.iter().for_each(|batch| counters.ask(batch));
        Self {
            group,
            hints,
            answers: group.iter().map(|_| Ok(Applied::Now)).collect(),
            counters,
        }
    }

    /// Tries. The transaction is over afterwards.
    pub(super) async fn run(
        mut self,
        caution: Caution,
        conn: &mut PgConnection,
    ) -> Result<Outcome, Broken> {
        sqlx::raw_sql("BEGIN")
            .execute(&mut *conn)
            .await
            .map_err(Broken::Open)?;
        let tried = self.apply(caution, conn).await;
        let end = match &tried {
            Ok(None) if self.applies_any() => "COMMIT",
            Ok(None | Some(_)) | Err(_) => "ROLLBACK",
        };
        if tried.is_err() {
            self.counters.forget(self.hints);
        }
        let ended = sqlx::raw_sql(end).execute(conn).await;
        if let Some(outcome) = tried.map_err(Broken::Open)? {
            return Ok(outcome);
        }
        ended.map_err(Broken::Ending)?;
        self.counters.raise(self.hints);
        Ok(Outcome::Done(self.answers))
    }

    fn applies_any(&self) -> bool {
        self.answers
            .iter()
            .any(|answer| matches!(answer, Ok(Applied::Now)))
    }

    /// Applies what can be applied; an outcome ends the try.
    async fn apply(&mut self, caution: Caution, conn: &mut PgConnection) -> Sql<Option<Outcome>> {
        if caution == Caution::Lock {
            self.lock(conn).await?;
        }
        if let Some(refused) = self.read(conn).await? {
            return Ok(Some(refused));
        }
        self.judge();
        let mut writes = Writes::default();
        for (member, batch) in self.open() {
            writes.add(member, batch);
        }
        if !self.imports()
            && let Some(refused) = found(&mut writes, conn).await?
        {
            return Ok(Some(refused));
        }
        for script in self.scripts(&mut writes) {
            let answers = script.run(conn).await?;
            if let Some(outcome) = stopped(&answers) {
                return Ok(Some(outcome));
            }
            stock::note_released(&answers, self.hints);
        }
        let within = self.counters.within_limits(conn).await?;
        Ok((!within).then_some(Outcome::Disturbed))
    }

    async fn lock(&self, conn: &mut PgConnection) -> Sql<()> {
        let mut script = Script::default();
        self.counters.lock(&mut script);
        if !script.is_empty() {
            script.run(conn).await?;
        }
        Ok(())
    }

    /// Notes the batches' ids, and reads what they rest on and compete for.
    async fn read(&mut self, conn: &mut PgConnection) -> Sql<Option<Outcome>> {
        let mut script = Script::default();
        let mut ids: Vec<_> = self
            .open()
            .map(|(member, batch)| id(member, batch))
            .collect();
        shop::note(&mut ids, &mut script);
        self.counters.lay_premises(&mut script);
        if !self.imports() {
            self.counters.lay(self.hints, &mut script);
        }
        let mut answers = script.run(conn).await?;
        self.counters.read_premises(&answers);
        self.find_known(&answers);
        if self.imports() && self.applies_any() {
            if let Some(refused) = self.import(conn).await? {
                return Ok(Some(refused));
            }
            let mut script = Script::default();
            self.counters.lay(self.hints, &mut script);
            if !script.is_empty() {
                answers = script.run(conn).await?;
            }
        }
        self.counters.read(&answers, conn).await?;
        Ok(None)
    }

    /// Whether the group is one batch that adds units.
    fn imports(&self) -> bool {
        self.group.iter().any(|batch| import::adds_units(batch))
    }

    /// Adds units, and before them what they refer to. It comes before all else: what the batch
    /// takes may be among them.
    async fn import(&self, conn: &mut PgConnection) -> Sql<Option<Outcome>> {
        for (place, batch) in self.group.iter().enumerate() {
            let mut writes = Writes::default();
            writes.add(Member::of(place, batch), batch);
            if let Some(refused) = found(&mut writes, conn).await? {
                return Ok(Some(refused));
            }
            if let Some(failure) = import::add(batch, conn).await? {
                return Ok(Some(Outcome::Refused(vec![(place, failure)])));
            }
        }
        Ok(None)
    }

    /// Batches whose id was there are applied already.
    fn find_known(&mut self, answers: &Answers) {
        let noted: HashSet<Uuid> = answers
            .of(shop::NOTE)
            .flat_map(|row| row.ids.iter().copied())
            .collect();
        for (answer, batch) in self.answers.iter_mut().zip(self.group) {
            // guard: batch_once
            if !noted.contains(&batch.id.into()) {
                *answer = Ok(Applied::Before);
            }
        }
    }

    fn judge(&mut self) {
        let members = self.answers.iter_mut().zip(self.group).enumerate();
        for (place, (answer, batch)) in members {
            if matches!(answer, Ok(Applied::Before)) {
                continue;
            }
            match self.counters.check(batch) {
                Ok(()) => self.counters.count(Member::of(place, batch), batch),
                Err(failure) => *answer = Err(failure),
            }
        }
    }

    /// The batches that are to be applied.
    fn open(&self) -> impl Iterator<Item = (Member, &'a Batch)> {
        let members = self.answers.iter().zip(self.group).enumerate();
        let open = members.filter(|(_, (answer, _))| matches!(answer, Ok(Applied::Now)));
        open.map(|(place, (_, batch))| (Member::of(place, batch), &**batch))
    }

    /// The statements, in the order of foreign keys; what is most in demand comes last.
    fn scripts(&mut self, writes: &mut Writes<'_>) -> Vec<Script> {
        let mut placing = Script::default();
        writes.place(&mut placing);
        self.counters.write_units(&mut placing);
        let mut settling = Script::default();
        writes.settle(&mut settling);
        self.counters.write_balances(&mut settling);
        let mut marking = Script::default();
        writes.mark(&mut marking);
        let mut scripts = vec![placing, settling, marking];
        scripts.retain(|script| !script.is_empty());
        let mut last = scripts.pop().unwrap_or_default();
        writes.tell(&mut last);
        shop::forget(&self.refused_ids(), &mut last);
        self.counters.write_uses(&mut last);
        scripts.push(last);
        scripts.retain(|script| !script.is_empty());
        scripts
    }

    /// The ids of batches that were noted, but are not applied.
    fn refused_ids(&self) -> Vec<Part<Uuid>> {
        let members = self.answers.iter().zip(self.group).enumerate();
        let refused = members.filter(|(_, (answer, _))| answer.is_err());
        refused
            .map(|(place, (_, batch))| id(Member::of(place, batch), batch))
            .collect()
    }
}

/// Writes what others refer to.
async fn found(writes: &mut Writes<'_>, conn: &mut PgConnection) -> Sql<Option<Outcome>> {
    let refused = writes.vouchers.refused(conn).await?;
    if !refused.is_empty() {
        return Ok(Some(Outcome::Refused(refused)));
    }
    let mut script = Script::default();
    writes.found(&mut script);
    if script.is_empty() {
        return Ok(None);
    }
    Ok(stopped(&script.run(conn).await?))
}

fn id(member: Member, batch: &Batch) -> Part<Uuid> {
    member.part(batch.id.into())
}

/// What follows when guards have stopped rows.
///
/// A batch whose own row is not as it was is refused for certain, and its share in the counters
/// may be all that stopped them.
fn stopped(answers: &Answers) -> Option<Outcome> {
    let stopped = answers.stopped();
    if stopped.is_empty() {
        return None;
    }
    let members: BTreeSet<usize> = stopped
        .into_iter()
        .filter_map(|blame| match blame {
            Blame::Member(place) => Some(place),
            Blame::Rival => None,
        })
        .collect();
    if members.is_empty() {
        return Some(Outcome::Disturbed);
    }
    let refused = members.into_iter().map(|place| (place, Failure::Conflict));
    Some(Outcome::Refused(refused.collect()))
}
