//! One encrypted file with everything about the shop, and the way back.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use chrono::NaiveTime;
use serde_json::json;
use shopcore::backend::backup::{
    Backup, BackupError, BadKey, Key, Lock, Place, Restore, Restored, Written, prune,
};
use shopcore::backend::migration::Stage;
use shopcore::service::{Archive, ArchiveError};
use shopcore::text::Name;

use crate::cli::{BackupArgs, RestoreArgs};
use crate::config::{BackupSection, Config, StoreAt};
use crate::fault::Fault;
use crate::open::make_folder;
use crate::output::Output;
use crate::progress;

/// Writes a backup and says where it is.
pub(crate) async fn backup(
    config: &Config,
    args: &BackupArgs,
    output: &Output,
) -> Result<(), Fault> {
    let lock = lock(config, args)?;
    let place = place(config)?;
    let to = folder(config, args)?;
    let bar = progress::moving();
    let backup = Backup::new(place, config.name.clone(), lock);
    let written = backup.run(&to, progress::in_stages(&bar, writing)).await;
    bar.finish_and_clear();
    tell_written(&written?, output)
}

/// Makes backups by itself, as the configuration says.
#[derive(Debug)]
pub(crate) struct Nightly {
    section: BackupSection,
    lock: Lock,
    place: Place,
    shop: Name,
}

impl Nightly {
    /// The one that is configured.
    pub(crate) fn of(config: &Config) -> Result<Option<Self>, Fault> {
        let Some(section) = config.backup.clone() else {
            return Ok(None);
        };
        Ok(Some(Self {
            lock: configured_lock(config, &section)?,
            place: place(config)?,
            shop: config.name.clone(),
            section,
        }))
    }

    async fn make(&self) -> Result<(), Fault> {
        let folder = made(&self.section.folder)?;
        let backup = Backup::new(self.place.clone(), self.shop.clone(), self.lock.clone());
        let written = backup.run(&folder, |_| {}).await?;
        tracing::info!(file = %written.path.display(), "a backup was made");
        let pruned = prune(&folder, &self.shop, self.section.keep);
        pruned.map(drop).map_err(|source| Fault::Unwritable {
            path: folder,
            source,
        })
    }
}

#[async_trait]
impl Archive for Nightly {
    fn at(&self) -> NaiveTime {
        self.section.at
    }

    async fn keep(&self) -> Result<(), ArchiveError> {
        let made = self.make().await;
        made.map_err(|fault| ArchiveError(Box::new(fault)))
    }
}

/// Where the configured shop is kept.
pub(crate) fn place(config: &Config) -> Result<Place, Fault> {
    match &config.store {
        StoreAt::Sqlite(path) => Ok(Place::File(path.clone())),
        StoreAt::Postgres(address) => Ok(Place::Database(address.clone())),
        StoreAt::Memory => Err(Fault::ShopInMemory),
    }
}

fn lock(config: &Config, args: &BackupArgs) -> Result<Lock, Fault> {
    if let Some(key) = &args.recipient {
        return Lock::recipient(key).map_err(Fault::BadRecipient);
    }
    if let Some(path) = &args.passphrase_file {
        return passphrase_lock(path);
    }
    let section = config.backup.as_ref().ok_or(Fault::NoLock)?;
    configured_lock(config, section)
}

/// What the configuration seals with.
pub(crate) fn configured_lock(config: &Config, section: &BackupSection) -> Result<Lock, Fault> {
    match (&section.recipient, &section.passphrase_file) {
        (Some(key), None) => {
            let refused = |error| {
                config
                    .refused("backup", format!("recipient: {error}"))
                    .into()
            };
            Lock::recipient(key).map_err(refused)
        }
        (None, Some(path)) => passphrase_lock(path),
        (Some(_), Some(_)) => {
            let reason = "set either recipient or passphrase_file";
            Err(config.refused("backup", reason).into())
        }
        (None, None) => Err(Fault::NoLock),
    }
}

fn passphrase_lock(path: &Path) -> Result<Lock, Fault> {
    Lock::passphrase(&read(path)?).map_err(bad(path))
}

fn bad(path: &Path) -> impl Fn(BadKey) -> Fault {
    |reason| {
        let path = path.to_owned();
        Fault::BadKeyFile { path, reason }
    }
}

fn read(path: &Path) -> Result<String, Fault> {
    fs::read_to_string(path).map_err(|source| Fault::File {
        path: path.to_owned(),
        source,
    })
}

/// Where the backup goes; the configured folder is made.
fn folder(config: &Config, args: &BackupArgs) -> Result<PathBuf, Fault> {
    match (&args.to, &config.backup) {
        (Some(to), _) => Ok(to.clone()),
        (None, Some(section)) => made(&section.folder),
        (None, None) => Ok(PathBuf::from(".")),
    }
}

/// The folder, which is made where it is not there.
pub(crate) fn made(folder: &Path) -> Result<PathBuf, Fault> {
    fs::create_dir_all(folder).map_err(|source| Fault::Unwritable {
        path: folder.to_owned(),
        source,
    })?;
    Ok(folder.to_owned())
}

fn writing(stage: Stage) -> &'static str {
    match stage {
        Stage::Copy => "writing",
        Stage::Compare => "reading it back",
        Stage::Check => "checking the invariants",
    }
}

