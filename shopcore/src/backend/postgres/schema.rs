//! The schema, and the steps that lead to it.

use sqlx::{Connection, PgConnection, PgTransaction, raw_sql};

use super::rows::{Sql, all};

/// What each version adds to the one before it.
const STEPS: [&str; 1] = [include_str!("../../../migrations/postgres/0001_shop.sql")];

/// The newest version.
pub(super) const KNOWN: u32 = 1;

/// Of many programs that open a database at once, one at a time changes its schema: `shop` in
/// ASCII, twice.
const LOCK: &str = "SET LOCAL statement_timeout = '10min'; SET LOCAL lock_timeout = '10min';
    SELECT pg_advisory_xact_lock(8316019240702865264)";

/// Keeps the version, in one row.
const MARK: &str = "CREATE TABLE shopcore_schema (version bigint NOT NULL);
    INSERT INTO shopcore_schema VALUES (0)";

/// What a database says it is.
pub(super) struct Identity {
    /// Tables that no extension owns.
    tables: u64,
    /// Its version; 0 where no step was taken.
    pub(super) version: u32,
}

impl Identity {
    pub(super) async fn of(conn: &mut PgConnection) -> Sql<Self> {
        let sql = "SELECT count(*),
                count(*) FILTER (WHERE relname = 'shopcore_schema')
            FROM pg_class AS c
            WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
                AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE objid = c.oid AND deptype = 'e')";
        let counted = all(conn, sqlx::query(sql), |columns| {
            Ok((columns.number()?, columns.number()?))
        });
        let (tables, marks): (u64, u64) = counted.await?.pop().unwrap_or_default();
        let version = match marks {
            0 => 0,
            _ => version(conn).await?,
        };
        Ok(Self { tables, version })
    }

    /// Whether another program made its tables.
    pub(super) fn is_foreign(&self) -> bool {
        self.version == 0 && self.tables > 0
    }
}

async fn version(conn: &mut PgConnection) -> Sql<u32> {
    let sql = "SELECT version FROM shopcore_schema";
    let found = all(conn, sqlx::query(sql), |columns| columns.number())
        .await?
        .pop();
    Ok(found.unwrap_or_default())
}

/// Takes the steps that the database lacks, all or none.
pub(super) async fn migrate(conn: &mut PgConnection) -> Sql<()> {
    let mut transaction = conn.begin().await?;
    raw_sql(LOCK).execute(&mut *transaction).await?;
    let taken = Identity::of(&mut transaction).await?.version;
    take_steps(&mut transaction, taken).await?;
    transaction.commit().await
}

async fn take_steps(transaction: &mut PgTransaction<'_>, taken: u32) -> Sql<()> {
    if taken == 0 {
        raw_sql(MARK).execute(&mut **transaction).await?;
    }
    let known = usize::try_from(taken).unwrap_or(usize::MAX);
    for step in STEPS.iter().skip(known) {
        raw_sql(*step).execute(&mut **transaction).await?;
    }
    let noted = sqlx::query("UPDATE shopcore_schema SET version = $1").bind(i64::from(KNOWN));
    noted.execute(&mut **transaction).await?;
    Ok(())
}

/// The state of the store whose rows are being taken in, if they are not all there yet.
pub(super) async fn unfinished(conn: &mut PgConnection) -> Sql<Option<String>> {
    let sql = "SELECT to_regclass('shopcore_move') IS NOT NULL";
    let is_there: bool = sqlx::query_scalar(sql).fetch_one(&mut *conn).await?;
    if !is_there {
        return Ok(None);
    }
    let sql = "SELECT state FROM shopcore_move";
    sqlx::query_scalar(sql).fetch_optional(conn).await
}

/// Marks the database as one that is taking in rows.
#[cfg(feature = "sqlite")]
pub(super) async fn begin(conn: &mut PgConnection, state: &str) -> Sql<()> {
    let sql = "CREATE TABLE shopcore_move (state text NOT NULL)";
    raw_sql(sql).execute(&mut *conn).await?;
    let sql = "INSERT INTO shopcore_move (state) VALUES ($1)";
    sqlx::query(sql)
        .bind(state.to_owned())
        .execute(conn)
        .await?;
    Ok(())
}

/// Takes that mark away.
#[cfg(feature = "sqlite")]
pub(super) async fn finish(conn: &mut PgConnection) -> Sql<()> {
    raw_sql("DROP TABLE shopcore_move").execute(conn).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_makes_a_version() {
        assert_eq!(usize::try_from(KNOWN), Ok(STEPS.len()));
    }
}
