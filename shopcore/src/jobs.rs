//! What a shop does by itself, under leases: expiry, reconciling with gateways, the outbox.
//!
//! Leases save work between processes and carry no correctness: every job is right when it runs
//! twice at once.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tokio::sync::watch;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::courier::Courier;
use crate::ledger::TransferError;
use crate::money::MoneyError;
use crate::service::{ArchiveError, CheckoutError, CompareError, FiguresError, RefundError, Shop};
use crate::store::{CommitError, StoreError};

mod backup;
mod expiry;
mod health;
mod integrity;
mod journal;
mod outbox;
mod prune;
mod reconcile;
mod refund;

use health::Health;
pub use integrity::examine;
pub use journal::{Flaw, Journal, JournalError};

/// A job by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum JobName {
    /// Ends invoices that were not paid in time.
    Expiry,
    /// Asks gateways about charges that are due, and completes what a crash left half done.
    Reconcile,
    /// Sends what waits in the outbox.
    Outbox,
    /// Compares the books of gateways with the ledger, a day at a time.
    Statements,
    /// Keeps the figures of days.
    Telemetry,
    /// Checks every invariant over all rows, and tells the owner of what does not hold.
    Integrity,
    /// Makes the backup of the day, where the shop has an archive.
    Backup,
    /// Writes the audit into a file of its own, where the shop has one.
    Journal,
    /// Forgets ids of batches that are older than a day, and outbox items that are finished, or
    /// wait for admins who never come, and requests that are older than a week.
    Prune,
}

impl JobName {
    /// Every job.
    pub const ALL: [Self; 9] = [
        Self::Expiry,
        Self::Reconcile,
        Self::Outbox,
        Self::Statements,
        Self::Telemetry,
        Self::Integrity,
        Self::Backup,
        Self::Journal,
        Self::Prune,
    ];

    /// The name people type.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Expiry => "expiry",
            Self::Reconcile => "reconcile",
            Self::Outbox => "outbox",
            Self::Statements => "statements",
            Self::Telemetry => "telemetry",
            Self::Integrity => "integrity",
            Self::Backup => "backup",
            Self::Journal => "journal",
            Self::Prune => "prune",
        }
    }
}

impl fmt::Display for JobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// There is no job of this name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "there is no job named {0:?}; there are expiry, reconcile, outbox, statements, telemetry, integrity, backup, journal and prune"
)]
pub struct UnknownJob(pub String);

impl FromStr for JobName {
    type Err = UnknownJob;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let named = Self::ALL.into_iter().find(|job| job.as_str() == text);
        named.ok_or_else(|| UnknownJob(text.to_owned()))
    }
}

