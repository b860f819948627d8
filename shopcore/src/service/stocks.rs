//! Stock units and their contents.

use std::collections::HashSet;

use serde_json::json;
use thiserror::Error;

use super::{Shop, deciding, outdated};
use crate::audit::{Actor, Entity, Kind};
use crate::catalog::{Availability, Supply};
use crate::id::{ProductId, UnitId};
use crate::stock::{Content, ContentError, NewUnit, UnitState};
use crate::store::{
    CatalogWrite, CommitError, Page, Rejection, StockWrite, StoreError, UnitFilter,
};
use crate::time::Timestamp;
use crate::vault::{Fingerprint, VaultError};

/// Contents that are sealed before others have their turn: some milliseconds of work.
const SEALED_AT_ONCE: usize = 1_000;

/// Why stock was not read or changed.
#[derive(Debug, Error)]
pub enum StockError {
    /// No such product.
    #[error("there is no such product")]
    UnknownProduct,
    /// No such unit.
    #[error("there is no such unit")]
    UnknownUnit,
    /// A unit was sold, held, withdrawn or restored meanwhile.
    #[error("a unit is no longer what it was")]
    NotAvailable,
    /// The content is in the shop's stock already, or twice among the new ones.
    #[error("content {index} is a duplicate")]
    Duplicate {
        /// Its place among the contents given, from 0.
        index: usize,
    },
    /// A product of unlimited supply has one content.
    #[error("a product of unlimited supply has exactly one content")]
    OneContentOnly,
    /// A content can't be sealed or opened.
    #[error("a content can't be sealed or opened")]
    Vault(#[from] VaultError),
    /// A stored content can't be read.
    #[error(transparent)]
    Content(#[from] ContentError),
    /// The store can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store can't be written.
    #[error(transparent)]
    Commit(#[from] CommitError),
}
outdated!(StockError);

/// A unit as a seller sees it in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Masked {
    /// The unit.
    pub unit: UnitId,
    /// The first characters of its content, then dots.
    pub preview: String,
    /// When it was added.
    pub added_at: Timestamp,
}

/// Stock units of a shop.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/corner.rs"));
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let Corner { shop, product, customer, chat } = Corner::open().await?;
/// use shopcore::{audit::Actor, service::StockError, stock::Content, store::Page};
///
/// let keys = [Content::text("DDDD-4")?, Content::text("AAAA-1")?];
/// let refused = shop.stock().add(&Actor::Operator, product.id, &keys).await;
/// assert!(matches!(refused, Err(StockError::Duplicate { index: 1 })));
/// assert_eq!(shop.stock().add(&Actor::Operator, product.id, &keys[..1]).await?, 1);
/// assert_eq!(shop.stock().list(product.id, Page::first(10)).await?.len(), 4);
/// # let _ = (product, customer, chat);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Stock<'a>(pub(super) &'a Shop);

impl Stock<'_> {
    /// Adds contents, all or none; tells how many. The content of a product of unlimited supply is
    /// replaced; whoever bought the old one keeps it.
    ///
    /// # Errors
    /// [`StockError`]; nothing is added then.
    pub async fn add(
        &self,
        actor: &Actor,
        product: ProductId,
        contents: &[Content],
    ) -> Result<usize, StockError> {
        if contents.is_empty() {
            return Ok(0);
        }
        deciding(|| self.try_add(actor, product, contents)).await
    }

    async fn try_add(
        &self,
        actor: &Actor,
        product: ProductId,
        contents: &[Content],
    ) -> Result<usize, StockError> {
        let (shop, id) = (self.0, self.0.id());
        let offers = shop.store().get_offers(id, &[product], 1).await?;
        let offer = offers.first().ok_or(StockError::UnknownProduct)?;
        check_supply(offer.product.supply, contents.len())?;
        let mut batch = shop.batch(actor);
        if offer.product.supply == Supply::Unlimited {
            // One content only: of two who add at once, one finds that the product changed.
            let (was, mut edited) = (offer.product.version, offer.product.clone());
            edited.version = was.saturating_add(1);
            batch.push(CatalogWrite::UpdateProduct {
                product: edited,
                was,
            });
            let old = UnitFilter::Available(product);
            let units = shop.store().list_units(id, old, Page::first(2)).await?;
            if !units.is_empty() {
                let units = units.iter().map(|unit| unit.id).collect();
                batch.push(StockWrite::Withdraw { units });
            }
        }
        batch.push(StockWrite::Add {
            product,
            units: sealed(shop, contents).await?,
        });
        let details = json!({ "units": contents.len() });
        batch.record(Entity::new(Kind::Product, product), "stock added", details);
        shop.commit(batch).await.map_err(refused)?;
        Ok(contents.len())
    }

    /// Tells for each content whether the shop's stock has it, in any state.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn known(&self, contents: &[Content]) -> Result<Vec<bool>, StoreError> {
        let prints: Vec<_> = contents.iter().map(|c| fingerprint(self.0, c)).collect();
        let mut found = self
            .0
            .store()
            .find_fingerprints(self.0.id(), &prints)
            .await?;
        found.sort_unstable();
        Ok(prints
            .iter()
            .map(|print| found.binary_search(print).is_ok())
            .collect())
    }

    /// Available units of a product, their contents masked.
    ///
    /// # Errors
    /// [`StockError`].
    pub async fn list(&self, product: ProductId, page: Page) -> Result<Vec<Masked>, StockError> {
        let filter = UnitFilter::Available(product);
        let units = self.0.store().list_units(self.0.id(), filter, page).await?;
        units.iter().map(|unit| mask(self.0, unit)).collect()
    }

