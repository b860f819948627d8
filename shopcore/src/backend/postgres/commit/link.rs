//! A writer's own connection.

use std::time::Duration;

use sqlx::PgConnection;

use crate::backend::postgres::connect::Connector;
use crate::backend::postgres::failure::Outage;
use crate::backend::postgres::plans::Plans;

/// How the planner treats a writer's statements: over arrays, each row of which is found by its
/// key, however few rows a table had when the plan was made.
const SETTINGS: &str = "SET plan_cache_mode = force_generic_plan; SET jit = off;
    SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_hashjoin = off;
    SET enable_mergejoin = off; SET enable_memoize = off";

/// The longest pause before the next try to connect.
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// The shortest pause.
const PAUSE_MIN: Duration = Duration::from_millis(20);

/// A connection that is made when it is needed.
pub(super) struct Link {
    connector: Connector,
    conn: Option<(PgConnection, Plans)>,
    pause: Duration,
}

impl Link {
    /// Connects later.
    pub(super) fn to(connector: Connector) -> Self {
        Self {
            connector,
            conn: None,
            pause: Duration::ZERO,
        }
    }

    /// The connection.
    pub(super) async fn ready(&mut self) -> Result<&mut PgConnection, Outage> {
        let (mut conn, mut plans) = match self.conn.take() {
            Some(kept) => kept,
            None => (self.connect().await?, Plans::none()),
        };
        let renewed = plans.renew(&mut conn).await;
        renewed.map_err(|error| Outage::of(&error))?;
        let (conn, _) = self.conn.insert((conn, plans));
        Ok(conn)
    }

    async fn connect(&mut self) -> Result<PgConnection, Outage> {
        tokio::time::sleep(self.pause).await;
        self.pause = (self.pause * 2).clamp(PAUSE_MIN, PAUSE_MAX);
        let connected = self.connector.connect().await;
        let mut conn = connected.map_err(|error| Outage::of(&error))?;
        let set = sqlx::raw_sql(SETTINGS).execute(&mut conn).await;
        set.map_err(|error| Outage::of(&error))?;
        self.pause = Duration::ZERO;
        Ok(conn)
    }

    /// Gives the connection up.
    pub(super) fn give_up(&mut self) {
        self.conn = None;
    }
}
