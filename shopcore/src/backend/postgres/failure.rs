//! What goes wrong in a PostgreSQL database, told by whose fault it is.
//!
//! Only a server's own message is kept of its errors: their details may quote rows.

use std::io;

use thiserror::Error;

use crate::store::StoreError;

/// Why the database can't be used now.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Outage {
    /// It can't be reached, or the connection was lost.
    #[error("the database can't be reached: {0}")]
    Unreachable(String),
    /// Other processes were in the way, again and again.
    #[error("other processes change the same rows")]
    Contended,
    /// A statement, or the wait for a lock or a connection, took too long.
    #[error("the database took too long: {0}")]
    TimedOut(String),
    /// The database has no room left.
    #[error("the database has no room left: {0}")]
    Full(String),
    /// The server takes no writes: it stands by for another one.
    #[error("the database takes no writes")]
    ReadOnly,
    /// The database refuses a statement or a value.
    #[error("the database refuses: {0}")]
    Refused(String),
    /// The store is being closed.
    #[error("the store is closed")]
    Closed,
}

impl Outage {
    /// The outage that a driver's error tells of.
    pub(super) fn of(error: &sqlx::Error) -> Self {
        if let sqlx::Error::Io(cause) = error
            && cause.kind() == io::ErrorKind::TimedOut
        {
            return Self::TimedOut(cause.to_string());
        }
        let Some(database) = error.as_database_error() else {
            let text = error.to_string();
            return if is_unreadable(error) || matches!(error, sqlx::Error::Encode(_)) {
                Self::Refused(text)
            } else {
                Self::Unreachable(text)
            };
        };
        let text = database.message().to_owned();
        match database.code().as_deref() {
            Some("25006") => Self::ReadOnly,
            Some("40001" | "40P01") => Self::Contended,
            Some("55P03" | "57014") => Self::TimedOut(text),
            Some("53300") => Self::Unreachable(text),
            Some(code) if code.starts_with("57P") || code.starts_with("08") => {
                Self::Unreachable(text)
            }
            Some(code) if code.starts_with("53") => Self::Full(text),
            Some(_) | None => Self::Refused(text),
        }
    }

    /// Whether a new connection may mend it.
    pub(super) fn is_lost(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::ReadOnly => true,
            Self::Contended
            | Self::TimedOut(_)
            | Self::Full(_)
            | Self::Refused(_)
            | Self::Closed => false,
        }
    }
}

/// Whether the driver could not make sense of a row.
fn is_unreadable(error: &sqlx::Error) -> bool {
    matches!(
        error,
        sqlx::Error::Decode(_)
            | sqlx::Error::ColumnDecode { .. }
            | sqlx::Error::ColumnIndexOutOfBounds { .. }
    )
}

/// The error of a read: a row that can't be understood is damaged.
pub(super) fn read_error(error: &sqlx::Error) -> StoreError {
    if is_unreadable(error) {
        StoreError::Damaged(error.to_string())
    } else {
        StoreError::Unavailable(Outage::of(error).into())
    }
}
