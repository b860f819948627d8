//! The vault key of a store that keeps its own: read from its file, or made for an empty store.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use thiserror::Error;

use crate::store::{KeyHome, Store, StoreError};
use crate::vault::{VaultError, VaultKey};

/// Why there is no vault key.
#[derive(Debug, Error)]
pub enum KeyError {
    /// The store wants it to be given.
    #[error("this store needs a vault key")]
    NotGiven,
    /// The store holds a shop, but its key file is gone. Only the key it was opened with will do.
    #[error("the store holds a shop, but its key file {} is missing", .0.display())]
    Missing(PathBuf),
    /// There is a file already, which is left as it is.
    #[error("the key file {} is there already", .0.display())]
    Exists(PathBuf),
    /// The key file can't be read or written.
    #[error("the key file {} can't be used", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        #[source]
        source: io::Error,
    },
    /// The key file holds no key.
    #[error("the key file {} holds no vault key", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: VaultError,
    },
    /// No key can be made.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The store can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Finds the key of a store, or makes one where the store is empty.
pub(super) async fn find_or_make(store: &dyn Store) -> Result<VaultKey, KeyError> {
    match store.key_home() {
        KeyHome::Given => Err(KeyError::NotGiven),
        KeyHome::Process => Ok(VaultKey::generate()?),
        KeyHome::File(path) => match read_key_file(&path)? {
            Some(key) => Ok(key),
            None if store.count_shops().await? > 0 => Err(KeyError::Missing(path)),
            None => make(&path),
        },
    }
}

/// Reads a key file; `None` where there is none. One that others may read is used, with a warning.
///
/// # Errors
/// [`KeyError::File`] when it can't be read, [`KeyError::Damaged`] when it holds no key.
pub fn read_key_file(path: &Path) -> Result<Option<VaultKey>, KeyError> {
    let unusable = |source| KeyError::File {
        path: path.to_owned(),
        source,
    };
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unusable(error)),
    };
    if is_shared(&fs::metadata(path).map_err(unusable)?) {
        tracing::warn!(file = %path.display(), "others may read the key file; its mode should be 0600");
    }
    let key = VaultKey::from_base64(&text).map_err(|source| KeyError::Damaged {
        path: path.to_owned(),
        source,
    })?;
    Ok(Some(key))
}

/// Whether anyone but its owner may do something with a file.
#[cfg(unix)]
fn is_shared(file: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.permissions().mode() & 0o077 != 0
}

#[cfg(not(unix))]
fn is_shared(_: &fs::Metadata) -> bool {
    false
}

/// Makes the key of an empty store; all who do so at once, in whichever process, get the one key.
fn make(path: &Path) -> Result<VaultKey, KeyError> {
    match make_key_file(path) {
        Err(KeyError::Exists(path)) => read_key_file(&path)?.ok_or(KeyError::Missing(path)),
        made => made,
    }
}

/// Makes a key file that only its owner may read.
///
/// The key is written beside its place and linked there, so that of many who do so at once one wins
/// and no half-written key is ever seen.
///
/// # Errors
/// [`KeyError::Exists`] when there is a file, which is left as it is; [`KeyError::File`] when it
/// can't be written; [`KeyError::Vault`] when the machine gives no random bytes.
pub fn make_key_file(path: &Path) -> Result<VaultKey, KeyError> {
    static MADE: AtomicU64 = AtomicU64::new(0);
    let key = VaultKey::generate()?;
    let (process, number) = (std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
    let fresh = path.with_extension(format!("new-{process}-{number}"));
    let file = |source| KeyError::File {
        path: path.to_owned(),
        source,
    };
    write(&fresh, &key).map_err(file)?;
    let linked = fs::hard_link(&fresh, path);
    fs::remove_file(&fresh).map_err(file)?;
    match linked {
        Ok(()) => Ok(key),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            Err(KeyError::Exists(path.to_owned()))
        }
        Err(source) => Err(file(source)),
    }
}

fn write(path: &Path, key: &VaultKey) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    writeln!(file, "{}", key.to_base64())?;
    file.sync_all()
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn many_who_make_a_key_at_once_get_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.key");
        let made = std::thread::scope(|scope| {
            let makers: Vec<_> = (0..16).map(|_| scope.spawn(|| make(&path))).collect();
            let made = makers.into_iter().map(|maker| maker.join().unwrap());
            made.collect::<Vec<_>>()
        });
        let kept = read_key_file(&path).unwrap().unwrap().to_base64();
        assert!(made.into_iter().all(|key| key.unwrap().to_base64() == kept));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_key_file_is_its_owners_alone_or_said_to_be_shared() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.key");
        make(&path).unwrap();
        assert!(!is_shared(&fs::metadata(&path).unwrap()));
        for mode in [0o640, 0o604, 0o620] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert!(is_shared(&fs::metadata(&path).unwrap()));
            assert!(read_key_file(&path).unwrap().is_some());
        }
    }
}
