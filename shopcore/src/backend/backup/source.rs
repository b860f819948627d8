//! The rows of a shop at one moment, from whichever store.

use tokio::sync::mpsc;

use super::{BackupError, Place};
use crate::backend::migration::{Part, Shape};
use crate::backend::postgres::Receiver;
use crate::backend::sqlite::Sender;
use crate::id::ShopId;
use crate::text::Name;

/// A store that is read at one moment.
pub(super) enum Source {
    File(Sender),
    Database(Receiver),
}

impl Source {
    /// Opens it; `None` where there is no file.
    pub(super) async fn open(place: &Place) -> Result<Option<Self>, BackupError> {
        Ok(Some(match place {
            Place::File(path) if !path.is_file() => return Ok(None),
            Place::File(path) => Self::File(Sender::beside(path.clone()).await?),
            Place::Database(address) => {
                let mut receiver = Receiver::finished(address.clone()).await?;
                receiver.stand_still().await?;
                Self::Database(receiver)
            }
        }))
    }

    /// The shop of this name.
    pub(super) async fn find(&mut self, name: &Name) -> Result<Option<ShopId>, BackupError> {
        let shops = match self {
            Self::File(file) => file.shops().await?,
            Self::Database(database) => database.shops().await?,
        };
        let mut ids = shops.into_iter().filter(|(_, own)| own == name);
        Ok(ids.next().map(|(id, _)| id))
    }

    /// What is copied, with the rows that there are.
    pub(super) async fn parts(&mut self, shop: ShopId) -> Result<Vec<(Shape, u64)>, BackupError> {
        let mut parts = Vec::with_capacity(Part::ALL.len());
        for part in Part::ALL {
            parts.push(match self {
                Self::File(file) => {
                    let shape = file.shape(part, shop).await?;
                    let rows = file.count(&shape).await?;
                    (shape, rows)
                }
                Self::Database(database) => {
                    let shape = database.shape_of(part, shop).await?;
                    let rows = database.count(&shape).await?;
                    (shape, rows)
                }
            });
        }
        Ok(parts)
    }

    /// Sends the rows of a part.
    pub(super) async fn send(
        &mut self,
        shape: &Shape,
        to: &mpsc::Sender<Vec<u8>>,
    ) -> Result<(), BackupError> {
        match self {
            Self::Database(database) => Ok(database.send(shape, to).await?),
            Self::File(file) => {
                let mut chunks = file.rows(shape, None);
                while let Some(chunk) = chunks.recv().await {
                    if to.send(chunk?.text).await.is_err() {
                        break;
                    }
                }
                Ok(())
            }
        }
    }
}
