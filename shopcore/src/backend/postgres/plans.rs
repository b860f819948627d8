//! How long a connection keeps the plans of its statements.
//!
//! A plan that was made while a table was small takes any index that begins with the shop for as
//! good as the key, and reads all of the shop's rows when they have become many; those of foreign
//! keys do so in every write. The server itself notices within a minute or so, which is long in a
//! shop's first hour. Plans are made anew each second instead: that costs a few milliseconds.

use std::time::Duration;

use sqlx::PgConnection;
use tokio::time::Instant;

use super::rows::Sql;

const LIFE: Duration = Duration::from_secs(1);

/// When a connection's plans were made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plans {
    since: Instant,
}

impl Plans {
    /// Of a connection that has none yet.
    pub(super) fn none() -> Self {
        Self {
            since: Instant::now(),
        }
    }

    /// Lets them be made anew, if they are old.
    pub(super) async fn renew(&mut self, conn: &mut PgConnection) -> Sql<()> {
        if self.since.elapsed() >= LIFE {
            sqlx::raw_sql("DISCARD PLANS").execute(conn).await?;
            *self = Self::none();
        }
        Ok(())
    }
}
