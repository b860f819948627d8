//! Opening a database file: its creation, its settings, and what may be wrong with it.

use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use thiserror::Error;
use tokio::task::spawn_blocking;

use super::SqliteStore;
use super::failure::Outage;
use super::pool::Pool;
use super::rows::Sql;
use super::schema;
use super::writer::Writer;
use crate::time::{Clock, SystemClock};

/// How long a statement waits for a lock of another program.
const BUSY: Duration = Duration::from_secs(5);

/// How often and how long the switch to a write-ahead log waits: SQLite itself does not.
const WAL_TRIES: u32 = 100;
const WAL_PAUSE: Duration = Duration::from_millis(50);

/// Statements kept prepared on each connection.
const STATEMENTS: usize = 160;

/// Why a database file was not opened.
#[derive(Debug, Error)]
pub enum OpenError {
    /// Its directory is not there.
    #[error("there is no directory for {path}")]
    NoDirectory {
        /// The file.
        path: PathBuf,
    },
    /// It can't be created or written.
    #[error("{path} can't be written")]
    NotWritable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// It is something else than a SQLite database.
    #[error("{path} is not a database")]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// It is a database of another program.
    #[error("{path} is the database of another program")]
    NotAShop {
        /// The file.
        path: PathBuf,
    },
    /// A newer version of this program wrote it.
    #[error("{path} has schema {found}; this program knows up to {known}: use a newer program")]
    NewerSchema {
        /// The file.
        path: PathBuf,
        /// Its schema version.
        found: u32,
        /// The newest that is known.
        known: u32,
    },
    /// Its shops are elsewhere now.
    #[error("the shops in {path} have moved to {address}")]
    Moved {
        /// The file.
        path: PathBuf,
        /// Where they are.
        address: String,
    },
    /// Another program has it locked.
    #[error("{path} is locked by another program")]
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// The database engine fails on it.
    #[error("{path} can't be opened")]
    Failed {
        /// The file.
        path: PathBuf,
        /// How.
        #[source]
        source: Outage,
    },
}

/// How to open a [`SqliteStore`].
#[derive(Debug, Clone)]
pub struct Options {
    path: PathBuf,
    clock: Arc<dyn Clock>,
    readers: usize,
}

impl Options {
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            path,
            clock: Arc::new(SystemClock),
            readers: 4,
        }
    }

    /// The clock of leases and claims.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// How many connections read; at least two, so that a long read never blocks look-ups.
    #[must_use]
    pub fn readers(mut self, readers: usize) -> Self {
        self.readers = readers.max(2);
        self
    }

    /// Opens the file, makes it where it is not there, and brings its schema up to date.
    ///
    /// # Errors
    /// [`OpenError`]; a file that is refused is left as it was.
    pub async fn open(self) -> Result<SqliteStore, OpenError> {
        let path = self.path.clone();
        let opened = spawn_blocking(move || self.open_here()).await;
        opened.unwrap_or_else(|error| {
            let source = Outage::Refused(error.to_string());
            Err(OpenError::Failed { path, source })
        })
    }

    fn open_here(self) -> Result<SqliteStore, OpenError> {
        create(&self.path)?;
        let told = |error| tell(&self.path, error);
        let writer = Connection::open_with_flags(&self.path, flags(Access::Write)).map_err(told)?;
        settle(&writer).map_err(told)?;
        let moved = check(&self.path, &writer)?;
        if let Some(address) = moved {
            let path = self.path;
            return Err(OpenError::Moved { path, address });
        }
        set_up_writer(&writer).map_err(told)?;
        schema::migrate(&writer).map_err(told)?;
        let readers = (0..self.readers).map(|_| open_reader(&self.path));
        let readers: Vec<_> = readers.collect::<Sql<_>>().map_err(told)?;
        let writer = Writer::start(writer).map_err(|source| OpenError::NotWritable {
            path: self.path.clone(),
            source,
        })?;
        Ok(SqliteStore {
            pool: Pool::new(readers),
            writer,
            clock: self.clock,
            path: self.path,
        })
    }
}

/// Opens a shop file that is there, for one program alone: nobody else may have it open, or open it
/// meanwhile.
#[cfg(feature = "postgres")]
pub(super) fn open_alone(path: &Path) -> Result<Connection, OpenError> {
    let told = |error| tell(path, error);
    let conn = Connection::open_with_flags(path, flags(Access::Write)).map_err(told)?;
    settle(&conn).map_err(told)?;
    conn.pragma_update(None, "locking_mode", "exclusive")
        .map_err(told)?;
    conn.execute_batch("BEGIN EXCLUSIVE; COMMIT")
        .map_err(told)?;
    check(path, &conn)?;
    set_up_writer(&conn).map_err(told)?;
    schema::migrate(&conn).map_err(told)?;
    Ok(conn)
}

