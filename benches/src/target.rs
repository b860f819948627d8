//! Which store is measured.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use shopcore::MemoryStore;
use shopcore::backend::postgres::{self, Address, BadAddress, PostgresStore};
use shopcore::backend::sqlite::{self, SqliteStore};
use shopcore::store::Store;
use thiserror::Error;

/// A store by its address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The SQLite file at this path, made where it is not there.
    Sqlite(PathBuf),
    /// The PostgreSQL database at this address.
    Postgres(Address),
    /// A store that ends with the process.
    Memory,
}

/// No store has this address. It is not repeated, since it may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum UnknownStore {
    /// It begins as none does.
    #[error("a store is sqlite:PATH, postgres://USER@HOST/DATABASE or memory:")]
    Scheme,
    /// It is no address of a PostgreSQL database.
    #[error(transparent)]
    Address(#[from] BadAddress),
}

/// Why a store can't be opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The file can't be used.
    #[error(transparent)]
    Sqlite(#[from] sqlite::OpenError),
    /// The database can't be used.
    #[error(transparent)]
    Postgres(#[from] postgres::OpenError),
}

impl FromStr for Target {
    type Err = UnknownStore;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::Sqlite(path.into())),
            Some(("postgres" | "postgresql", _)) => Ok(Self::Postgres(text.parse()?)),
            Some(("memory", "")) => Ok(Self::Memory),
            Some(_) | None => Err(UnknownStore::Scheme),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(address) => address.fmt(f),
            Self::Memory => f.write_str("memory:"),
        }
    }
}

impl Target {
    /// Opens the store.
    ///
    /// # Errors
    /// [`OpenError`] where the file or the database can't be used.
    pub async fn open(&self) -> Result<Arc<dyn Store>, OpenError> {
        Ok(match self {
            Self::Sqlite(path) => Arc::new(SqliteStore::open(path).await?),
            Self::Postgres(address) => Arc::new(PostgresStore::open(address.clone()).await?),
            Self::Memory => Arc::new(MemoryStore::default()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_as_they_are_given() {
        for address in ["sqlite:data/shop.db", "postgres://shop@db/shop", "memory:"] {
            assert_eq!(address.parse::<Target>().unwrap().to_string(), address);
        }
        for address in ["", "sqlite:", "memory", "memory:here", "shop.db"] {
            assert!(address.parse::<Target>().is_err(), "{address}");
        }
    }
}
