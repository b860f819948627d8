//! One encrypted file with every row of a shop, and the way back.
//!
//! A backup is read at one moment while the shop is open elsewhere, and counts only when it has been
//! decrypted again, taken into a scratch database and found to keep every invariant. A file that is
//! damaged, foreign or newer is refused whole. The vault's key is not in it.

use std::fmt;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::migration::Progress;
use super::{postgres, sqlite};
use crate::text::Name;
use crate::time::Timestamp;

pub use keeping::{file_name, prune};
pub use lock::{BadKey, Key, Lock};
pub use restore::{Restore, Restored};

mod format;
mod keeping;
mod lock;
mod reading;
mod restore;
mod source;
mod writing;

/// Where a shop is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A file of SQLite.
    File(PathBuf),
    /// A database of PostgreSQL.
    Database(postgres::Address),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Database(address) => write!(f, "{address}"),
        }
    }
}

/// Why there is no backup, or nothing was restored. What was there before is as it was.
#[derive(Debug, Error)]
pub enum BackupError {
    /// The file of the shop can't be opened.
    #[error(transparent)]
    File(#[from] sqlite::OpenError),
    /// The database of the shop can't be opened.
    #[error(transparent)]
    Database(#[from] postgres::OpenError),
    /// The file of the shop fails.
    #[error("the store fails")]
    FileFails(#[from] sqlite::Outage),
    /// The database of the shop fails.
    #[error("the store fails")]
    DatabaseFails(#[from] postgres::Outage),
    /// There is nothing to back up.
    #[error("there is no shop {shop:?} at {place}", shop = .shop.as_str())]
    NoShop {
        /// Where it was looked for.
        place: Box<Place>,
        /// Its name.
        shop: Name,
    },
    /// A file of that name is there.
    #[error("{path} is there already; it is left as it is")]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A file can't be written.
    #[error("{path} can't be written")]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// A file can't be read.
    #[error("{path} can't be read")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: std::io::Error,
    },
    /// It is something else.
    #[error("{path} is not a backup of a shop")]
    NotABackup {
        /// The file.
        path: PathBuf,
    },
    /// It was sealed for another key.
    #[error("{path} does not open with this key or passphrase")]
    WrongKey {
        /// The file.
        path: PathBuf,
    },
    /// A newer version of this program wrote it.
    #[error("{path} was written by a newer program; restore it with that one")]
    Newer {
        /// The file.
        path: PathBuf,
    },
    /// It is cut, or was changed, or its rows do not fit together.
    #[error("{path} is damaged: {what}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
    },
    /// Its rows break invariants.
    #[error("the rows of shop {shop:?} break {violations} invariants; `check` names them", shop = .shop.as_str())]
    Violated {
        /// The shop.
        shop: Name,
        /// How often.
        violations: usize,
    },
    /// There are shops where one should be restored.
    #[error("{place} has a shop already: {}", names(.shops))]
    Occupied {
        /// Where.
        place: Box<Place>,
        /// Those that are there.
        shops: Vec<Name>,
    },
    /// To replace the file would take other shops away.
    #[error(
        "{path} keeps other shops, too: {}; restore into another file",
        names(.shops)
    )]
    OtherShops {
        /// The file.
        path: PathBuf,
        /// Those that are not in the backup.
        shops: Vec<Name>,
    },
    /// What was written is not what was read.
    #[error("the {table} differ after they were restored")]
    Differs {
        /// The table.
        table: &'static str,
    },
    /// The thread that worked on it ended badly.
    #[error("the work ended badly: {0}")]
    Crashed(String),
}

fn names(shops: &[Name]) -> String {
    let names: Vec<_> = shops.iter().map(Name::as_str).collect();
    names.join(", ")
}

/// A backup that was written and verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The file.
    pub path: PathBuf,
    /// The moment it shows.
    pub at: Timestamp,
    /// Each table with its rows.
    pub tables: Vec<(&'static str, u64)>,
}

/// A backup of one shop.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use shopcore::backend::backup::{Backup, Key, Place};
/// use shopcore::text::Name;
///
/// let key = Key::generate();
/// let place = Place::File("data/shop.db".into());
/// let backup = Backup::new(place, Name::parse("Corner")?, key.lock());
/// let written = backup.run("backups".as_ref(), |_| {}).await?;
/// println!("{}", written.path.display());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Backup {
    from: Place,
    shop: Name,
    lock: Lock,
}

impl Backup {
    /// Backs up the shop of this name, for whoever has the key of `lock`.
    #[must_use]
    pub fn new(from: Place, shop: Name, lock: Lock) -> Self {
        Self { from, shop, lock }
    }

    /// Writes it into the file `to`, or under a name of its own into the folder `to`; tells how far
    /// it is. The file is there when it has been read back and verified, and not before.
    ///
    /// # Errors
    /// [`BackupError`]; there is no file then.
    pub async fn run(
        self,
        to: &Path,
        mut tell: impl FnMut(Progress) + Send,
    ) -> Result<Written, BackupError> {
        writing::run(self, to, &mut tell).await
    }
}
