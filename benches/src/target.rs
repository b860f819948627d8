//! Which store is measured.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use shopcore::MemoryStore;
use shopcore::backend::sqlite::{OpenError, SqliteStore};
use shopcore::store::Store;
use thiserror::Error;

/// A store by its address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The SQLite file at this path, made where it is not there.
    Sqlite(PathBuf),
    /// A store that ends with the process.
    Memory,
}

/// No store has this address.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} names no store; it is sqlite:PATH or memory:")]
pub struct UnknownStore(String);

impl FromStr for Target {
    type Err = UnknownStore;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::Sqlite(path.into())),
            Some(("memory", "")) => Ok(Self::Memory),
            Some(_) | None => Err(UnknownStore(text.to_owned())),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Memory => f.write_str("memory:"),
        }
    }
}

impl Target {
    /// Opens the store.
    ///
    /// # Errors
    /// [`OpenError`] where the file can't be used.
    pub async fn open(&self) -> Result<Arc<dyn Store>, OpenError> {
        Ok(match self {
            Self::Sqlite(path) => Arc::new(SqliteStore::open(path).await?),
            Self::Memory => Arc::new(MemoryStore::default()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_as_they_are_given() {
        for address in ["sqlite:data/shop.db", "memory:"] {
            assert_eq!(address.parse::<Target>().unwrap().to_string(), address);
        }
        for address in ["", "sqlite:", "memory", "memory:here", "shop.db"] {
            assert!(address.parse::<Target>().is_err(), "{address}");
        }
    }
}
