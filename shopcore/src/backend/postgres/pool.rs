//! Connections that are lent to reads, one at a time.
//!
//! The last one that was given back is lent first, so that few are kept busy. One whose read did
//! not come to its end is not given back: what the server still sends would be taken for an answer.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sqlx::PgConnection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::connect::Connector;
use super::failure::{Outage, read_error};
use super::plans::Plans;
use super::rows::{Columns, Query, Sql, all};
use super::{PostgresStore, Read};
use crate::store::{Listing, StoreError};

/// How much longer than a statement may take its answer is waited for.
const GRACE: Duration = Duration::from_secs(5);

/// A connection that nobody has.
type Kept = (PgConnection, Plans);

/// Lends connections.
pub(super) struct Pool {
    connector: Connector,
    free: Arc<Mutex<Vec<Kept>>>,
    permits: Arc<Semaphore>,
    statement_timeout: Duration,
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pool({} free)", self.permits.available_permits())
    }
}

impl Pool {
    /// A pool of at most so many connections, which are made when they are needed.
    pub(super) fn new(connector: Connector, size: usize, statement_timeout: Duration) -> Self {
        Self {
            connector,
            free: Arc::default(),
            permits: Arc::new(Semaphore::new(size)),
            statement_timeout,
        }
    }

    /// Takes a connection in that was made already.
    pub(super) fn keep(&self, conn: PgConnection) {
        lock(&self.free).push((conn, Plans::none()));
    }

    /// Lends a connection.
    pub(super) async fn lend(&self) -> Sql<Lent> {
        let permit = Arc::clone(&self.permits).acquire_owned();
        let permit = timeout(self.connector.patience(), permit).await;
        let permit = permit.map_err(|_| slow("no connection is free"))?;
        let kept = lock(&self.free).pop();
        let age = if kept.is_some() {
            Age::Used
        } else {
            Age::Fresh
        };
        let (conn, plans) = match kept {
            Some(kept) => kept,
            None => (self.connector.connect_patiently().await?, Plans::none()),
        };
        Ok(Lent {
            conn,
            plans,
            age,
            free: Arc::clone(&self.free),
            _permit: permit.map_err(|_| sqlx::Error::PoolClosed)?,
        })
    }

    /// Runs a query; asks once more where a connection had been lost since its last use.
    pub(super) async fn rows<T: Send>(
        &self,
        query: impl Fn() -> Query + Send + Sync,
        read: impl Fn(&mut Columns<'_>) -> Sql<T> + Send + Sync,
    ) -> Sql<Vec<T>> {
        loop {
            let mut lent = self.lend().await?;
            let asked = lent.all(query(), &read);
            let asked = timeout(self.statement_timeout + GRACE, asked).await;
            match asked.unwrap_or_else(|_| Err(slow("the server does not answer"))) {
                Ok(rows) => {
                    lent.give_back();
                    return Ok(rows);
                }
                Err(error) if self.had_lost(&lent, &error) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Whether a connection failed because it had been lost since its last use: what only reads may
    /// be asked again.
    pub(super) fn had_lost(&self, lent: &Lent, error: &sqlx::Error) -> bool {
        let lost = lent.age == Age::Used && Outage::of(error).is_lost();
        if lost {
            // Those that were kept beside it are as old, and as likely lost.
            lock(&self.free).clear();
        }
        lost
    }
}

fn lock(free: &Mutex<Vec<Kept>>) -> MutexGuard<'_, Vec<Kept>> {
    free.lock().unwrap_or_else(PoisonError::into_inner)
}

fn slow(text: &str) -> sqlx::Error {
    sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, text))
}

/// Whether a connection was used before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Age {
    Fresh,
    Used,
}

/// A connection that is closed unless it is given back.
pub(super) struct Lent {
    pub(super) conn: PgConnection,
    plans: Plans,
    age: Age,
    free: Arc<Mutex<Vec<Kept>>>,
    _permit: OwnedSemaphorePermit,
}

impl Lent {
    /// Gives it back; nothing may be on its way to it.
    pub(super) fn give_back(self) {
        lock(&self.free).push((self.conn, self.plans));
    }

    async fn all<T: Send>(
        &mut self,
        query: Query,
        read: impl Fn(&mut Columns<'_>) -> Sql<T> + Send + Sync,
    ) -> Sql<Vec<T>> {
        self.plans.renew(&mut self.conn).await?;
        all(&mut self.conn, query, read).await
    }
}

impl PostgresStore {
    /// Every row of a query.
    pub(super) async fn all<T: Send>(
        &self,
        query: impl Fn() -> Query + Send + Sync,
        read: impl Fn(&mut Columns<'_>) -> Sql<T> + Send + Sync,
    ) -> Read<Vec<T>> {
        let rows = self.pool.rows(query, read).await;
        rows.map_err(|error| read_error(&error))
    }

    /// The row of a query that gives at most one.
    pub(super) async fn find<T: Send>(
        &self,
        query: impl Fn() -> Query + Send + Sync,
        read: impl Fn(&mut Columns<'_>) -> Sql<T> + Send + Sync,
    ) -> Read<Option<T>> {
        Ok(self.all(query, read).await?.pop())
    }

    /// What a query counts.
    pub(super) async fn count(&self, query: impl Fn() -> Query + Send + Sync) -> Read<u64> {
        let counted = self.find(query, |columns| columns.number()).await?;
        counted.ok_or_else(|| StoreError::Damaged("nothing was counted".to_owned()))
    }

    /// A part of a list, of which each row begins with how long the whole is. Where the part is
    /// empty there is one row, and nothing in it but that.
    pub(super) async fn list<T: Send>(
        &self,
        query: impl Fn() -> Query + Send + Sync,
        read: impl Fn(&mut Columns<'_>) -> Sql<T> + Send + Sync,
    ) -> Read<Listing<T>> {
        let part = |columns: &mut Columns<'_>| {
            let total = columns.number()?;
            let item = match columns.is_empty()? {
                true => None,
                false => Some(read(columns)?),
            };
            Ok((total, item))
        };
        let rows = self.all(query, part).await?;
        Ok(Listing {
            total: rows.first().map_or(0, |(total, _)| *total),
            items: rows.into_iter().filter_map(|(_, item)| item).collect(),
        })
    }
}
