//! Health: whether jobs go well, and are done at all.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;

use crate::message::Alarm;
use crate::service::Shop;
use crate::store::{Batch, ChatWrite, CommitError, StoreError};
use crate::time::{Timestamp, from_micros};

/// How often it is looked whether jobs are late.
pub(super) const WATCH_EVERY: Duration = Duration::from_secs(60);
/// Jobs of at least this period are told of at once when they fail; others when they fail three
/// times in a row, as much mends itself.
const SELDOM: Duration = Duration::from_secs(15 * 60);
/// A job is late when it did not go well for three of its periods, and this on top.
const GRACE: TimeDelta = TimeDelta::minutes(10);
/// How often it is kept, at most, that a job was done.
const KEPT_EVERY: TimeDelta = TimeDelta::minutes(5);

/// Whose small values the times are kept among, each under the name of its job.
const KEEPER: &str = "jobs";

/// What this process knows of jobs.
#[derive(Debug)]
pub(super) struct Health {
    began: Timestamp,
    jobs: Mutex<HashMap<String, Seen>>,
}

#[derive(Debug, Clone, Copy)]
struct Seen {
    every: Duration,
    kept: Option<Timestamp>,
}

impl Health {
    pub(super) fn new(began: Timestamp) -> Self {
        Self {
            began,
            jobs: Mutex::default(),
        }
    }

    /// Expects a job to be done in its period from now on, here or in another process.
    pub(super) fn expect(&self, job: &str, every: Duration) {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.insert(job.to_owned(), Seen { every, kept: None });
    }

    /// Notes how a job went here.
    pub(super) async fn note(&self, shop: &Shop, job: &str, every: Duration, went_well: bool) {
        let limit = if every >= SELDOM { 1 } else { 3 };
        let alarm = Alarm::JobFails(job.to_owned());
        shop.witness(alarm, went_well, limit).await;
        if went_well
            && self.is_to_be_kept(job, shop.now())
            && let Err(error) = keep(shop, job).await
        {
            tracing::debug!(job, %error, "when a job was done is not kept");
        }
    }

    fn is_to_be_kept(&self, job: &str, now: Timestamp) -> bool {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(seen) = jobs.get_mut(job) else {
            return false;
        };
        let due = seen.kept.is_none_or(|kept| now - kept >= KEPT_EVERY);
        if due {
            seen.kept = Some(now);
        }
        due
    }

    /// Tells the owner of jobs that are late, and of those that are done again.
    pub(super) async fn watch(&self, shop: &Shop) -> Result<(), StoreError> {
        let jobs: Vec<_> = {
            let jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
            jobs.iter()
                .map(|(job, seen)| (job.clone(), seen.every))
                .collect()
        };
        for (job, every) in jobs {
            let last = done_at(shop, &job).await?.unwrap_or(self.began);
            let patience = TimeDelta::from_std(every * 3).unwrap_or(TimeDelta::MAX);
            let patience = patience.checked_add(&GRACE).unwrap_or(TimeDelta::MAX);
            let in_time = shop.now() - last.max(self.began) <= patience;
            shop.witness(Alarm::JobLate(job), in_time, 1).await;
        }
        Ok(())
    }
}

async fn keep(shop: &Shop, job: &str) -> Result<(), CommitError> {
    let mut batch = Batch::chore(shop.id(), shop.now(), shop.ids());
    batch.push(ChatWrite::PutState {
        plugin: KEEPER.to_owned(),
        key: job.to_owned(),
        value: Some(shop.now().timestamp_micros().to_be_bytes().to_vec()),
    });
    shop.commit(batch).await
}

async fn done_at(shop: &Shop, job: &str) -> Result<Option<Timestamp>, StoreError> {
    let stored = shop.store().find_state(shop.id(), KEEPER, job).await?;
    let micros = stored.and_then(|bytes| <[u8; 8]>::try_from(bytes).ok());
    Ok(micros.map(|bytes| from_micros(i64::from_be_bytes(bytes))))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::backend::memory::MemoryStore;
    use crate::message::{Notice, Task};
    use crate::money::Currency;
    use crate::time::VirtualClock;
    use crate::vault::{Vault, VaultKey};

    const HOUR: Duration = Duration::from_secs(3_600);

    async fn shop() -> (Shop, Arc<VirtualClock>) {
        let clock = Arc::new(VirtualClock::default());
        let builder = Shop::builder(Currency::IDR)
            .store(MemoryStore::new(clock.clone()))
            .vault(Vault::new(&VaultKey::generate().unwrap()))
            .clock(clock.clone());
        (builder.build().await.unwrap(), clock)
    }

    /// What the owner was told since the shop was opened, in that order.
    async fn told(shop: &Shop) -> Vec<(Alarm, bool)> {
        let rows = shop.store().snapshot(shop.id()).await.unwrap();
        let mut told = Vec::new();
        for item in rows.outbox {
            if let Task::Notice(Notice::Alarm { alarm, over }) = item.task {
                told.push((alarm, over));
            }
        }
        told
    }

    #[tokio::test]
    async fn the_owner_is_told_once_of_a_job_that_is_late_and_once_that_it_is_done_again() {
        let (shop, clock) = shop().await;
        let health = Health::new(shop.now());
        health.expect("tidy", HOUR);
        clock.advance(TimeDelta::hours(3));
        health.watch(&shop).await.unwrap();
        assert_eq!(told(&shop).await, []);
        clock.advance(TimeDelta::minutes(11));
        for _ in 0..3 {
            health.watch(&shop).await.unwrap();
        }
        let late = Alarm::JobLate("tidy".to_owned());
        assert_eq!(told(&shop).await, [(late.clone(), false)]);
        health.note(&shop, "tidy", HOUR, true).await;
        let restarted = Health::new(shop.now());
        restarted.expect("tidy", HOUR);
        restarted.watch(&shop).await.unwrap();
        health.watch(&shop).await.unwrap();
        assert_eq!(told(&shop).await, [(late.clone(), false), (late, true)]);
    }

    #[tokio::test]
    async fn what_runs_often_may_fail_twice_what_runs_seldom_may_not_fail() {
        let (shop, _clock) = shop().await;
        let health = Health::new(shop.now());
        let often = Duration::from_secs(2);
        for went_well in [false, false, true, false, false] {
            health.note(&shop, "often", often, went_well).await;
        }
        assert_eq!(told(&shop).await, []);
        health.note(&shop, "often", often, false).await;
        health.note(&shop, "often", often, false).await;
        let fails = |job: &str| Alarm::JobFails(job.to_owned());
        assert_eq!(told(&shop).await, [(fails("often"), false)]);
        health.note(&shop, "seldom", HOUR, false).await;
        health.note(&shop, "often", often, true).await;
        assert_eq!(
            told(&shop).await,
            [
                (fails("often"), false),
                (fails("seldom"), false),
                (fails("often"), true)
            ]
        );
    }
}
