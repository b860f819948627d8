//! Taking a backup into a scratch database, where it is judged before anyone uses it.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use age::DecryptError;
use chrono::Duration;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use super::BackupError;
use super::format::{self, Header, Mark};
use super::lock::Key;
use super::writing::Tell;
use crate::backend::migration::{Part, Progress, Shape, Stage};
use crate::backend::sqlite::{KNOWN_SCHEMA, Scratch, Sender};
use crate::invariant::{Rules, check};
use crate::time::{Clock, SystemClock};

/// How many rows are told of at once.
const STEP: u64 = 1_000;

/// The rows of a backup in a database of their own.
pub(super) struct Taken {
    pub(super) header: Header,
    pub(super) shapes: Vec<(Shape, u64)>,
    pub(super) rows: Sender,
}

impl Taken {
    /// Whether the rows are those of one shop that keeps every invariant.
    pub(super) async fn judge(&self, tell: Tell<'_>) -> Result<(), BackupError> {
        let mut progress = Progress {
            stage: Stage::Check,
            done: 0,
            all: 1,
        };
        tell(progress);
        // Nobody ended overdue invoices meanwhile.
        let rules = Rules {
            now: SystemClock.now(),
            expiry_period: Duration::MAX,
        };
        let snapshot = self.rows.snapshot(self.header.id).await?;
        match check(&snapshot, &rules).violations() {
            0 => {
                progress.done = 1;
                tell(progress);
                Ok(())
            }
            violations => {
                let shop = self.header.shop.clone();
                Err(BackupError::Violated { shop, violations })
            }
        }
    }
}

/// Decrypts the file and takes every row into a scratch database at `at`, or into one that goes by
/// itself.
pub(super) async fn take(
    path: PathBuf,
    key: Key,
    at: Option<PathBuf>,
    tell: Tell<'_>,
) -> Result<Taken, BackupError> {
    let (to, mut told) = mpsc::unbounded_channel();
    let reading = spawn_blocking(move || Reading { path, to }.take(&key, at));
    while let Some(progress) = told.recv().await {
        tell(progress);
    }
    reading
        .await
        .unwrap_or_else(|crash| Err(BackupError::Crashed(crash.to_string())))
}

struct Reading {
    path: PathBuf,
    to: mpsc::UnboundedSender<Progress>,
}

impl Reading {
    fn take(&self, key: &Key, at: Option<PathBuf>) -> Result<Taken, BackupError> {
        let file = File::open(&self.path).map_err(|source| BackupError::Unreadable {
            path: self.path.clone(),
            source,
        })?;
        let opened = key.open(BufReader::new(file));
        let mut lines = BufReader::new(opened.map_err(|error| self.closed(&error))?);
        let header = self.header(&mut lines)?;
        let scratch = Scratch::open(at)?;
        let shapes = self.shapes(&scratch, &header)?;
        self.rows(&mut lines, &scratch, &header, &shapes)?;
        let rest = lines.fill_buf().map_err(|error| self.cut(&error))?;
        if !rest.is_empty() {
            return Err(self.damaged("there is more in it than it says"));
        }
        let rows = scratch.settle()?;
        Ok(Taken {
            header,
            shapes,
            rows,
        })
    }

    fn header(&self, lines: &mut impl BufRead) -> Result<Header, BackupError> {
        let path = || self.path.clone();
        let line = self.line(lines)?;
        let Some(mark) = Mark::of(&line) else {
            return Err(BackupError::NotABackup { path: path() });
        };
        if mark.format > format::KNOWN || mark.schema > KNOWN_SCHEMA {
            return Err(BackupError::Newer { path: path() });
        }
        let header = serde_json::from_slice(&line);
        header.map_err(|_| self.damaged("its header can't be read"))
    }

    /// What the header says of the rows, if this program knows just these.
    fn shapes(&self, scratch: &Scratch, header: &Header) -> Result<Vec<(Shape, u64)>, BackupError> {
        let odd = || self.damaged("its tables are not those of a shop");
        if header.parts.len() != Part::ALL.len() {
            return Err(odd());
        }
        let pairs = Part::ALL.into_iter().zip(&header.parts);
        let shapes = pairs.map(|(part, own)| {
            let shape = scratch.shape(part, header.id)?;
            let shape = shape.ordered(&own.columns);
            let shape = shape.filter(|shape| shape.part().table == own.table);
            Ok((shape.ok_or_else(odd)?, own.rows))
        });
        shapes.collect()
    }

    fn rows(
        &self,
        lines: &mut impl BufRead,
        scratch: &Scratch,
        header: &Header,
        shapes: &[(Shape, u64)],
    ) -> Result<(), BackupError> {
        let mut progress = Progress {
            stage: Stage::Compare,
            done: 0,
            all: header.rows(),
        };
        for (shape, rows) in shapes {
            for _ in 0..*rows {
                let line = self.line(lines)?;
                let taken = scratch.take(shape, header.id, &line);
                taken.map_err(|error| self.damaged(&error.to_string()))?;
                progress.done = progress.done.saturating_add(1);
                if progress.done.is_multiple_of(STEP) {
                    self.tell(progress);
                }
            }
        }
        self.tell(progress);
        Ok(())
    }

    /// A line without its end.
    fn line(&self, lines: &mut impl BufRead) -> Result<Vec<u8>, BackupError> {
        let mut line = Vec::new();
        let read = lines.read_until(b'\n', &mut line);
        read.map_err(|error| self.cut(&error))?;
        match line.pop() {
            Some(b'\n') => Ok(line),
            Some(_) | None => Err(self.damaged("it ends too soon")),
        }
    }

    fn tell(&self, progress: Progress) {
        // Whoever asked has gone.
        let _ = self.to.send(progress);
    }

    fn cut(&self, error: &io::Error) -> BackupError {
        self.damaged(&error.to_string())
    }

    fn damaged(&self, what: &str) -> BackupError {
        BackupError::Damaged {
            path: self.path.clone(),
            what: what.to_owned(),
        }
    }

    fn closed(&self, error: &DecryptError) -> BackupError {
        let path = || self.path.clone();
        match error {
            DecryptError::NoMatchingKeys
            | DecryptError::DecryptionFailed
            | DecryptError::KeyDecryptionFailed => BackupError::WrongKey { path: path() },
            DecryptError::UnknownFormat | DecryptError::InvalidHeader => {
                BackupError::NotABackup { path: path() }
            }
            DecryptError::Io(source) => self.cut(source),
            DecryptError::InvalidMac | DecryptError::ExcessiveWork { .. } | _ => {
                self.damaged(&error.to_string())
            }
        }
    }
}

/// Whether there is something at this path.
pub(super) fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}
