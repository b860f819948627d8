//! The journal: an append-only file of JSON lines that several processes share.
//!
//! Every access holds the file's lock and first reads what was appended since the last one, so a
//! look costs the same however long the file is. A last line that breaks off is what a crash left:
//! readers pass it over, the next writer cuts it off. Lines are not flushed to the disk one by one:
//! no money moves here.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::SandboxError;
use super::book::{Book, Entry};

/// The book, kept up with its journal where there is one.
pub(super) struct Ledger {
    journal: Option<Journal>,
    book: Book,
}

struct Journal {
    path: PathBuf,
    file: Arc<File>,
    /// Everything before is in the book.
    read_to: u64,
    lines: usize,
}

/// The file's lock, until dropped.
struct Locked(Arc<File>);

impl Drop for Locked {
    fn drop(&mut self) {
        // A lock that can't be given back goes with the process.
        let _ = self.0.unlock();
    }
}

impl Ledger {
    pub(super) fn in_memory() -> Self {
        Self {
            journal: None,
            book: Book::default(),
        }
    }

    pub(super) fn open(path: &Path) -> Result<Self, SandboxError> {
        let mut options = OpenOptions::new();
        let opened = options.create(true).read(true).append(true).open(path);
        let file = opened.map_err(|error| failed(path, error))?;
        Ok(Self {
            journal: Some(Journal {
                path: path.to_owned(),
                file: Arc::new(file),
                read_to: 0,
                lines: 0,
            }),
            book: Book::default(),
        })
    }

    /// Runs `work` while no other process uses the file.
    pub(super) fn alone<T>(&self, work: impl FnOnce() -> T) -> Result<T, SandboxError> {
        let _lock = self.journal.as_ref().map(Journal::lock).transpose()?;
        Ok(work())
    }

    /// Looks at the book as it is now.
    pub(super) fn read<T>(&mut self, look: impl FnOnce(&Book) -> T) -> Result<T, SandboxError> {
        if let Some(journal) = &mut self.journal {
            let _lock = journal.lock_shared()?;
            journal.catch_up(&mut self.book)?;
        }
        Ok(look(&self.book))
    }

    /// Decides on the book as it is now, and notes what was decided before anyone else can look.
    pub(super) fn update<T, E>(
        &mut self,
        decide: impl FnOnce(&Book) -> Result<(Option<Entry>, T), E>,
    ) -> Result<Result<T, E>, SandboxError> {
        let _lock = match &mut self.journal {
            Some(journal) => {
                let lock = journal.lock()?;
                journal.catch_up(&mut self.book)?;
                Some(lock)
            }
            None => None,
        };
        let (entry, answer) = match decide(&self.book) {
            Ok(decided) => decided,
            Err(refused) => return Ok(Err(refused)),
        };
        if let Some(entry) = entry {
            if let Some(journal) = &mut self.journal {
                journal.append(&entry)?;
            }
            self.book.apply(entry);
        }
        Ok(Ok(answer))
    }
}

impl Journal {
    fn lock(&self) -> Result<Locked, SandboxError> {
        self.file.lock().map_err(|error| self.failed(error))?;
        Ok(Locked(Arc::clone(&self.file)))
    }

    fn lock_shared(&self) -> Result<Locked, SandboxError> {
        self.file
            .lock_shared()
            .map_err(|error| self.failed(error))?;
        Ok(Locked(Arc::clone(&self.file)))
    }

    fn failed(&self, error: io::Error) -> SandboxError {
        failed(&self.path, error)
    }

    /// Takes the whole lines after `read_to` into `book`.
    fn catch_up(&mut self, book: &mut Book) -> Result<(), SandboxError> {
        let text = self.rest().map_err(|error| self.failed(error))?;
        let mut lines = text.split_inclusive(|byte| *byte == b'\n').peekable();
        while let Some(line) = lines.next() {
            let Some(whole) = line.strip_suffix(b"\n") else {
                break;
            };
            match serde_json::from_slice(whole) {
                Ok(entry) => book.apply(entry),
                Err(error) if error.is_eof() && lines.peek().is_none() => break,
                Err(_) => return Err(self.damaged()),
            }
            self.passed(line);
        }
        Ok(())
    }

    /// The line that comes next is no entry.
    fn damaged(&self) -> SandboxError {
        SandboxError::Damaged {
            path: self.path.clone(),
            line: self.lines.saturating_add(1),
        }
    }

    fn rest(&self) -> io::Result<Vec<u8>> {
        let mut file = &*self.file;
        let mut text = Vec::new();
        file.seek(SeekFrom::Start(self.read_to))?;
        file.read_to_end(&mut text)?;
        Ok(text)
    }

    fn append(&mut self, entry: &Entry) -> Result<(), SandboxError> {
        let line = self
            .write(entry)
            .map_err(|error| failed(&self.path, error))?;
        self.passed(&line);
        Ok(())
    }

    fn write(&self, entry: &Entry) -> io::Result<Vec<u8>> {
        let mut line = serde_json::to_vec(entry)?;
        line.push(b'\n');
        if self.file.metadata()?.len() > self.read_to {
            self.file.set_len(self.read_to)?;
        }
        (&*self.file).write_all(&line)?;
        Ok(line)
    }

    fn passed(&mut self, line: &[u8]) {
        let length = u64::try_from(line.len()).unwrap_or(u64::MAX);
        self.read_to = self.read_to.saturating_add(length);
        self.lines = self.lines.saturating_add(1);
    }
}

fn failed(path: &Path, source: io::Error) -> SandboxError {
    SandboxError::Io {
        path: path.to_owned(),
        source,
    }
}
