//! Moving the shops of a SQLite file into a PostgreSQL database.
//!
//! Rows are copied table by table in the order of their keys, so that a move that was cut goes on
//! behind the last row that arrived. Then both sides are read again and compared byte by byte, and
//! the invariants are checked on the new side. At no moment can both be opened: the file is held
//! alone from the start and marked as moved before the database, which is marked as unfinished
//! until then, opens for anyone.

use std::path::PathBuf;

use chrono::Duration;
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::postgres::{self, Address, Receiver};
use super::sqlite::{self, Sender};
use crate::invariant::{Rules, check};
use crate::text::Name;
use crate::time::{Clock, SystemClock};

pub(super) use shape::{Column, Kind, Part, Shape};

mod shape;

/// A piece of a table as `COPY` takes it.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    /// Lines in PostgreSQL's text format.
    pub(super) text: Vec<u8>,
    /// How many.
    pub(super) rows: u64,
}

/// Why shops were not moved. The file is then still the one that is in charge.
#[derive(Debug, Error)]
pub enum MigrationError {
    /// The file can't be opened.
    #[error(transparent)]
    From(#[from] sqlite::OpenError),
    /// The database can't be opened.
    #[error(transparent)]
    To(#[from] postgres::OpenError),
    /// The file fails.
    #[error("{path} can't be read")]
    Read {
        /// The file.
        path: PathBuf,
        /// How.
        #[source]
        source: sqlite::Outage,
    },
    /// The database fails; the same move, begun again, goes on where it was cut.
    #[error("{address} can't be written; the same command goes on where this one ended")]
    Write {
        /// The database.
        address: Box<Address>,
        /// How.
        #[source]
        source: postgres::Outage,
    },
    /// The file has no shop.
    #[error("there is no shop in {path}")]
    NoShop {
        /// The file.
        path: PathBuf,
    },
    /// The database has shops that no unfinished move brought there.
    #[error("{address} has shops already; move into an empty database")]
    Occupied {
        /// The database.
        address: Box<Address>,
    },
    /// What was copied before is not what the file holds now.
    #[error("the shop was used after its move to {address} had begun: {what}; restart the move")]
    Changed {
        /// The database.
        address: Box<Address>,
        /// What differs.
        what: String,
    },
    /// What was copied breaks an invariant.
    #[error("the rows of shop {shop:?} break {violations} invariants; `check` names them", shop = .shop.as_str())]
    Violated {
        /// The shop.
        shop: Name,
        /// How often.
        violations: usize,
    },
}

/// What a move is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Copies rows.
    Copy,
    /// Compares both sides.
    Compare,
    /// Checks the invariants of each shop.
    Check,
}

/// How far a move is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// What it is doing.
    pub stage: Stage,
    /// The rows that are done in this stage; shops, where it checks.
    pub done: u64,
    /// All of them.
    pub all: u64,
}

/// What was moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The shops.
    pub shops: Vec<Name>,
    /// Each table with its rows, in the order they were copied.
    pub tables: Vec<(&'static str, u64)>,
}

/// A move from a file to a database.
///
/// ```no_run
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// use shopcore::backend::migration::Migration;
///
/// let moved = Migration::new("data/shop.db", "postgres://shop@localhost/shop".parse()?);
/// let moved = moved.run(|progress| println!("{} of {}", progress.done, progress.all)).await?;
/// println!("{} shops", moved.shops.len());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Migration {
    from: PathBuf,
    to: Address,
    is_restarted: bool,
}

impl Migration {
    /// Moves the shops in the file `from` to the database `to`.
    #[must_use]
    pub fn new(from: impl Into<PathBuf>, to: Address) -> Self {
        Self {
            from: from.into(),
            to,
            is_restarted: false,
        }
    }

    /// Throws away what an unfinished move has copied, and begins anew.
    #[must_use]
    pub fn restart(mut self, is_restarted: bool) -> Self {
        self.is_restarted = is_restarted;
        self
    }

    /// Moves them, and tells how far it is.
    ///
    /// # Errors
    /// [`MigrationError`]; the file is then as it was, unless it had been moved before.
    pub async fn run(self, mut tell: impl FnMut(Progress) + Send) -> Result<Moved, MigrationError> {
        let mut pair = self.open().await?;
        let parts = pair.parts().await?;
        let all = parts.iter().map(|(_, rows)| rows).sum();
        let mut meter = Meter::new(all, &mut tell);
        meter.begin(Stage::Copy);
        for (shape, _) in &parts {
            pair.copy(shape, &mut meter).await?;
        }
        meter.begin(Stage::Compare);
        for (shape, _) in &parts {
            pair.compare(shape, &mut meter).await?;
        }
        let shops = pair.check(&mut tell).await?;
        pair.hand_over().await?;
        Ok(Moved {
            shops,
            tables: summed(&parts),
        })
    }

    async fn open(self) -> Result<Pair, MigrationError> {
        if !self.from.is_file() {
            return Err(MigrationError::NoShop { path: self.from });
        }
        let from = Sender::open(self.from.clone(), self.to.to_string()).await?;
        let to = Receiver::open(self.to.clone()).await?;
        let mut pair = Pair {
            path: self.from,
            address: self.to,
            from,
            to,
        };
        pair.begin(self.is_restarted).await?;
        Ok(pair)
    }
}

/// The rows of each table, which may have been copied in parts.
pub(super) fn summed(parts: &[(Shape, u64)]) -> Vec<(&'static str, u64)> {
    let mut tables: Vec<(&'static str, u64)> = Vec::new();
    for (shape, rows) in parts {
        let table = shape.part().table;
        match tables.iter_mut().find(|(name, _)| *name == table) {
            Some((_, sum)) => *sum = sum.saturating_add(*rows),
            None => tables.push((table, *rows)),
        }
    }
    tables
}

/// Counts the rows of a stage.
struct Meter<'tell> {
    tell: &'tell mut (dyn FnMut(Progress) + Send),
    progress: Progress,
}

