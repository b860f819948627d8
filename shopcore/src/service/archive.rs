//! Who keeps backups of the shop: the program around it knows where they go and how they are sealed.

use std::error::Error;
use std::fmt;

use async_trait::async_trait;
use chrono::NaiveTime;

/// A backup was not made.
#[derive(Debug, thiserror::Error)]
#[error("the backup failed")]
pub struct ArchiveError(#[source] pub Box<dyn Error + Send + Sync>);

/// Keeps backups of a shop.
#[async_trait]
pub trait Archive: fmt::Debug + Send + Sync {
    /// The time of day, in the shop's zone, from which a backup of the day is due.
    fn at(&self) -> NaiveTime;

    /// Makes a backup now, and lets go of those that are too old.
    ///
    /// # Errors
    /// [`ArchiveError`] when there is no verified backup afterwards.
    async fn keep(&self) -> Result<(), ArchiveError>;
}