/// Opens a shop file that others may have open, and sees it as it is now until it is closed.
#[cfg(feature = "backup")]
pub(super) fn open_beside(path: &Path) -> Result<Connection, OpenError> {
    let told = |error| tell(path, error);
    let conn = Connection::open_with_flags(path, flags(Access::Write)).map_err(told)?;
    settle(&conn).map_err(told)?;
    if let Some(address) = check(path, &conn)? {
        let path = path.to_owned();
        return Err(OpenError::Moved { path, address });
    }
    schema::migrate(&conn).map_err(told)?;
    conn.pragma_update(None, "query_only", true).map_err(told)?;
    // The first read fixes the moment.
    conn.execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema;")
        .map_err(told)?;
    Ok(conn)
}

/// Makes a database with empty tables: at `path`, or in a file that has no name and goes with it.
#[cfg(feature = "backup")]
pub(super) fn open_scratch(path: Option<&Path>) -> Result<Connection, OpenError> {
    let at = path.unwrap_or(Path::new(""));
    if let Some(path) = path {
        create(path)?;
    }
    let told = |error| tell(at, error);
    let conn = Connection::open(at).map_err(told)?;
    settle(&conn).map_err(told)?;
    conn.pragma_update(None, "page_size", 4_096).map_err(told)?;
    conn.pragma_update(None, "synchronous", "FULL")
        .map_err(told)?;
    schema::migrate(&conn).map_err(told)?;
    conn.pragma_update(None, "foreign_keys", true)
        .map_err(told)?;
    Ok(conn)
}

/// Refuses what is not ours before anything is changed; tells where its shops have moved, if so.
fn check(path: &Path, conn: &Connection) -> Result<Option<String>, OpenError> {
    let told = |error| tell(path, error);
    let file = schema::Identity::of(conn).map_err(told)?;
    let path = path.to_owned();
    if file.is_foreign() {
        return Err(OpenError::NotAShop { path });
    }
    let (found, known) = (file.version, schema::KNOWN);
    if found > known {
        return Err(OpenError::NewerSchema { path, found, known });
    }
    if conn.is_readonly("main").map_err(told)? {
        let source = io::ErrorKind::PermissionDenied.into();
        return Err(OpenError::NotWritable { path, source });
    }
    Ok(file.moved)
}

fn tell(path: &Path, error: rusqlite::Error) -> OpenError {
    let path = path.to_owned();
    if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) {
        return OpenError::NotADatabase { path };
    }
    match Outage::from(error) {
        Outage::Locked => OpenError::Locked { path },
        Outage::ReadOnly => OpenError::NotWritable {
            path,
            source: io::ErrorKind::PermissionDenied.into(),
        },
        source @ (Outage::DiskFull
        | Outage::Disk(_)
        | Outage::Damaged(_)
        | Outage::Refused(_)
        | Outage::Closed) => OpenError::Failed { path, source },
    }
}

#[derive(Clone, Copy)]
enum Access {
    Read,
    Write,
}

fn flags(access: Access) -> OpenFlags {
    let mode = match access {
        Access::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
        Access::Write => OpenFlags::SQLITE_OPEN_READ_WRITE,
    };
    mode | OpenFlags::SQLITE_OPEN_NO_MUTEX
}

/// Makes an empty file that only its owner may read; its log inherits that.
fn create(path: &Path) -> Result<(), OpenError> {
    if path.is_dir() {
        let path = path.to_owned();
        return Err(OpenError::NotADatabase { path });
    }
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let Err(source) = options.open(path) else {
        return Ok(());
    };
    let path = path.to_owned();
    let is = |kind| source.kind() == kind;
    if is(io::ErrorKind::AlreadyExists) {
        Ok(())
    } else if is(io::ErrorKind::NotFound) || is(io::ErrorKind::NotADirectory) {
        Err(OpenError::NoDirectory { path })
    } else {
        Err(OpenError::NotWritable { path, source })
    }
}

/// What every connection needs.
fn settle(conn: &Connection) -> Sql<()> {
    conn.busy_timeout(BUSY)?;
    conn.set_prepared_statement_cache_capacity(STATEMENTS);
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    conn.pragma_update(None, "temp_store", "memory")
}

fn set_up_writer(conn: &Connection) -> Sql<()> {
    conn.pragma_update(None, "page_size", 4_096)?;
    use_wal(conn)?;
    conn.pragma_update(None, "synchronous", "FULL")?;
    conn.pragma_update(None, "wal_autocheckpoint", 1_000)?;
    conn.pragma_update(None, "cache_size", -16_000)?;
    conn.pragma_update(None, "foreign_keys", true)
}

fn use_wal(conn: &Connection) -> Sql<()> {
    let mut tries = 0;
    loop {
        tries += 1;
        match conn.pragma_update(None, "journal_mode", "wal") {
            Err(error) if is_busy(&error) && tries < WAL_TRIES => sleep(WAL_PAUSE),
            result => return result,
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
}

fn open_reader(path: &Path) -> Sql<Connection> {
    let conn = Connection::open_with_flags(path, flags(Access::Read))?;
    settle(&conn)?;
    conn.pragma_update(None, "cache_size", -4_000)?;
    Ok(conn)
}
