//! A writer's own connection.

use std::time::Duration;

use sqlx::PgConnection;

use crate::backend::postgres::connect::Connector;

use crate::backend::postgres::failure::Outage;

/// How the planner treats a writer's statements: over arrays, each row of which is found by its
/// key, however few rows a table had when the plan was made.
const SETTINGS: &str = "SET plan_cache_mode = force_generic_plan; SET jit = off;
    SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_hashjoin = off;
    SET enable_mergejoin = off; SET enable_memoize = off";

/// The longest pause before the next try to connect.
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// The shortest pause.
const PAUSE_MIN: Duration = Duration::from_millis(20);

/// Plans are made anew after so many groups, and whenever there were twice as many: those that were
/// made when tables were small may have taken an index that only then was as good as the key.
const REPLAN_FROM: u64 = 16;

/// A connection that is made when it is needed.
pub(super) struct Link {
    connector: Connector,
    conn: Option<PgConnection>,
    pause: Duration,
    groups: u64,
}

impl Link {
    /// Connects later.
    pub(super) fn to(connector: Connector) -> Self {
        Self {
            connector,
            conn: None,
            pause: Duration::ZERO,
            groups: 0,
        }
    }

    /// The connection.
    pub(super) async fn ready(&mut self) -> Result<&mut PgConnection, Outage> {
        let mut conn = match self.conn.take() {
            Some(conn) => conn,
            None => self.connect().await?,
        };
        self.groups += 1;
        if self.groups >= REPLAN_FROM && self.groups.is_power_of_two() {
            let replan = sqlx::raw_sql("DISCARD PLANS").execute(&mut conn).await;
            replan.map_err(|error| Outage::of(&error))?;
        }
        Ok(self.conn.insert(conn))
    }

    async fn connect(&mut self) -> Result<PgConnection, Outage> {
        tokio::time::sleep(self.pause).await;
        self.pause = (self.pause * 2).clamp(PAUSE_MIN, PAUSE_MAX);
        let connected = self.connector.connect().await;
        let mut conn = connected.map_err(|error| Outage::of(&error))?;
        let set = sqlx::raw_sql(SETTINGS).execute(&mut conn).await;
        set.map_err(|error| Outage::of(&error))?;
        self.pause = Duration::ZERO;
        self.groups = 0;
        Ok(conn)
    }

    /// Gives the connection up.
    pub(super) fn give_up(&mut self) {
        self.conn = None;
    }
}
