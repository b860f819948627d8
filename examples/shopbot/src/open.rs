//! Opening the shop as the configuration describes it.

use std::env::{self, VarError};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use shopcore::backend::postgres::PostgresStore;
use shopcore::backend::sqlite::SqliteStore;
use shopcore::service::{OpenError, make_key_file, read_key_file};
use shopcore::store::Store;
use shopcore::vault::{Vault, VaultError, VaultKey};
use shopcore::{MemoryStore, Shop};
use shopcore_payments::{Sandbox, SandboxOptions};

use crate::backup::Nightly;
use crate::config::{Config, FOLDER, SandboxAt, StoreAt};
use crate::fault::{Fault, told};
use crate::gateways;

/// The variable that holds the vault's key.
pub(crate) const KEY_VARIABLE: &str = "SHOPCORE_VAULT_KEY";

/// Opens the shop, and makes it where it is not there; what is refused is so before a file is made.
pub(crate) async fn shop(config: &Config) -> Result<Shop, Fault> {
    config.settings()?;
    gateways::methods(config)?;
    let key = Key::find(config)?;
    make_folder(config)?;
    let vault = vault(config, key)?;
    build(config, store(&config.store).await?, vault).await
}

/// Opens the shop that is there, and makes nothing where there is none.
pub(crate) async fn existing(config: &Config) -> Result<Shop, Fault> {
    check_there(config)?;
    config.settings()?;
    let vault = vault(config, Key::find(config)?)?;
    let store = store(&config.store).await?;
    match store.find_shop(&config.name).await? {
        Some(_) => {
            // Another machine may have made the shop.
            make_folder(config)?;
            build(config, store, vault).await
        }
        None => Err(Fault::NoShopNamed {
            name: config.name.clone(),
            store: Box::new(config.store.clone()),
        }),
    }
}

/// Opens the shop that is there, or an empty one in memory, for what changes nothing.
pub(crate) async fn foreseen(config: &Config) -> Result<Shop, Fault> {
    match existing(config).await {
        Err(Fault::NoShop(_) | Fault::NoShopNamed { .. } | Fault::ShopInMemory) => {
            let builder = Shop::builder(config.currency).name(config.name.clone());
            let builder = builder.settings(config.settings()?);
            let built = builder.store(MemoryStore::default()).build().await;
            built.map_err(|error| refused(config, error))
        }
        found => found,
    }
}

/// Refuses a store that is not there.
fn check_there(config: &Config) -> Result<(), Fault> {
    match &config.store {
        StoreAt::Sqlite(path) if path.exists() => Ok(()),
        StoreAt::Sqlite(path) => Err(Fault::NoShop(path.clone())),
        // Whether there is a shop only its server can tell.
        StoreAt::Postgres(_) => Ok(()),
        StoreAt::Memory => Err(Fault::ShopInMemory),
    }
}

async fn build(
    config: &Config,
    store: Arc<dyn Store>,
    vault: Option<Vault>,
) -> Result<Shop, Fault> {
    let mut builder = Shop::builder(config.currency)
        .name(config.name.clone())
        .shared_store(store)
        .settings(config.settings()?);
    if let Some(vault) = vault {
        builder = builder.vault(vault);
    }
    for method in gateways::methods(config)? {
        builder = builder.method(method);
    }
    if let Some(nightly) = Nightly::of(config)? {
        builder = builder.archive(nightly);
    }
    if config.sandbox() != SandboxAt::Off {
        builder = builder.gateway(sandbox(config)?);
    }
    builder
        .build()
        .await
        .map_err(|error| refused(config, error))
}

/// A wrong value that only the shop could tell, by its key.
fn refused(config: &Config, error: OpenError) -> Fault {
    match error {
        OpenError::OtherCurrency { .. } => config.refused("currency", error).into(),
        OpenError::Setting(key) => config.refused(key, "it is out of range").into(),
        OpenError::Store(_)
        | OpenError::Commit(_)
        | OpenError::WrongKey(_)
        | OpenError::Vault(_)
        | OpenError::MissingStore
        | OpenError::Key(_)
        | OpenError::GatewayTwice(_)
        | OpenError::Terms { .. } => Fault::Open(error),
    }
}

