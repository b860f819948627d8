//! Writing a backup beside its place, reading it back, and only then putting it there.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use super::format::Header;
use super::keeping::file_name;
use super::lock::{Key, Lock};
use super::source::Source;
use super::{Backup, BackupError, Place, Written, reading};
use crate::backend::migration::{Progress, Shape, Stage, summed};
use crate::backend::sqlite::KNOWN_SCHEMA;
use crate::id::ShopId;
use crate::text::Name;
use crate::time::{Clock, SystemClock};

/// How many pieces wait to be written.
const WAITING: usize = 4;

pub(super) type Tell<'tell> = &'tell mut (dyn FnMut(Progress) + Send);

pub(super) async fn run(backup: Backup, to: &Path, tell: Tell<'_>) -> Result<Written, BackupError> {
    let Backup { from, shop, lock } = backup;
    let Some((mut source, id)) = find(&from, &shop).await? else {
        let place = Box::new(from);
        return Err(BackupError::NoShop { place, shop });
    };
    let at = SystemClock.now();
    let path = match to.is_dir() {
        true => to.join(file_name(&shop, at)),
        false => to.to_owned(),
    };
    let parts = source.parts(id).await?;
    let header = Header::new((id, shop), at, KNOWN_SCHEMA, &parts);
    let (fresh, file) = Fresh::make(path)?;
    let key = write(&mut source, &parts, &header, (file, lock), &fresh, tell).await?;
    let taken = reading::take(fresh.beside.clone(), key, None, tell).await?;
    if taken.header != header {
        let what = "its header changed".to_owned();
        let path = fresh.path.clone();
        return Err(BackupError::Damaged { path, what });
    }
    taken.judge(tell).await?;
    let path = fresh.keep()?;
    let tables = summed(&parts);
    Ok(Written { path, at, tables })
}

/// The store at one moment, and the shop of this name in it.
async fn find(place: &Place, shop: &Name) -> Result<Option<(Source, ShopId)>, BackupError> {
    let Some(mut source) = Source::open(place).await? else {
        return Ok(None);
    };
    Ok(source.find(shop).await?.map(|id| (source, id)))
}

/// Writes everything, and tells what opens it.
async fn write(
    source: &mut Source,
    parts: &[(Shape, u64)],
    header: &Header,
    (file, lock): (File, Lock),
    fresh: &Fresh,
    tell: Tell<'_>,
) -> Result<Key, BackupError> {
    let line = header
        .line()
        .map_err(|error| fresh.unwritable(error.into()))?;
    let (to, pieces) = mpsc::channel(WAITING);
    let writing = spawn_blocking(move || seal(file, lock, &line, pieces));
    let mut progress = Progress {
        stage: Stage::Copy,
        done: 0,
        all: header.rows(),
    };
    tell(progress);
    for (shape, rows) in parts {
        source.send(shape, &to).await?;
        progress.done = progress.done.saturating_add(*rows);
        tell(progress);
    }
    drop(to);
    match writing.await {
        Ok(written) => written.map_err(|error| fresh.unwritable(error)),
        Err(crash) => Err(BackupError::Crashed(crash.to_string())),
    }
}

fn seal(
    file: File,
    lock: Lock,
    line: &[u8],
    mut pieces: mpsc::Receiver<Vec<u8>>,
) -> io::Result<Key> {
    let (mut sealed, key) = lock.seal(BufWriter::new(file))?;
    sealed.write_all(line)?;
    while let Some(piece) = pieces.blocking_recv() {
        sealed.write_all(&piece)?;
    }
    let mut rest = sealed.finish()?;
    rest.flush()?;
    rest.get_ref().sync_all()?;
    Ok(key)
}

/// A file that lies beside its place until it is good; it is gone where it never is.
struct Fresh {
    path: PathBuf,
    beside: PathBuf,
}

impl Fresh {
    fn make(path: PathBuf) -> Result<(Self, File), BackupError> {
        if path.exists() {
            return Err(BackupError::Exists { path });
        }
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".part-{}", std::process::id()));
        let beside = path.with_file_name(name);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        match options.open(&beside) {
            Ok(file) => Ok((Self { path, beside }, file)),
            Err(source) => Err(BackupError::Unwritable { path, source }),
        }
    }

    /// Puts it in its place, for good.
    fn keep(self) -> Result<PathBuf, BackupError> {
        // A link, since a rename would replace what came there meanwhile.
        let linked = fs::hard_link(&self.beside, &self.path);
        let linked = linked.and_then(|()| sync_folder(&self.path));
        match linked {
            Ok(()) => Ok(self.path.clone()),
            Err(source) => Err(self.unwritable(source)),
        }
    }

    fn unwritable(&self, source: io::Error) -> BackupError {
        let path = self.path.clone();
        BackupError::Unwritable { path, source }
    }
}

impl Drop for Fresh {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_file(&self.beside) {
            tracing::debug!(%error, "what was written beside a backup stays");
        }
    }
}

/// Makes a file's name last as long as the file.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}
