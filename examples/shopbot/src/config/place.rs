//! Where a shop and its sandbox are kept.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use shopcore::backend::postgres::{Address, BadAddress};
use thiserror::Error;

/// The folder of the default store, and of what has no file of a store to lie beside.
pub(crate) const FOLDER: &str = "data";

/// Where a shop is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum StoreAt {
    Sqlite(PathBuf),
    Postgres(Address),
    Memory,
}

/// A text names no store. It is not repeated, since it may hold a password.
#[derive(Debug, Error)]
pub(crate) enum BadStore {
    #[error("a store is sqlite:PATH, postgres://USER@HOST/DATABASE or memory:")]
    Scheme,
    #[error(transparent)]
    Address(#[from] BadAddress),
}

impl FromStr for StoreAt {
    type Err = BadStore;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some(("memory", "")) => Ok(Self::Memory),
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::Sqlite(path.into())),
            Some(("postgres" | "postgresql", _)) => Ok(Self::Postgres(text.parse()?)),
            Some(_) | None => Err(BadStore::Scheme),
        }
    }
}

impl fmt::Display for StoreAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(address) => address.fmt(f),
            Self::Memory => f.write_str("memory:"),
        }
    }
}

/// Where the sandbox keeps its charges.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SandboxAt {
    File(PathBuf),
    Memory,
    Off,
}

impl SandboxAt {
    /// Where it is told to, or beside the store.
    pub(crate) fn of(told: Option<&Path>, store: &StoreAt) -> Self {
        match (told, store) {
            (Some(path), _) if path.as_os_str() == "off" => Self::Off,
            (Some(path), _) => Self::File(path.to_owned()),
            (None, StoreAt::Memory) => Self::Memory,
            (None, StoreAt::Postgres(_)) => Self::File(Path::new(FOLDER).join("sandbox.jsonl")),
            (None, StoreAt::Sqlite(store)) => {
                let stem = store.file_stem().unwrap_or_default().to_string_lossy();
                Self::File(store.with_file_name(format!("{stem}-sandbox.jsonl")))
            }
        }
    }
}

/// Where the audit is kept once more: where it is told to, or beside a store that is a file.
pub(crate) fn journal(told: Option<&Path>, store: &StoreAt) -> Option<PathBuf> {
    match (told, store) {
        (Some(path), _) if path.as_os_str() == "off" => None,
        (Some(path), _) => Some(path.to_owned()),
        (None, StoreAt::Memory | StoreAt::Postgres(_)) => None,
        (None, StoreAt::Sqlite(store)) => {
            let stem = store.file_stem().unwrap_or_default().to_string_lossy();
            Some(store.with_file_name(format!("{stem}-audit.jsonl")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stores_are_told_as_they_are_given_but_for_the_password() {
        for text in ["sqlite:data/shop.db", "memory:"] {
            assert_eq!(text.parse::<StoreAt>().unwrap().to_string(), text);
        }
        let store: StoreAt = "postgres://shop:secret@db/shop?sslmode=require"
            .parse()
            .unwrap();
        assert_eq!(store.to_string(), "postgres://shop@db/shop");
        assert!(!format!("{store:?}").contains("secret"));
        for text in [
            "mysql:secret",
            "sqlite:",
            "memory:x",
            "postgres:secret",
            "secret",
        ] {
            let refused = text.parse::<StoreAt>().unwrap_err().to_string();
            assert!(!refused.contains("secret"), "{refused}");
        }
    }

    #[test]
    fn the_sandbox_lies_beside_the_store_and_never_on_a_key_file() {
        let at = |told: Option<&str>, store: &str| {
            SandboxAt::of(told.map(Path::new), &store.parse().unwrap())
        };
        let file = |path: &str| SandboxAt::File(path.into());
        assert_eq!(at(None, "sqlite:x/shop.db"), file("x/shop-sandbox.jsonl"));
        assert_eq!(at(None, "postgres://db/shop"), file("data/sandbox.jsonl"));
        assert_eq!(at(None, "memory:"), SandboxAt::Memory);
        assert_eq!(at(Some("off"), "memory:"), SandboxAt::Off);
        assert_eq!(at(Some("a.jsonl"), "memory:"), file("a.jsonl"));
    }

    #[test]
    fn the_audit_lies_beside_a_store_that_is_a_file_unless_it_is_switched_off() {
        let at =
            |told: Option<&str>, store: &str| journal(told.map(Path::new), &store.parse().unwrap());
        let file = |path: &str| Some(PathBuf::from(path));
        assert_eq!(at(None, "sqlite:x/shop.db"), file("x/shop-audit.jsonl"));
        assert_eq!(at(None, "postgres://db/shop"), None);
        assert_eq!(at(Some("y.jsonl"), "postgres://db/shop"), file("y.jsonl"));
        assert_eq!(at(Some("off"), "sqlite:x/shop.db"), None);
    }
}