/// Opens the sandbox that a shop has opened before, without the shop.
pub(crate) fn existing_sandbox(config: &Config) -> Result<Sandbox, Fault> {
    match config.sandbox() {
        SandboxAt::File(path) if !path.exists() => {
            check_there(config)?;
            Err(Fault::NoSandbox(path))
        }
        SandboxAt::Memory => Err(Fault::SandboxInMemory),
        SandboxAt::File(_) | SandboxAt::Off => sandbox(config),
    }
}

fn sandbox(config: &Config) -> Result<Sandbox, Fault> {
    let options = SandboxOptions {
        currencies: vec![config.currency],
        ..SandboxOptions::default()
    };
    match config.sandbox() {
        SandboxAt::File(path) => Ok(Sandbox::open(path, options)
            .map_err(|error| config.refused("sandbox", told(&error)))?),
        SandboxAt::Memory => Ok(Sandbox::in_memory(options.clock)?),
        SandboxAt::Off => Err(Fault::SandboxOff),
    }
}

async fn store(at: &StoreAt) -> Result<Arc<dyn Store>, Fault> {
    Ok(match at {
        StoreAt::Sqlite(path) => Arc::new(SqliteStore::open(path).await?),
        StoreAt::Postgres(address) => Arc::new(PostgresStore::open(address.clone()).await?),
        StoreAt::Memory => Arc::new(MemoryStore::default()),
    })
}

/// Makes the folder of a store that is not there yet, and the one that the sandbox has where the
/// store is no file.
pub(crate) fn make_folder(config: &Config) -> Result<(), Fault> {
    let sandbox = config.sandbox();
    let folder = match (&config.store, &sandbox) {
        (StoreAt::Sqlite(path), _) => path.parent(),
        (StoreAt::Postgres(_), SandboxAt::File(path)) => {
            path.parent().filter(|folder| *folder == Path::new(FOLDER))
        }
        (StoreAt::Postgres(_) | StoreAt::Memory, _) => None,
    };
    let Some(folder) = folder.filter(|folder| !folder.as_os_str().is_empty()) else {
        return Ok(());
    };
    let unmade = |source| {
        let reason = format!("{} can't be made: {source}", folder.display());
        config.refused("store", reason)
    };
    Ok(fs::create_dir_all(folder).map_err(unmade)?)
}

/// Where the vault's key comes from.
enum Key {
    Given(VaultKey),
    /// From a file that was named and is not there.
    Missing(PathBuf),
    /// From the file that lies beside the store.
    OfStore,
}

impl Key {
    fn find(config: &Config) -> Result<Self, Fault> {
        if let Some(key) = key_of(env::var(KEY_VARIABLE))? {
            return Ok(Self::Given(key));
        }
        let Some(path) = &config.key_file else {
            return match &config.store {
                StoreAt::Postgres(_) => Err(Fault::KeyNeeded),
                StoreAt::Sqlite(_) | StoreAt::Memory => Ok(Self::OfStore),
            };
        };
        let key = read_key_file(path).map_err(|error| config.refused("key_file", told(&error)))?;
        Ok(key.map_or_else(|| Self::Missing(path.clone()), Self::Given))
    }
}

/// The vault, whose key is made where neither it nor the shop is there yet; `None` leaves that to
/// the store.
fn vault(config: &Config, key: Key) -> Result<Option<Vault>, Fault> {
    let key = match key {
        Key::Given(key) => key,
        Key::OfStore => return Ok(None),
        Key::Missing(path) if is_there(&config.store) => {
            let reason = format!("there is no key file {}", path.display());
            return Err(config.refused("key_file", reason).into());
        }
        Key::Missing(path) => {
            make_key_file(&path).map_err(|error| config.refused("key_file", told(&error)))?
        }
    };
    Ok(Some(Vault::new(&key)))
}

fn is_there(store: &StoreAt) -> bool {
    match store {
        StoreAt::Sqlite(path) => path.exists(),
        // Others may have made it.
        StoreAt::Postgres(_) => true,
        StoreAt::Memory => false,
    }
}

