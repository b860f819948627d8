//! What goes wrong in a database file, told by whose fault it is.

use rusqlite::ErrorCode;
use rusqlite::ffi;
use thiserror::Error;

use crate::store::{CommitError, Rejection, StoreError};

/// Why the database file can't be used now.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Outage {
    /// Another program has locked the file for longer than the busy time-out.
    #[error("the database is locked by another program")]
    Locked,
    /// No space is left.
    #[error("the disk is full; free some space and try again")]
    DiskFull,
    /// The file or its directory may not be written.
    #[error("the database file is read-only")]
    ReadOnly,
    /// The disk failed.
    #[error("the disk failed: {0}")]
    Disk(String),
    /// The file is damaged.
    #[error("the database file is damaged: {0}")]
    Damaged(String),
    /// The database refuses a statement or a value.
    #[error("the database refuses: {0}")]
    Refused(String),
    /// The store is being closed.
    #[error("the store is closed")]
    Closed,
}

impl Outage {
    /// Whether the batches that share a transaction with this failure fail with it.
    pub(super) fn ends_group(&self) -> bool {
        match self {
            Self::Locked | Self::DiskFull | Self::ReadOnly | Self::Disk(_) | Self::Damaged(_) => {
                true
            }
            Self::Refused(_) | Self::Closed => false,
        }
    }
}

impl From<rusqlite::Error> for Outage {
    fn from(error: rusqlite::Error) -> Self {
        let text = error.to_string();
        match error.sqlite_error_code() {
            Some(
                ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::FileLockingProtocolFailed,
            ) => Self::Locked,
            Some(ErrorCode::DiskFull) => Self::DiskFull,
            // The file that the log is shared through could not grow.
            Some(ErrorCode::SystemIoFailure)
                if extended_code(&error) == Some(ffi::SQLITE_IOERR_SHMSIZE) =>
            {
                Self::DiskFull
            }
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Self::ReadOnly,
            Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen) => Self::Disk(text),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged(text),
            _ => Self::Refused(text),
        }
    }
}

/// Why a batch, or a claim, was not carried out.
#[derive(Debug, Clone)]
pub(super) enum Failure {
    /// A guard refused it.
    Rejected(Rejection),
    /// What was read has changed.
    Conflict,
    /// The database did not take it; nothing happened.
    Down(Outage),
    /// The database may have taken it.
    Unknown(Outage),
}

impl From<Rejection> for Failure {
    fn from(rejection: Rejection) -> Self {
        Self::Rejected(rejection)
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        match extended_code(&error) {
            Some(ffi::SQLITE_CONSTRAINT_FOREIGNKEY) => Self::Rejected(Rejection::Dangling),
            Some(ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY) => {
                Self::Conflict
            }
            Some(_) | None => Self::Down(error.into()),
        }
    }
}

impl From<Failure> for CommitError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Rejected(rejection) => Self::Rejected(rejection),
            Failure::Conflict => Self::Conflict,
            Failure::Down(outage) => Self::Unavailable(outage.into()),
            Failure::Unknown(outage) => Self::OutcomeUnknown(outage.into()),
        }
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        Self::Unavailable(CommitError::from(failure).into())
    }
}

/// Whether a unique constraint other than the primary key failed.
pub(super) fn is_duplicate(error: &rusqlite::Error) -> bool {
    extended_code(error) == Some(ffi::SQLITE_CONSTRAINT_UNIQUE)
}

/// The failure of an insert whose unique constraint means `taken`.
pub(super) fn or_taken(taken: Rejection) -> impl FnOnce(rusqlite::Error) -> Failure {
    move |error| {
        if is_duplicate(&error) {
            Failure::Rejected(taken)
        } else {
            error.into()
        }
    }
}

/// The error of a read: a row that can't be understood is damaged.
pub(super) fn read_error(error: rusqlite::Error) -> StoreError {
    if error.sqlite_error().is_some() {
        StoreError::Unavailable(Outage::from(error).into())
    } else {
        StoreError::Damaged(error.to_string())
    }
}

fn extended_code(error: &rusqlite::Error) -> Option<i32> {
    error.sqlite_error().map(|error| error.extended_code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_log_that_can_not_grow_is_a_full_disk() {
        let outage = |code| {
            let error = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
            Outage::from(error)
        };
        assert_eq!(outage(ffi::SQLITE_FULL), Outage::DiskFull);
        assert_eq!(outage(ffi::SQLITE_IOERR_SHMSIZE), Outage::DiskFull);
        assert!(matches!(outage(ffi::SQLITE_IOERR_READ), Outage::Disk(_)));
    }
}