impl<'tell> Meter<'tell> {
    fn new(all: u64, tell: &'tell mut (dyn FnMut(Progress) + Send)) -> Self {
        let progress = Progress {
            stage: Stage::Copy,
            done: 0,
            all,
        };
        Self { tell, progress }
    }

    fn begin(&mut self, stage: Stage) {
        self.progress.stage = stage;
        self.progress.done = 0;
        (self.tell)(self.progress);
    }

    fn add(&mut self, rows: u64) {
        self.progress.done = self.progress.done.saturating_add(rows);
        (self.tell)(self.progress);
    }
}

/// Both sides of a move.
struct Pair {
    path: PathBuf,
    address: Address,
    from: Sender,
    to: Receiver,
}

impl Pair {
    /// Marks the database as unfinished, or goes on with what was begun.
    async fn begin(&mut self, is_restarted: bool) -> Result<(), MigrationError> {
        let state = self.from.state().await;
        let Some(state) = state.map_err(|source| self.unread(source))? else {
            return Err(MigrationError::NoShop {
                path: self.path.clone(),
            });
        };
        let begun = self.to.begun_from().await;
        let address = || Box::new(self.address.clone());
        match begun.map_err(|source| self.unwritten(source))? {
            Some(begun) if begun == state && !is_restarted => return Ok(()),
            Some(_) if !is_restarted => {
                return Err(MigrationError::Changed {
                    address: address(),
                    what: "it has written since".to_owned(),
                });
            }
            Some(_) | None => {}
        }
        let begun = self.to.begin(&state).await;
        match begun.map_err(|source| self.unwritten(source))? {
            true => Ok(()),
            false => Err(MigrationError::Occupied { address: address() }),
        }
    }

    /// What is copied, with the rows that there are.
    async fn parts(&mut self) -> Result<Vec<(Shape, u64)>, MigrationError> {
        let mut parts = Vec::with_capacity(Part::ALL.len());
        for part in Part::ALL {
            let shape = self.to.shape(part).await;
            let shape = shape.map_err(|source| self.unwritten(source))?;
            let rows = self.from.count(&shape).await;
            parts.push((shape, rows.map_err(|source| self.unread(source))?));
        }
        Ok(parts)
    }

    /// Copies the rows behind the last one that is there.
    async fn copy(&mut self, shape: &Shape, meter: &mut Meter<'_>) -> Result<(), MigrationError> {
        let there = self.to.arrived(shape).await;
        let (rows, last) = there.map_err(|source| self.unwritten(source))?;
        meter.add(rows);
        let mut chunks = self.from.rows(shape, last);
        while let Some(chunk) = chunks.recv().await {
            let chunk = chunk.map_err(|source| self.unread(source))?;
            let taken = self.to.take(shape, &chunk).await;
            taken.map_err(|source| self.unwritten(source))?;
            meter.add(chunk.rows);
        }
        Ok(())
    }

    /// Compares the rows of both sides.
    async fn compare(
        &mut self,
        shape: &Shape,
        meter: &mut Meter<'_>,
    ) -> Result<(), MigrationError> {
        let mut sent = Sha256::new();
        let mut chunks = self.from.rows(shape, None);
        while let Some(chunk) = chunks.recv().await {
            let chunk = chunk.map_err(|source| self.unread(source))?;
            sent.update(&chunk.text);
            meter.add(chunk.rows);
        }
        let mut received = Sha256::new();
        let read = self.to.read(shape, |text| received.update(text)).await;
        read.map_err(|source| self.unwritten(source))?;
        if sent.finalize() == received.finalize() {
            return Ok(());
        }
        Err(MigrationError::Changed {
            address: Box::new(self.address.clone()),
            what: format!("the {} differ", shape.part().table),
        })
    }

    /// Checks the invariants of every shop, as the database has them now.
    async fn check(
        &mut self,
        tell: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Vec<Name>, MigrationError> {
        let shops = self.to.shops().await;
        let shops = shops.map_err(|source| self.unwritten(source))?;
        let mut meter = Meter::new(u64::try_from(shops.len()).unwrap_or(u64::MAX), tell);
        meter.begin(Stage::Check);
        // Nobody ended overdue invoices meanwhile.
        let rules = Rules {
            now: SystemClock.now(),
            expiry_period: Duration::MAX,
        };
        let mut checked = Vec::with_capacity(shops.len());
        for (id, name) in shops {
            let snapshot = self.to.snapshot(id).await;
            let snapshot = snapshot.map_err(|source| self.unwritten(source))?;
            match check(&snapshot, &rules).violations() {
                0 => checked.push(name),
                violations => {
                    return Err(MigrationError::Violated {
                        shop: name,
                        violations,
                    });
                }
            }
            meter.add(1);
        }
        Ok(checked)
    }

    /// Closes the file for good, and only then opens the database.
    async fn hand_over(&mut self) -> Result<(), MigrationError> {
        let closed = self.from.close(self.address.to_string()).await;
        closed.map_err(|source| self.unread(source))?;
        let opened = self.to.end().await;
        opened.map_err(|source| self.unwritten(source))
    }

    fn unread(&self, source: sqlite::Outage) -> MigrationError {
        let path = self.path.clone();
        MigrationError::Read { path, source }
    }

    fn unwritten(&self, source: postgres::Outage) -> MigrationError {
        let address = Box::new(self.address.clone());
        MigrationError::Write { address, source }
    }
}
