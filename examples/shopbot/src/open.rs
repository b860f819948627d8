//! Opening the shop as the configuration describes it.

use std::env::{self, VarError};
use std::fs;
use std::path::Path;
use std::sync::Arc;

use shopcore::backend::postgres::PostgresStore;
use shopcore::backend::sqlite::SqliteStore;
use shopcore::service::read_key_file;
use shopcore::store::Store;
use shopcore::vault::{Vault, VaultError, VaultKey};
use shopcore::{MemoryStore, Shop};
use shopcore_payments::{Sandbox, SandboxOptions};

use crate::config::{Config, FOLDER, SandboxAt, StoreAt};
use crate::fault::Fault;

/// The variable that holds the vault's key.
pub(crate) const KEY_VARIABLE: &str = "SHOPCORE_VAULT_KEY";

/// Opens the shop, and makes it where it is not there.
pub(crate) async fn shop(config: &Config) -> Result<Shop, Fault> {
    let vault = vault(config)?;
    make_folder(config)?;
    build(config, store(&config.store).await?, vault).await
}

/// Opens the shop that is there, and makes nothing where there is none.
pub(crate) async fn existing(config: &Config) -> Result<Shop, Fault> {
    check_there(config)?;
    let vault = vault(config)?;
    let store = store(&config.store).await?;
    match store.find_shop(&config.name).await? {
        Some(_) => build(config, store, vault).await,
        None => Err(Fault::NoShopNamed {
            name: config.name.clone(),
            store: Box::new(config.store.clone()),
        }),
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
    if config.sandbox() != SandboxAt::Off {
        builder = builder.gateway(sandbox(config)?);
    }
    Ok(builder.build().await?)
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
        SandboxAt::File(path) => Ok(Sandbox::open(path, options)?),
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

/// Makes the default folder only: a folder that someone named and that is not there is a mistake.
fn make_folder(config: &Config) -> Result<(), Fault> {
    let is_default = |path: &Path| path.parent() == Some(Path::new(FOLDER));
    let is_used = match (&config.store, &config.sandbox()) {
        (StoreAt::Sqlite(path), _) | (StoreAt::Postgres(_), SandboxAt::File(path)) => {
            is_default(path)
        }
        (StoreAt::Postgres(_) | StoreAt::Memory, _) => false,
    };
    if !is_used {
        return Ok(());
    }
    fs::create_dir_all(FOLDER).map_err(|source| Fault::File {
        path: FOLDER.into(),
        source,
    })
}

/// The vault with the key that was given; `None` leaves the key file to the store.
fn vault(config: &Config) -> Result<Option<Vault>, Fault> {
    if let Some(key) = key_of(env::var(KEY_VARIABLE))? {
        return Ok(Some(Vault::new(&key)));
    }
    match (&config.key_file, &config.store) {
        (Some(path), _) => {
            let key = read_key_file(path)?.ok_or_else(|| Fault::NoKeyFile(path.clone()))?;
            Ok(Some(Vault::new(&key)))
        }
        (None, StoreAt::Postgres(_)) => Err(Fault::KeyNeeded),
        (None, StoreAt::Sqlite(_) | StoreAt::Memory) => Ok(None),
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
