//! The journal: the audit once more, in a file of JSON lines beside the database.
//!
//! Each line is numbered and ends with the SHA-256 of the line before it and itself, so that a
//! line that is changed, taken out or moved breaks all that follow. Where the file goes on is read
//! from its own end: a crash loses nothing and doubles nothing.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;
use tokio::task::spawn_blocking;
use uuid::Uuid;

use crate::audit::{Actor, Edge, Entity, Record};
use crate::id::{AuditId, first_at};
use crate::service::Shop;
use crate::store::StoreError;
use crate::time::Timestamp;

/// A file that has grown so long is followed by another.
const LONGEST: u64 = 16 << 20;
/// An entry is named before its batch is committed; what is older gets no neighbours any more.
const APPEARS: TimeDelta = TimeDelta::hours(1);
const ENTRIES_AT_ONCE: u32 = 1_000;
/// A line's hash stands between these.
const BEFORE: &str = ",\"hash\":\"";
const AFTER: &str = "\"}";
const HASH_LENGTH: usize = 64;

/// Why the journal can't be kept, or is not what was written.
#[derive(Debug, Error)]
pub enum JournalError {
    /// A file can't be read or written.
    #[error("the audit's file {} can't be used", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A line is not what was written.
    #[error("line {line} of {} {flaw}; it was changed, and a copy of it is needed to go on", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// Its line, from 1.
        line: usize,
        /// What is wrong with it.
        flaw: Flaw,
    },
    /// The store can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Flaw {
    /// It is no entry.
    #[error("is no entry")]
    Unreadable,
    /// Its number does not follow.
    #[error("does not follow the line before it")]
    Misplaced,
    /// Its hash is of something else.
    #[error("does not have the hash of its content")]
    Forged,
    /// The shop's audit tells something else in its place.
    #[error("is not what the shop's audit tells (after a restore, move the file aside)")]
    Foreign,
}

/// An entry as the file tells it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Line {
    number: u64,
    id: AuditId,
    at: Timestamp,
    actor: Actor,
    entity: Entity,
    action: String,
    edge: Option<Edge>,
    details: serde_json::Value,
}

impl Line {
    fn of(number: u64, record: &Record) -> Self {
        let entry = record.entry.clone();
        Self {
            number,
            id: entry.id,
            at: record.at,
            actor: record.actor.clone(),
            entity: entry.entity,
            action: entry.action,
            edge: entry.edge,
            details: entry.details,
        }
    }
}

/// Where the next line goes on.
#[derive(Debug, Clone, PartialEq)]
struct End {
    lines: u64,
    last: AuditId,
    hash: String,
}

impl End {
    fn beginning() -> Self {
        Self {
            lines: 0,
            last: AuditId::from(Uuid::nil()),
            hash: String::new(),
        }
    }

    /// The line of a record, and the end behind it.
    fn write(&self, record: &Record) -> io::Result<(String, Self)> {
        let line = Line::of(self.lines.saturating_add(1), record);
        let body = serde_json::to_string(&line)?;
        let body = body.strip_suffix('}').unwrap_or(&body);
        let hash = hashed(&self.hash, body);
        let text = format!("{body}{BEFORE}{hash}{AFTER}\n");
        let end = Self {
            lines: line.number,
            last: line.id,
            hash,
        };
        Ok((text, end))
    }

    /// The end behind a line that follows this one.
    fn follow(&self, text: &str) -> Result<(Line, Self), Flaw> {
        let (line, body, hash) = parsed(text)?;
        if line.number != self.lines.saturating_add(1) {
            return Err(Flaw::Misplaced);
        }
        if hashed(&self.hash, body) != hash {
            return Err(Flaw::Forged);
        }
        let end = Self {
            lines: line.number,
            last: line.id,
            hash: hash.to_owned(),
        };
        Ok((line, end))
    }
}

/// A line's entry, what is hashed of it, and its hash.
fn parsed(text: &str) -> Result<(Line, &str, &str), Flaw> {
    let hashed = text.strip_suffix(AFTER).ok_or(Flaw::Unreadable)?;
    let (body, hash) = hashed.rsplit_once(BEFORE).ok_or(Flaw::Unreadable)?;
    let line = serde_json::from_str(&format!("{body}}}")).map_err(|_| Flaw::Unreadable)?;
    if hash.len() == HASH_LENGTH {
        Ok((line, body, hash))
    } else {
        Err(Flaw::Unreadable)
    }
}