    /// How many units of a product can be bought; of a product of unlimited supply, whether it has
    /// its content.
    ///
    /// # Errors
    /// [`StockError::UnknownProduct`] or [`StockError::Store`].
    pub async fn count(&self, product: ProductId) -> Result<u64, StockError> {
        let store = self.0.store();
        let offers = store.get_offers(self.0.id(), &[product], u64::MAX).await?;
        match offers.first().ok_or(StockError::UnknownProduct)?.available {
            Availability::Units(count) => Ok(count),
            Availability::Unlimited => Ok(1),
        }
    }

    /// Takes units out of what can be bought; they stay in the shop's books, and can be
    /// [restored](Self::restore).
    ///
    /// # Errors
    /// [`StockError::NotAvailable`] where one of them was sold, held or withdrawn meanwhile;
    /// nothing is withdrawn then.
    pub async fn withdraw(
        &self,
        actor: &Actor,
        product: ProductId,
        units: Vec<UnitId>,
    ) -> Result<(), StockError> {
        let details = json!({ "units": units.len() });
        let write = StockWrite::Withdraw { units };
        self.move_units(actor, product, write, ("stock withdrawn", details))
            .await
    }

    /// Gives withdrawn units back to what can be bought.
    ///
    /// # Errors
    /// [`StockError::NotAvailable`] where one of them is not withdrawn; nothing changes then.
    pub async fn restore(
        &self,
        actor: &Actor,
        product: ProductId,
        units: Vec<UnitId>,
    ) -> Result<(), StockError> {
        let details = json!({ "units": units.len() });
        let write = StockWrite::Restore { units };
        self.move_units(actor, product, write, ("stock restored", details))
            .await
    }

    async fn move_units(
        &self,
        actor: &Actor,
        product: ProductId,
        write: StockWrite,
        (action, details): (&str, serde_json::Value),
    ) -> Result<(), StockError> {
        let mut batch = self.0.batch(actor);
        batch
            .push(write)
            .record(Entity::new(Kind::Product, product), action, details);
        match self.0.commit(batch).await {
            Err(CommitError::Conflict) => Err(StockError::NotAvailable),
            done => Ok(done?),
        }
    }

    /// The content of a unit that can be bought, for an admin who has to see it; it is audited
    /// who saw which unit.
    ///
    /// # Errors
    /// [`StockError::UnknownUnit`], [`StockError::NotAvailable`], or why it can't be opened.
    pub async fn reveal(&self, actor: &Actor, unit: UnitId) -> Result<Content, StockError> {
        let found = self.unit(unit).await?;
        if found.state != UnitState::Available {
            return Err(StockError::NotAvailable);
        }
        let content = opened(self.0, &found)?;
        let mut batch = self.0.batch(actor);
        let entity = Entity::new(Kind::Product, found.product);
        batch.record(entity, "content revealed", json!({ "unit": unit }));
        self.0.commit(batch).await?;
        Ok(content)
    }

    /// A unit, its content masked.
    ///
    /// # Errors
    /// [`StockError::UnknownUnit`], or why it can't be opened.
    pub async fn masked(&self, unit: UnitId) -> Result<(ProductId, Masked), StockError> {
        let found = self.unit(unit).await?;
        Ok((found.product, mask(self.0, &found)?))
    }

    async fn unit(&self, unit: UnitId) -> Result<crate::stock::Unit, StockError> {
        let (store, shop) = (self.0.store(), self.0.id());
        let filter = UnitFilter::Unit(unit);
        let found = store.list_units(shop, filter, Page::first(1)).await?;
        found.into_iter().next().ok_or(StockError::UnknownUnit)
    }
}

fn mask(shop: &Shop, unit: &crate::stock::Unit) -> Result<Masked, StockError> {
    let content = opened(shop, unit)?;
    Ok(Masked {
        unit: unit.id,
        preview: content.masked(),
        added_at: unit.added_at,
    })
}

/// Seals contents into units; of many it lets others have their turn in between.
pub(super) async fn sealed(shop: &Shop, contents: &[Content]) -> Result<Vec<NewUnit>, StockError> {
    let mut seen = HashSet::with_capacity(contents.len());
    let mut units = Vec::with_capacity(contents.len());
    for (index, content) in contents.iter().enumerate() {
        if index % SEALED_AT_ONCE == SEALED_AT_ONCE - 1 {
            tokio::task::yield_now().await;
        }
        let fingerprint = fingerprint(shop, content);
        if !seen.insert(fingerprint) {
            return Err(StockError::Duplicate { index });
        }
        let id: UnitId = shop.ids().next();
        let content = shop.vault().seal(shop.id(), id, &content.to_bytes())?;
        units.push(NewUnit {
            id,
            content,
            fingerprint,
        });
    }
    Ok(units)
}

/// Opens a unit's content.
pub(super) fn opened(shop: &Shop, unit: &crate::stock::Unit) -> Result<Content, StockError> {
    let bytes = shop.vault().open(shop.id(), unit.id, &unit.content)?;
    Ok(Content::from_bytes(&bytes)?)
}

pub(super) fn check_supply(supply: Supply, contents: usize) -> Result<(), StockError> {
    match supply {
        Supply::Unlimited if contents > 1 => Err(StockError::OneContentOnly),
        Supply::Units | Supply::Unlimited => Ok(()),
    }
}

pub(super) fn refused(error: CommitError) -> StockError {
    match error.rejection() {
        Some(Rejection::DuplicateContent { index }) => StockError::Duplicate { index: *index },
        Some(_) | None => StockError::Commit(error),
    }
}

fn fingerprint(shop: &Shop, content: &Content) -> Fingerprint {
    shop.0.fingerprinter.of(&content.to_bytes())
}
