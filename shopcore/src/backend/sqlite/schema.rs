//! The schema, and the steps that lead to it.

use rusqlite::{Connection, TransactionBehavior};

use super::rows::{Columns, Sql};

/// What each version adds to the one before it.
const STEPS: [&str; 1] = [include_str!("../../../migrations/sqlite/0001_shop.sql")];

/// The newest version.
pub(super) const KNOWN: u32 = 1;

/// Marks a file as a shop's: `shop` in ASCII.
const APPLICATION: i32 = 0x7368_6f70;

/// What a file says it is.
pub(super) struct Identity {
    application: i32,
    tables: u64,
    /// Its version; 0 for an empty file.
    pub(super) version: u32,
    /// Where its shops are now, if they have moved away.
    pub(super) moved: Option<String>,
}

impl Identity {
    /// Reads it as of one moment: another program may be making the schema right now.
    pub(super) fn of(conn: &Connection) -> Sql<Self> {
        let moment = conn.unchecked_transaction()?;
        let count = "SELECT count(*) FROM sqlite_schema";
        Ok(Self {
            application: moment.pragma_query_value(None, "application_id", |row| row.get(0))?,
            tables: moment.query_row(count, (), |row| Columns::of(row).count())?,
            version: version(&moment)?,
            moved: moved(&moment)?,
        })
    }

    /// Whether another program made the file.
    pub(super) fn is_foreign(&self) -> bool {
        self.application != APPLICATION && (self.application != 0 || self.tables > 0)
    }
}

fn moved(conn: &Connection) -> Sql<Option<String>> {
    let sql = "SELECT count(*) FROM sqlite_schema WHERE name = 'moved'";
    let marks: u32 = conn.query_row(sql, (), |row| row.get(0))?;
    match marks {
        0 => Ok(None),
        _ => conn.query_row("SELECT address FROM moved", (), |row| row.get(0)),
    }
}

/// Marks the file as one whose shops are at `address` now.
#[cfg(feature = "postgres")]
pub(super) fn mark_moved(conn: &Connection, address: &str) -> Sql<()> {
    let transaction = conn.unchecked_transaction()?;
    if moved(&transaction)?.is_none() {
        transaction.execute_batch("CREATE TABLE moved (address TEXT NOT NULL) STRICT")?;
        transaction.execute("INSERT INTO moved VALUES (?1)", (address,))?;
    }
    transaction.commit()
}

fn version(conn: &Connection) -> Sql<u32> {
    conn.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Takes the steps that the file lacks, all or none. Of several programs that open the file at
/// once, one takes them and the others find them taken.
pub(super) fn migrate(conn: &Connection) -> Sql<()> {
    if version(conn)? == KNOWN {
        return Ok(());
    }
    let behavior = TransactionBehavior::Immediate;
    let transaction = rusqlite::Transaction::new_unchecked(conn, behavior)?;
    let taken = usize::try_from(version(&transaction)?).unwrap_or(usize::MAX);
    for step in STEPS.iter().skip(taken) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION)?;
    transaction.pragma_update(None, "user_version", KNOWN)?;
    transaction.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_makes_a_version() {
        assert_eq!(usize::try_from(KNOWN), Ok(STEPS.len()));
    }
}
