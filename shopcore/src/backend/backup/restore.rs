//! Restoring a shop: its rows are judged in a scratch database, and then put in their place at once.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::lock::Key;
use super::reading::{Taken, is_there, take};
use super::writing::{Tell, sync_folder};
use super::{BackupError, Place};
use crate::backend::migration::{Progress, Shape, Stage, summed};
use crate::backend::postgres::{Address, Receiver};
use crate::backend::sqlite::Occupants;
use crate::id::ShopId;
use crate::text::Name;
use crate::time::{Clock, SystemClock, Timestamp};

/// A shop that was restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Its name.
    pub shop: Name,
    /// The moment it is back at.
    pub at: Timestamp,
    /// Each table with its rows.
    pub tables: Vec<(&'static str, u64)>,
    /// Where the file lies that was in its place.
    pub aside: Option<PathBuf>,
}

/// Brings a backup into an empty store.
#[derive(Debug, Clone)]
pub struct Restore {
    from: PathBuf,
    key: Key,
    to: Place,
    is_forced: bool,
}

impl Restore {
    /// Brings the backup in the file `from`, which `key` opens, to `to`.
    #[must_use]
    pub fn new(from: impl Into<PathBuf>, key: Key, to: Place) -> Self {
        Self {
            from: from.into(),
            key,
            to,
            is_forced: false,
        }
    }

    /// Also where the shop is: a file is kept aside, in a database the shop's rows are replaced.
    #[must_use]
    pub fn force(mut self, is_forced: bool) -> Self {
        self.is_forced = is_forced;
        self
    }

    /// Restores the shop, and tells how far it is. Nobody may have it open.
    ///
    /// # Errors
    /// [`BackupError`]; the store is as it was.
    pub async fn run(self, mut tell: impl FnMut(Progress) + Send) -> Result<Restored, BackupError> {
        let tell: Tell<'_> = &mut tell;
        match self.to.clone() {
            Place::File(path) => self.into_file(&path, tell).await,
            Place::Database(address) => self.into_database(address, tell).await,
        }
    }

    async fn into_file(self, path: &Path, tell: Tell<'_>) -> Result<Restored, BackupError> {
        let occupants = occupants(path).await?;
        if !occupants.is_empty() && !self.is_forced {
            return Err(occupied(self.to, occupants));
        }
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".restoring-{}", std::process::id()));
        let fresh = Fresh(path.with_file_name(name));
        let taken = take(self.from, self.key, Some(fresh.0.clone()), tell).await?;
        taken.judge(tell).await?;
        let others = occupants.iter().map(|(_, name)| name);
        let others: Vec<_> = others.filter(|name| **name != taken.header.shop).collect();
        if !others.is_empty() {
            let (path, shops) = (path.to_owned(), others.into_iter().cloned().collect());
            return Err(BackupError::OtherShops { path, shops });
        }
        let told = restored(&taken, None);
        taken.rows.leave();
        let aside = (!occupants.is_empty()).then(|| aside(path));
        place(&fresh.0, path, aside.as_deref()).map_err(|source| BackupError::Unwritable {
            path: path.to_owned(),
            source,
        })?;
        Ok(Restored { aside, ..told })
    }

    async fn into_database(
        self,
        address: Address,
        tell: Tell<'_>,
    ) -> Result<Restored, BackupError> {
        let mut database = Receiver::finished(address).await?;
        let taken = take(self.from, self.key, None, tell).await?;
        taken.judge(tell).await?;
        database.try_out().await?;
        let shops = database.shops().await?.into_iter();
        let same =
            |(id, name): &(ShopId, Name)| *id == taken.header.id || *name == taken.header.shop;
        let occupants: Vec<_> = shops.filter(same).collect();
        if !occupants.is_empty() && !self.is_forced {
            return Err(occupied(self.to, occupants));
        }
        for (id, _) in occupants {
            database.clear(id).await?;
        }
        copy(&taken, &mut database, tell).await?;
        for (shape, _) in &taken.shapes {
            compare(&taken, shape, &mut database).await?;
        }
        database.keep().await?;
        Ok(restored(&taken, None))
    }
}

async fn occupants(path: &Path) -> Result<Vec<(ShopId, Name)>, BackupError> {
    match is_there(path) {
        true => Ok(Occupants::of(path.to_owned()).await?.0),
        false => Ok(Vec::new()),
    }
}

fn occupied(place: Place, shops: Vec<(ShopId, Name)>) -> BackupError {
    let place = Box::new(place);
    let shops = shops.into_iter().map(|(_, name)| name).collect();
    BackupError::Occupied { place, shops }
}

fn restored(taken: &Taken, aside: Option<PathBuf>) -> Restored {
    Restored {
        shop: taken.header.shop.clone(),
        at: taken.header.at,
        tables: summed(&taken.shapes),
        aside,
    }
}

/// Where a file is kept that another one takes the place of.
fn aside(path: &Path) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(
        SystemClock
            .now()
            .format("-before-%Y%m%d-%H%M%S%.6f")
            .to_string(),
    );
    let aside = path.with_file_name(name);
    let mut aside = aside.into_os_string();
    aside.push(".db");
    aside.into()
}

/// Puts the new file where the old one is.
fn place(fresh: &Path, path: &Path, aside: Option<&Path>) -> std::io::Result<()> {
    for ending in ["-wal", "-shm"] {
        let mut log = path.as_os_str().to_owned();
        log.push(ending);
        if is_there(Path::new(&log)) {
            // Someone opened it since it was looked at.
            return Err(std::io::ErrorKind::ResourceBusy.into());
        }
    }
    if let Some(aside) = aside {
        fs::rename(path, aside)?;
    }
    if let Err(error) = fs::rename(fresh, path) {
        if let Some(aside) = aside {
            fs::rename(aside, path)?;
        }
        return Err(error);
    }
    sync_folder(path)
}

/// A database that is gone where it never came to its place.
struct Fresh(PathBuf);

impl Drop for Fresh {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.0) {
            tracing::debug!(%error, "a scratch database is not there any more");
        }
    }
}

async fn copy(taken: &Taken, to: &mut Receiver, tell: Tell<'_>) -> Result<(), BackupError> {
    let mut progress = Progress {
        stage: Stage::Copy,
        done: 0,
        all: taken.header.rows(),
    };
    tell(progress);
    for (shape, _) in &taken.shapes {
        let mut chunks = taken.rows.rows(shape, None);
        while let Some(chunk) = chunks.recv().await {
            let chunk = chunk?;
            to.take(shape, &chunk).await?;
            progress.done = progress.done.saturating_add(chunk.rows);
            tell(progress);
        }
    }
    Ok(())
}

/// Compares the rows of both sides.
async fn compare(taken: &Taken, shape: &Shape, there: &mut Receiver) -> Result<(), BackupError> {
    let mut own = Sha256::new();
    let mut chunks = taken.rows.rows(shape, None);
    while let Some(chunk) = chunks.recv().await {
        own.update(&chunk?.text);
    }
    let mut other = Sha256::new();
    let theirs = there.shape_of(shape.part(), taken.header.id).await?;
    let table = shape.part().table;
    let Some(theirs) = theirs.ordered(shape.columns()) else {
        return Err(BackupError::Differs { table });
    };
    there.read(&theirs, |text| other.update(text)).await?;
    match own.finalize() == other.finalize() {
        true => Ok(()),
        false => Err(BackupError::Differs { table }),
    }
}