/// The key in the variable, if it is set.
fn key_of(variable: Result<String, VarError>) -> Result<Option<VaultKey>, Fault> {
    let key = match variable {
        Ok(text) => VaultKey::from_base64(&text),
        Err(VarError::NotPresent) => return Ok(None),
        Err(VarError::NotUnicode(_)) => Err(VaultError::BadKey),
    };
    key.map(Some).map_err(Fault::KeyVariable)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::Cli;

    #[test]
    fn a_variable_that_holds_no_key_is_refused_by_name() {
        assert!(matches!(key_of(Err(VarError::NotPresent)), Ok(None)));
        for unusable in [Err(VarError::NotUnicode("x".into())), Ok("x".to_owned())] {
            let refused = key_of(unusable).unwrap_err().to_string();
            assert_eq!(refused, "SHOPCORE_VAULT_KEY is no key");
        }
    }

    fn config(folder: &Path, toml: &str) -> Config {
        let (store, file) = (
            folder.join("deep/down/shop.db"),
            folder.join("shopbot.toml"),
        );
        std::fs::write(&file, toml).unwrap();
        let words = [
            "shopbot",
            "--store",
            &format!("sqlite:{}", store.display()),
            "--config",
        ];
        let words = words.iter().map(AsRef::as_ref).chain([file.as_os_str()]);
        Config::read(&Cli::parse_from(words)).unwrap()
    }

    #[tokio::test]
    async fn a_wrong_value_makes_no_shop() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("bad.key"), "no key").unwrap();
        let bad_key = format!("key_file = {:?}", folder.path().join("bad.key"));
        for (key, toml) in [
            ("key_file in ", bad_key.as_str()),
            ("deposit_minimum in ", "deposit_minimum = \"x\""),
        ] {
            let told = shop(&config(folder.path(), toml)).await.unwrap_err().told();
            assert!(told.starts_with(key), "{told}");
        }
        assert!(!folder.path().join("deep").exists());
    }

    #[tokio::test]
    async fn a_key_file_is_made_with_the_shop_and_missed_after_that() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("my.key");
        let config = config(folder.path(), &format!("key_file = {path:?}"));
        drop(shop(&config).await.unwrap());
        assert!(read_key_file(&path).unwrap().is_some());
        assert!(!folder.path().join("deep/down/shop.key").exists());
        std::fs::remove_file(&path).unwrap();
        let told = shop(&config).await.unwrap_err().told();
        assert!(
            told.contains("key_file in ") && told.contains("my.key"),
            "{told}"
        );
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn a_shop_is_not_opened_in_another_currency() {
        let folder = tempfile::tempdir().unwrap();
        drop(shop(&config(folder.path(), "")).await.unwrap());
        let told = shop(&config(folder.path(), "currency = \"USD\"")).await;
        let told = told.unwrap_err().told();
        assert!(told.starts_with("currency in "), "{told}");
        assert!(
            told.ends_with("the shop trades in IDR, not in USD"),
            "{told}"
        );
    }

    #[tokio::test]
    async fn what_needs_a_shop_makes_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.db");
        let store = format!("sqlite:{}", path.display());
        let config = Config::read(&Cli::parse_from(["shopbot", "--store", &store])).unwrap();
        assert!(matches!(existing(&config).await, Err(Fault::NoShop(_))));
        assert!(matches!(existing_sandbox(&config), Err(Fault::NoShop(_))));
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
        let made = shop(&config).await.unwrap().id();
        assert_eq!(existing(&config).await.unwrap().id(), made);
        assert!(existing_sandbox(&config).is_ok());
    }

    #[tokio::test]
    async fn a_shop_of_several_machines_makes_no_key_by_itself() {
        let store = "postgres://shop@127.0.0.1:1/shop";
        let config = Config::read(&Cli::parse_from(["shopbot", "--store", store])).unwrap();
        let refused = shop(&config).await.err().unwrap();
        assert!(matches!(refused, Fault::KeyNeeded));
        assert!(refused.told().contains("shopbot key new"));
    }
}