/// Why a job stopped before its work was done. The next run goes on.
#[derive(Debug, Error)]
pub enum JobError {
    /// The store can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store can't be written.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// An amount can't be computed.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// A transfer can't be made.
    #[error(transparent)]
    Transfer(#[from] TransferError),
    /// A gateway's books could not be compared.
    #[error(transparent)]
    Compare(#[from] CompareError),
    /// Money could not be given back.
    #[error(transparent)]
    Refund(#[from] RefundError),
    /// Figures could not be kept.
    #[error(transparent)]
    Figures(#[from] FiguresError),
    /// The audit's file could not be written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// An invoice could not be ended.
    #[error(transparent)]
    Checkout(#[from] CheckoutError),
    /// A backup was not made.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// Nobody keeps backups of the shop.
    #[error("no backups are configured: `folder` and `recipient` under [backup] say where and how")]
    NoArchive,
}

/// Tells long-running parts to end. Dropping the [`Stopper`] tells them too.
#[derive(Debug, Clone)]
pub struct Shutdown(watch::Receiver<bool>);

/// Ends what waits for its [`Shutdown`].
#[derive(Debug)]
pub struct Stopper(watch::Sender<bool>);

impl Shutdown {
    /// A stopper, and what waits for it.
    #[must_use]
    pub fn new() -> (Stopper, Self) {
        let (sender, receiver) = watch::channel(false);
        (Stopper(sender), Self(receiver))
    }

    /// Waits until it is time to end.
    pub async fn wait(&mut self) {
        // An error means that the stopper is gone.
        let _ = self.0.wait_for(|stop| *stop).await;
    }
}

impl Stopper {
    /// Tells everyone to end.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

/// The jobs of a shop.
#[derive(Debug, Clone)]
pub struct Jobs {
    shop: Shop,
    courier: Arc<dyn Courier>,
    holder: Uuid,
    health: Arc<Health>,
}

/// What became of a job's tasks: how many went well, and the first failure.
struct Round {
    done: usize,
    failure: Option<JobError>,
}

impl Round {
    /// The `sum` of what was done, unless something failed.
    fn outcome(self, sum: usize) -> Result<usize, JobError> {
        self.failure.map_or(Ok(sum), Err)
    }
}

/// Waits for all of a job's tasks, whatever becomes of some. A task that panics must not end the
/// job, and through it the shop.
async fn finish(mut tasks: JoinSet<Result<(), JobError>>) -> Round {
    let (mut done, mut failure) = (0, None);
    while let Some(ended) = tasks.join_next().await {
        match ended {
            Ok(Ok(())) => done += 1,
            Ok(Err(error)) => failure = failure.or(Some(error)),
            Err(panic) => tracing::error!(%panic, "a task of a job ended badly"),
        }
    }
    Round { done, failure }
}

const EXPIRY_FIRST: Duration = Duration::from_secs(10);
const OUTBOX_EVERY: Duration = Duration::from_millis(500);
const STATEMENTS_EVERY: Duration = Duration::from_secs(3600);
const TELEMETRY_EVERY: Duration = Duration::from_secs(6 * 3600);
const INTEGRITY_FIRST: Duration = Duration::from_secs(3600);
const INTEGRITY_EVERY: Duration = Duration::from_secs(24 * 3600);
const BACKUP_FIRST: Duration = Duration::from_secs(60);
const BACKUP_EVERY: Duration = Duration::from_secs(15 * 60);
const JOURNAL_EVERY: Duration = Duration::from_secs(60);
const PRUNE_EVERY: Duration = Duration::from_secs(3600);

impl Jobs {
    /// The jobs of `shop`, whose outbox `courier` empties.
    #[must_use]
    pub fn new(shop: Shop, courier: Arc<dyn Courier>) -> Self {
        let holder = shop.ids().next();
        let health = Arc::new(Health::new(shop.now()));
        Self {
            shop,
            courier,
            holder,
            health,
        }
    }

    /// Runs every job in its period until it is time to end.
    pub async fn run(&self, shutdown: Shutdown) {
        let settings = self.shop.settings();
        tokio::join!(
            self.repeat_job(
                JobName::Expiry,
                EXPIRY_FIRST,
                settings.expiry_every,
                shutdown.clone()
            ),
            self.repeat_job(
                JobName::Reconcile,
                settings.reconcile_every,
                settings.reconcile_every,
                shutdown.clone(),
            ),
            self.repeat_job(
                JobName::Statements,
                STATEMENTS_EVERY,
                STATEMENTS_EVERY,
                shutdown.clone()
            ),
            self.keep_figures(shutdown.clone()),
            self.repeat_job(
                JobName::Integrity,
                INTEGRITY_FIRST,
                INTEGRITY_EVERY,
                shutdown.clone()
            ),
            self.keep_backups(shutdown.clone()),
            self.repeat_job(
                JobName::Journal,
                JOURNAL_EVERY,
                JOURNAL_EVERY,
                shutdown.clone()
            ),
            self.repeat_job(JobName::Prune, PRUNE_EVERY, PRUNE_EVERY, shutdown.clone()),
            self.watch(shutdown.clone()),
            self.empty_outbox(shutdown),
        );
    }

    /// Runs a job once, whoever holds its lease; tells how many things it did.
    ///
    /// # Errors
    /// [`JobError`]; what was done stays done.
    pub async fn run_once(&self, job: JobName) -> Result<usize, JobError> {
        match job {
            JobName::Expiry => expiry::run(&self.shop).await,
            JobName::Reconcile => reconcile::run(&self.shop).await,
            JobName::Outbox => outbox::run(&self.shop, &self.courier).await,
            JobName::Statements => Ok(self.shop.settlement().compare().await?),
            JobName::Telemetry => Ok(self.shop.figures().flush().await?),
            JobName::Integrity => integrity::run(&self.shop).await,
            JobName::Backup => backup::run(&self.shop).await,
            JobName::Journal => match &self.shop.settings().journal {
                Some(path) => Ok(Journal::new(path.clone()).extend(&self.shop).await?),
                None => Ok(0),
            },
            JobName::Prune => prune::run(&self.shop).await,
        }
    }

    /// Runs a job because a person asks for it: as [`run_once`](Self::run_once), but reconciling
    /// asks about every charge, whenever it would have been due, and a backup is made at any time.
    ///
    /// # Errors
    /// [`JobError`]; what was done stays done.
    pub async fn run_now(&self, job: JobName) -> Result<usize, JobError> {
        match job {
            JobName::Reconcile => reconcile::run_all(&self.shop).await,
            JobName::Backup => backup::run_now(&self.shop).await,
            JobName::Expiry
            | JobName::Outbox
            | JobName::Statements
            | JobName::Telemetry
            | JobName::Integrity
            | JobName::Journal
            | JobName::Prune => self.run_once(job).await,
        }
    }

    /// Looks whether a backup is due, where anyone keeps them.
    async fn keep_backups(&self, shutdown: Shutdown) {
        if self.shop.archive().is_some() {
            let job = JobName::Backup;
            self.repeat_job(job, BACKUP_FIRST, BACKUP_EVERY, shutdown)
                .await;
        }
    }

    /// Keeps the figures in their period, and at the end what this process counted.
    async fn keep_figures(&self, shutdown: Shutdown) {
        let (job, every) = (JobName::Telemetry, TELEMETRY_EVERY);
        self.repeat_job(job, every, every, shutdown).await;
        self.run_logged(job).await;
    }

    async fn repeat_job(&self, job: JobName, first: Duration, every: Duration, ending: Shutdown) {
        let work = || self.run_logged(job);
        self.repeat(job.as_str(), first, every, ending, work).await;
    }

    /// Does some work, which tells whether it went well, in its period, under a lease of this
    /// name, until it is time to end.
    pub(crate) async fn repeat<W: Future<Output = bool>>(
        &self,
        name: &str,
        first: Duration,
        every: Duration,
        mut shutdown: Shutdown,
        work: impl Fn() -> W,
    ) {
        let mut wait = first.min(every);
        self.health.expect(name, every);
        loop {
            tokio::select! {
                () = shutdown.wait() => break,
                () = tokio::time::sleep(wait) => {}
            }
            wait = every;
            self.run_leased(name, every, &work).await;
        }
        let dropped = self
            .shop
            .store()
            .drop_lease(self.shop.id(), name, self.holder)
            .await;
        if let Err(error) = dropped {
            tracing::debug!(job = name, %error, "the lease runs out by itself");
        }
    }

    /// Runs a job whose lease is free, and renews the lease for as long as the job takes.
    async fn run_leased<W: Future<Output = bool>>(
        &self,
        name: &str,
        every: Duration,
        work: &impl Fn() -> W,
    ) {
        if self.take_lease(name, every).await {
            tokio::select! {
                went_well = work() => {
                    self.health.note(&self.shop, name, every, went_well).await;
                }
                () = self.renew_lease(name, every) => {}
            }
        }
    }

    async fn renew_lease(&self, name: &str, every: Duration) {
        loop {
            tokio::time::sleep(every).await;
            self.take_lease(name, every).await;
        }
    }

    async fn take_lease(&self, name: &str, every: Duration) -> bool {
        let (store, shop) = (self.shop.store(), self.shop.id());
        let taken = store.take_lease(shop, name, self.holder, every * 3);
        taken.await.unwrap_or_else(|error| {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(job = name, error, "the lease can't be taken");
            false
        })
    }

    /// Runs a job, and tells whether it went well.
    async fn run_logged(&self, job: JobName) -> bool {
        let ran = self.run_once(job).await;
        match &ran {
            Ok(0) => {}
            Ok(done) => tracing::debug!(%job, done, "job ran"),
            Err(error) => {
                tracing::warn!(%job, error = error as &dyn std::error::Error, "job failed")
            }
        }
        ran.is_ok()
    }

    /// Watches over the jobs themselves, in every process.
    async fn watch(&self, mut shutdown: Shutdown) {
        loop {
            tokio::select! {
                () = shutdown.wait() => break,
                () = tokio::time::sleep(health::WATCH_EVERY) => {}
            }
            if let Err(error) = self.health.watch(&self.shop).await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "whether jobs are late can't be told");
            }
        }
    }

    async fn empty_outbox(&self, mut shutdown: Shutdown) {
        let (name, every) = (JobName::Outbox.as_str(), OUTBOX_EVERY);
        self.health.expect(name, every);
        loop {
            let went_well = self.run_logged(JobName::Outbox).await;
            self.health.note(&self.shop, name, every, went_well).await;
            tokio::select! {
                () = shutdown.wait() => break,
                () = self.shop.outbox_filled() => {}
                () = tokio::time::sleep(OUTBOX_EVERY) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::Mutex;

    use super::*;

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, text: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(text)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_task_that_panics_stops_no_other_and_is_told_in_the_log() {
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone());
        let _guard = tracing::subscriber::set_default(subscriber.finish());
        let mut tasks = JoinSet::new();
        tasks.spawn(async { panic!("out of order") });
        tasks.spawn(async { Ok(()) });
        tasks.spawn(async { Ok(()) });
        assert_eq!(finish(tasks).await.done, 2);
        let told = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        assert!(
            told.contains("ERROR") && told.contains("out of order"),
            "{told}"
        );
    }

    #[tokio::test]
    async fn a_task_that_fails_is_told_when_all_are_done() {
        let done = Arc::new(Mutex::new(0));
        let mut tasks = JoinSet::new();
        tasks.spawn(async { Err(CommitError::Conflict.into()) });
        for _ in 0..2 {
            let done = Arc::clone(&done);
            tasks.spawn(async move {
                tokio::task::yield_now().await;
                *done.lock().unwrap() += 1;
                Ok(())
            });
        }
        let failure = finish(tasks).await.outcome(2).unwrap_err();
        assert!(matches!(failure, JobError::Commit(CommitError::Conflict)));
        assert_eq!(*done.lock().unwrap(), 2);
    }
}
