//! Opening the shop as the configuration describes it.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use shopcore::backend::sqlite::SqliteStore;
use shopcore::store::Store;
use shopcore::vault::{Vault, VaultKey};
use shopcore::{MemoryStore, Shop};
use shopcore_payments::{Sandbox, SandboxOptions};

use crate::config::{Config, SandboxAt, StoreAt};
use crate::fault::Fault;

/// The variable that holds the vault's key.
const KEY_VARIABLE: &str = "SHOPCORE_VAULT_KEY";

/// The folder of the default store, which is made where it is not there.
const FOLDER: &str = "data";

/// A shop, and whether it was not there before.
pub(crate) struct Opened {
    pub(crate) shop: Shop,
    pub(crate) age: Age,
}

/// Whether a shop was just made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Age {
    New,
    Old,
}

/// Opens the shop, and makes it where it is not there.
pub(crate) async fn shop(config: &Config) -> Result<Opened, Fault> {
    make_folder(config)?;
    let store = store(&config.store).await?;
    let found = store.find_shop(&config.name).await?;
    let mut builder = Shop::builder(config.currency)
        .name(config.name.clone())
        .shared_store(store)
        .settings(config.settings()?);
    if let Some(vault) = vault(config)? {
        builder = builder.vault(vault);
    }
    if config.sandbox() != SandboxAt::Off {
        builder = builder.gateway(sandbox(config)?);
    }
    let age = match found {
        Some(_) => Age::Old,
        None => Age::New,
    };
    let shop = builder.build().await?;
    Ok(Opened { shop, age })
}

/// Opens the sandbox gateway.
pub(crate) fn sandbox(config: &Config) -> Result<Sandbox, Fault> {
    make_folder(config)?;
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
        StoreAt::Memory => Arc::new(MemoryStore::default()),
    })
}

/// Makes the default folder only: a folder that someone named and that is not there is a mistake.
fn make_folder(config: &Config) -> Result<(), Fault> {
    let StoreAt::Sqlite(path) = &config.store else {
        return Ok(());
    };
    if path.parent() != Some(Path::new(FOLDER)) {
        return Ok(());
    }
    fs::create_dir_all(FOLDER).map_err(|source| Fault::File {
        path: FOLDER.into(),
        source,
    })
}

/// The vault with the key that was given; `None` leaves the key file to the store.
fn vault(config: &Config) -> Result<Option<Vault>, Fault> {
    if let Ok(text) = std::env::var(KEY_VARIABLE) {
        let key = VaultKey::from_base64(&text).map_err(Fault::KeyVariable)?;
        return Ok(Some(Vault::new(&key)));
    }
    let Some(path) = &config.key_file else {
        return Ok(None);
    };
    let unusable = |source| Fault::KeyFile {
        path: path.clone(),
        source,
    };
    let text = fs::read_to_string(path).map_err(|error| unusable(error.into()))?;
    let key = VaultKey::from_base64(&text).map_err(|error| unusable(error.into()))?;
    Ok(Some(Vault::new(&key)))
}