fn tell_written(written: &Written, output: &Output) -> Result<(), Fault> {
    let rows: u64 = written.tables.iter().map(|(_, rows)| rows).sum();
    let value = json!({ "file": written.path, "at": written.at, "rows": rows });
    output.data(&value, || written.path.display().to_string())?;
    output.remark(&format!(
        "{rows} rows, read back and checked: every invariant holds.\n\
         The vault's key is not in it: keep a copy of that, too, in another place."
    ));
    Ok(())
}

/// Restores the configured shop.
pub(crate) async fn restore(
    config: &Config,
    args: &RestoreArgs,
    output: &Output,
) -> Result<(), Fault> {
    let key = key(args)?;
    let place = place(config)?;
    make_folder(config)?;
    let bar = progress::moving();
    let restore = Restore::new(&args.file, key, place.clone()).force(args.force);
    let restored = restore.run(progress::in_stages(&bar, bringing)).await;
    bar.finish_and_clear();
    tell_restored(config, &restored.map_err(refused)?, output)
}

fn key(args: &RestoreArgs) -> Result<Key, Fault> {
    match (&args.identity, &args.passphrase_file) {
        (Some(path), _) => Key::identity(&read(path)?).map_err(bad(path)),
        (None, Some(path)) => Ok(Key::passphrase(&read(path)?)),
        (None, None) => Err(Fault::NoLock),
    }
}

fn refused(error: BackupError) -> Fault {
    if matches!(error, BackupError::Occupied { .. }) {
        return Fault::RestoreOccupied(error);
    }
    error.into()
}

fn bringing(stage: Stage) -> &'static str {
    match stage {
        Stage::Copy => "writing",
        Stage::Compare => "reading",
        Stage::Check => "checking the invariants",
    }
}

fn tell_restored(config: &Config, restored: &Restored, output: &Output) -> Result<(), Fault> {
    let rows: u64 = restored.tables.iter().map(|(_, rows)| rows).sum();
    let value = json!({
        "shop": restored.shop, "at": restored.at, "rows": rows, "aside": restored.aside,
    });
    let at = restored.at.format("%Y-%m-%d %H:%M:%S UTC");
    output.data(&value, || {
        let name = restored.shop.as_str();
        format!("{name} is back at {at}: {rows} rows, every invariant holds")
    })?;
    if let Some(aside) = &restored.aside {
        output.remark(&format!("what was there is kept in {}", aside.display()));
    }
    if restored.shop != config.name {
        output.remark(&format!(
            "it opens under its own name: name = {:?}",
            restored.shop.as_str()
        ));
    }
    output.remark(
        "it needs the vault's key that it had; payments since then are asked of the gateways",
    );
    Ok(())
}

/// Makes a key that opens backups, and tells the public one.
pub(crate) fn new_key(path: &Path, output: &Output) -> Result<(), Fault> {
    let key = Key::generate();
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| {
        file.write_all(key.file().unwrap_or_default().as_bytes())?;
        file.sync_all()
    });
    written.map_err(|source| Fault::Unwritable {
        path: path.to_owned(),
        source,
    })?;
    let public = key.public().unwrap_or_default();
    output.data(&json!({ "recipient": public }), || public.clone())?;
    output.remark(&format!(
        "{} opens what is sealed for this key. Keep it away from the shop's machine, and a copy of \
         it: without it no backup opens.",
        path.display()
    ));
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::Cli;
    use crate::open;

    fn config(folder: &Path, section: &str) -> Config {
        let file = folder.join("shopbot.toml");
        let store = folder.join("shop.db");
        let backups = folder.join("backups");
        let toml = format!(
            "store = \"sqlite:{}\"\n[backup]\nfolder = {backups:?}\n{section}",
            store.display()
        );
        fs::write(&file, toml).unwrap();
        let words = ["shopbot".as_ref(), "--config".as_ref(), file.as_os_str()];
        Config::read(&Cli::parse_from(words)).unwrap()
    }

    #[tokio::test]
    async fn seven_backups_are_kept_and_only_its_own_are_pruned() {
        let folder = tempfile::tempdir().unwrap();
        let backups = folder.path().join("backups");
        fs::create_dir(&backups).unwrap();
        let public = Key::generate().public().unwrap();
        let config = config(folder.path(), &format!("recipient = {public:?}"));
        drop(open::shop(&config).await.unwrap());
        for day in 1..=9 {
            let name = format!("shop-2001010{day}-030000.shopbackup");
            fs::write(backups.join(name), "old").unwrap();
        }
        fs::write(backups.join("other.shopbackup"), "mine").unwrap();
        let nightly = Nightly::of(&config).unwrap().unwrap();
        assert_eq!(nightly.at().to_string(), "03:00:00");
        nightly.keep().await.unwrap();
        assert_eq!(fs::read_dir(&backups).unwrap().count(), 8);
        assert!(!backups.join("shop-20010103-030000.shopbackup").exists());
        assert!(backups.join("shop-20010104-030000.shopbackup").exists());
        assert!(backups.join("other.shopbackup").exists());
    }

    #[test]
    fn a_section_that_can_not_seal_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let told = |section: &str| {
            let refused = Nightly::of(&config(folder.path(), section));
            refused.unwrap_err().told()
        };
        assert!(told("").contains("shopbot key new-backup"), "{}", told(""));
        let wrong = told("recipient = \"me\"");
        assert!(wrong.contains("age1"), "{wrong}");
    }
}
