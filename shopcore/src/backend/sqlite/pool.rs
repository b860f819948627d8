//! Connections that only read.
//!
//! A look-up by key takes some microseconds, less than handing it to another thread and back, so
//! it runs where it is asked for. What may read many rows runs on a blocking thread, and leaves at
//! least one connection to the look-ups.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;

use super::failure::{Outage, read_error};
use super::rows::{Sql, run};
use crate::store::StoreError;

/// Lends connections.
pub(super) struct Pool {
    free: Arc<Mutex<Vec<Connection>>>,
    all: Arc<Semaphore>,
    long: Arc<Semaphore>,
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pool({} free)", self.all.available_permits())
    }
}

impl Pool {
    /// A pool of these connections, two at least.
    pub(super) fn new(connections: Vec<Connection>) -> Self {
        let count = connections.len();
        Self {
            free: Arc::new(Mutex::new(connections)),
            all: Arc::new(Semaphore::new(count)),
            long: Arc::new(Semaphore::new(count.saturating_sub(1).max(1))),
        }
    }

    /// Looks something up, here and now.
    pub(super) async fn look_up<T>(
        &self,
        read: impl FnOnce(&Connection) -> Sql<T>,
    ) -> Result<T, StoreError> {
        let lent = self.lend().await?;
        lent.with(read)
    }

    /// Reads what may be long, on a blocking thread, as of one moment.
    pub(super) async fn scan<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Connection) -> Sql<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let turn = permit(&self.long).await?;
        let lent = self.lend().await?;
        let scan = spawn_blocking(move || {
            let _turn = turn;
            lent.with(|conn| at_one_moment(conn, read))
        });
        let ended = |error: tokio::task::JoinError| StoreError::Unavailable(error.into());
        scan.await.map_err(ended)?
    }

    async fn lend(&self) -> Result<Lent, StoreError> {
        let permit = permit(&self.all).await?;
        let free = Arc::clone(&self.free);
        let conn = lock(&free).pop();
        Ok(Lent {
            conn: Some(conn.ok_or_else(closed)?),
            free,
            _permit: permit,
        })
    }
}

async fn permit(of: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, StoreError> {
    let permit = Arc::clone(of).acquire_owned().await;
    permit.map_err(|_| closed())
}

fn closed() -> StoreError {
    StoreError::Unavailable(Outage::Closed.into())
}

fn lock(free: &Mutex<Vec<Connection>>) -> MutexGuard<'_, Vec<Connection>> {
    free.lock().unwrap_or_else(PoisonError::into_inner)
}

fn at_one_moment<T>(conn: &Connection, read: impl FnOnce(&Connection) -> Sql<T>) -> Sql<T> {
    run(conn, "BEGIN", ())?;
    let result = read(conn);
    run(conn, "COMMIT", ())?;
    result
}

/// A connection that goes back to the pool by itself, before its permit does.
struct Lent {
    conn: Option<Connection>,
    free: Arc<Mutex<Vec<Connection>>>,
    _permit: OwnedSemaphorePermit,
}

impl Lent {
    fn with<T>(&self, read: impl FnOnce(&Connection) -> Sql<T>) -> Result<T, StoreError> {
        let conn = self.conn.as_ref().ok_or_else(closed)?;
        read(conn).map_err(read_error)
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(conn) = self.conn.take() {
            lock(&self.free).push(conn);
        }
    }
}