fn hashed(before: &str, body: &str) -> String {
    let digest = Sha256::new().chain_update(before).chain_update(body);
    let bytes = digest.finalize();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The journal of a shop, in the file that is named and those before it, which end with a number.
#[derive(Debug, Clone)]
pub struct Journal {
    path: PathBuf,
    longest: u64,
}

impl Journal {
    /// The journal in this file.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self {
            path,
            longest: LONGEST,
        }
    }

    /// Begins another file where one has so many bytes.
    #[must_use]
    pub fn rotated_at(mut self, longest: u64) -> Self {
        self.longest = longest;
        self
    }

    /// Writes what the shop's audit has and the file has not, but for the last hour's; tells how
    /// many entries. What is written is on the disk when it returns.
    ///
    /// # Errors
    /// [`JournalError`]; what was written stays written.
    pub async fn extend(&self, shop: &Shop) -> Result<usize, JournalError> {
        let journal = self.clone();
        let mut end = blocking(move || journal.begin()).await?;
        let (settled, mut written) = (first_at::<AuditId>(shop.now() - APPEARS), 0_usize);
        loop {
            let found = shop
                .store()
                .follow_audit(shop.id(), end.last, ENTRIES_AT_ONCE)
                .await?;
            let due: Vec<_> = found
                .into_iter()
                .take_while(|record| record.entry.id < settled)
                .collect();
            if due.is_empty() {
                return Ok(written);
            }
            written = written.saturating_add(due.len());
            let journal = self.clone();
            end = blocking(move || journal.append(end, &due)).await?;
        }
    }

    /// Holds every line against the one before it and against the shop's audit; tells how many
    /// there are.
    ///
    /// # Errors
    /// [`JournalError::Broken`] with the first line that is not what was written.
    pub async fn verify(&self, shop: &Shop) -> Result<u64, JournalError> {
        let (mut end, mut told) = (End::beginning(), Vec::new().into_iter());
        for path in self.files()? {
            let text = fs::read_to_string(&path).map_err(|error| failed(&path, error))?;
            for (index, text) in whole(&text).lines().enumerate() {
                let broken = |flaw| JournalError::Broken {
                    path: path.clone(),
                    line: index.saturating_add(1),
                    flaw,
                };
                let (line, behind) = end.follow(text).map_err(broken)?;
                if told.len() == 0 {
                    let store = shop.store();
                    let next = store.follow_audit(shop.id(), end.last, ENTRIES_AT_ONCE);
                    told = next.await?.into_iter();
                }
                let record: Option<Record> = told.next();
                if record.is_none_or(|record| Line::of(line.number, &record) != line) {
                    return Err(broken(Flaw::Foreign));
                }
                end = behind;
            }
        }
        Ok(end.lines)
    }

    /// The files that are there, oldest first.
    fn files(&self) -> Result<Vec<PathBuf>, JournalError> {
        let numbered = (1_u32..).map(|number| self.numbered(number));
        let mut files: Vec<_> = numbered.take_while(|path| path.exists()).collect();
        if self.path.exists() {
            files.push(self.path.clone());
        }
        Ok(files)
    }

    fn numbered(&self, number: u32) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(format!(".{number}"));
        name.into()
    }

    fn begin(&self) -> Result<End, JournalError> {
        let _turn = self.lock()?;
        self.resume()
    }

    /// Cuts a line that was not written whole, and reads where the next one goes on.
    fn resume(&self) -> Result<End, JournalError> {
        for path in self.files()?.into_iter().rev() {
            let text = fs::read(&path).map_err(|error| failed(&path, error))?;
            let length = text
                .iter()
                .rposition(|byte| *byte == b'\n')
                .map_or(0, |at| at + 1);
            if length < text.len() {
                cut(&path, length).map_err(|error| failed(&path, error))?;
            }
            let text = String::from_utf8_lossy(&text[..length]);
            let Some(last) = text.lines().last() else {
                continue;
            };
            let read = parsed(last).map_err(|flaw| JournalError::Broken {
                path: path.clone(),
                line: text.lines().count(),
                flaw,
            });
            let (line, _, hash) = read?;
            return Ok(End {
                lines: line.number,
                last: line.id,
                hash: hash.to_owned(),
            });
        }
        Ok(End::beginning())
    }

    /// Writes records behind `end`, unless another process has gone on from there; tells the end.
    fn append(&self, end: End, records: &[Record]) -> Result<End, JournalError> {
        let _turn = self.lock()?;
        let here = self.resume()?;
        if here != end {
            return Ok(here);
        }
        self.rotate()?;
        let failed = |error| failed(&self.path, error);
        let (mut end, mut lines) = (end, String::new());
        for record in records {
            let (line, behind) = end.write(record).map_err(failed)?;
            lines.push_str(&line);
            end = behind;
        }
        let file = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.path);
        let mut file = file.map_err(failed)?;
        file.write_all(lines.as_bytes()).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        Ok(end)
    }

    fn rotate(&self) -> Result<(), JournalError> {
        let length = fs::metadata(&self.path).map_or(0, |found| found.len());
        if length < self.longest {
            return Ok(());
        }
        let mut numbered = (1_u32..).map(|number| self.numbered(number));
        let Some(next) = numbered.find(|path| !path.exists()) else {
            return Ok(());
        };
        fs::rename(&self.path, next).map_err(|error| failed(&self.path, error))
    }

    /// Held until it is dropped.
    fn lock(&self) -> Result<File, JournalError> {
        let mut path = self.path.clone().into_os_string();
        path.push(".lock");
        let path = PathBuf::from(path);
        let open = OpenOptions::new().create(true).append(true).open(&path);
        let locked = open.and_then(|file| file.lock().map(|()| file));
        locked.map_err(|error| failed(&path, error))
    }
}

/// The lines of a text that were written whole.
fn whole(text: &str) -> &str {
    text.rfind('\n').map_or("", |at| &text[..=at])
}

fn cut(path: &Path, length: usize) -> io::Result<()> {
    let file = OpenOptions::new().write(true).open(path)?;
    file.set_len(u64::try_from(length).map_err(io::Error::other)?)?;
    file.sync_all()
}

fn failed(path: &Path, source: io::Error) -> JournalError {
    let path = path.to_owned();
    JournalError::File { path, source }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, JournalError> + Send + 'static,
) -> Result<T, JournalError> {
    match spawn_blocking(work).await {
        Ok(done) => done,
        Err(ended) => Err(failed(Path::new(""), io::Error::other(ended))),
    }
}
