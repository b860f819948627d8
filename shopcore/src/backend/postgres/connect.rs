//! Connections to the server, or to whichever of several takes writes.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgConnection, Row};
use tokio::time::{sleep, timeout};

use super::failure::Outage;
use super::rows::Sql;

/// The first pause before another try to connect; it doubles up to the longest.
const PAUSE_MIN: Duration = Duration::from_millis(50);
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// Makes connections that are set up alike.
#[derive(Debug, Clone)]
pub(super) struct Connector {
    servers: Arc<[PgConnectOptions]>,
    patience: Duration,
}

impl Connector {
    /// Connects to these servers, each of which may take so long.
    pub(super) fn new(servers: Vec<PgConnectOptions>, patience: Duration) -> Self {
        Self {
            servers: servers.into(),
            patience,
        }
    }

    /// Tries each server once; gives a connection to the first that takes writes.
    pub(super) async fn connect(&self) -> Sql<PgConnection> {
        let mut worst = sqlx::Error::Io(io::ErrorKind::NotConnected.into());
        for server in self.servers.iter() {
            let tried = timeout(self.patience, self.connect_to(server)).await;
            match tried.unwrap_or_else(|_| Err(silent())) {
                Ok(conn) => return Ok(conn),
                Err(error) => worst = error,
            }
        }
        Err(worst)
    }

    async fn connect_to(&self, server: &PgConnectOptions) -> Sql<PgConnection> {
        let mut conn = server.connect().await?;
        if self.servers.len() > 1 && stands_by(&mut conn).await? {
            let text = "the server stands by for another one";
            return Err(sqlx::Error::Io(io::Error::other(text)));
        }
        Ok(conn)
    }

    /// Tries again and again, with growing pauses, for as long as its patience lasts. What no
    /// patience mends, as a wrong password, ends it at once.
    pub(super) async fn connect_patiently(&self) -> Sql<PgConnection> {
        let mut pause = PAUSE_MIN;
        let mut waited = Duration::ZERO;
        loop {
            match self.connect().await {
                Err(error) if waited < self.patience && Outage::of(&error).is_lost() => {
                    sleep(pause).await;
                    waited += pause;
                    pause = (pause * 2).min(PAUSE_MAX);
                }
                connected => return connected,
            }
        }
    }

    /// How long a connection may take.
    pub(super) fn patience(&self) -> Duration {
        self.patience
    }
}

/// Whether the server takes no writes.
pub(super) async fn stands_by(conn: &mut PgConnection) -> Sql<bool> {
    let row = sqlx::query("SHOW transaction_read_only")
        .fetch_one(conn)
        .await?;
    let setting: &str = row.try_get(0)?;
    Ok(setting == "on")
}

fn silent() -> sqlx::Error {
    let text = "the server does not answer";
    sqlx::Error::Io(io::Error::new(io::ErrorKind::TimedOut, text))
}
