//! Terms that ask something of the buyer: they are sent after the goods, and the buyer's proof that
//! they did it is kept sealed for a while, one of each product of an order.

use chrono::Duration;
use serde::{Deserialize, Serialize};
use serde_json::json;
use thiserror::Error;
use uuid::Uuid;

use super::{Shop, deciding, outdated};
use crate::audit::{Actor, Entity, Kind};
use crate::catalog::Product;
use crate::id::{CustomerId, OrderId, ProductId};
use crate::message::{Destination, Notice, Task};
use crate::order::Order;
use crate::stock::Content;
use crate::store::{ChatWrite, CommitError, Page, StoreError};
use crate::time::{Timestamp, from_micros};
use crate::vault::{Sealed, VaultError};

/// How long a proof is kept.
const KEPT: Duration = Duration::days(30);

/// Among whose small values terms are followed, each under its order and product.
const KEEPER: &str = "terms";

/// Proofs that are looked through at a time.
const READ: u32 = 200;

/// Why a proof was not taken or shown.
#[derive(Debug, Error)]
pub enum TermsError {
    /// These terms were not sent to this customer.
    #[error("no such terms were sent to the customer")]
    NotAsked,
    /// A proof was sent already.
    #[error("a proof was sent already")]
    Sent,
    /// No proof was sent, or it is no longer kept.
    #[error("there is no proof, or it is no longer kept")]
    NoProof,
    /// What is stored can't be read.
    #[error("the stored proof is damaged")]
    Damaged(#[source] postcard::Error),
    /// The proof can't be sealed or opened.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The store can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store can't be written.
    #[error(transparent)]
    Commit(#[from] CommitError),
}
outdated!(TermsError);

/// How far the terms of a product of an order are.
#[derive(Debug, Serialize, Deserialize)]
enum Stage {
    /// They were sent.
    Asked,
    /// A proof came, in microseconds, and is sealed for this id.
    Proven { id: Uuid, at: i64, proof: Vec<u8> },
    /// The proof was kept long enough.
    Forgotten,
}

impl Stage {
    fn of(stored: &[u8]) -> Result<Self, TermsError> {
        postcard::from_bytes(stored).map_err(TermsError::Damaged)
    }

    fn is_open(&self) -> bool {
        match self {
            Self::Asked => true,
            Self::Proven { .. } | Self::Forgotten => false,
        }
    }

    fn is_over(&self, now: Timestamp) -> bool {
        match self {
            Self::Proven { at, .. } => from_micros(*at) + KEPT <= now,
            Self::Asked | Self::Forgotten => false,
        }
    }
}

/// Terms of a shop's products, as buyers fulfil them.
#[derive(Debug, Clone, Copy)]
pub struct TermsDesk<'a>(pub(super) &'a Shop);

impl TermsDesk<'_> {
    /// Sends the terms of an order's products to its buyer, once.
    ///
    /// # Errors
    /// [`TermsError`].
    pub async fn send(&self, order: OrderId) -> Result<(), TermsError> {
        let (store, shop) = (self.0.store(), self.0.id());
        let order = store.find_order(shop, order).await?;
        let order = order.ok_or(TermsError::NotAsked)?;
        let products: Vec<_> = order.lines.iter().map(|line| line.product).collect();
        let offers = store.get_offers(shop, &products, 0).await?;
        for offer in offers {
            if offer.product.terms.is_some() {
                self.send_of(&order, &offer.product).await?;
            }
        }
        Ok(())
    }

    async fn send_of(&self, order: &Order, product: &Product) -> Result<(), TermsError> {
        let (id, product) = (order.id, product.id);
        let entity = Entity::new(Kind::Order, id);
        let mut batch = self.0.batch(&Actor::job(KEEPER));
        batch.push(swap(id, product, None, &Stage::Asked)?).record(
            entity,
            "terms sent",
            json!({ "product": product }),
        );
        let notice = Notice::Terms { order: id, product };
        batch.enqueue(
            Destination::Chat(order.chat.clone()),
            id,
            Task::Notice(notice),
        );
        match self.0.commit(batch).await {
            // They were sent before.
            Err(CommitError::Conflict) => Ok(()),
            done => Ok(done?),
        }
    }

    /// Whether a customer's proof would be taken.
    ///
    /// # Errors
    /// [`TermsError::NotAsked`], [`TermsError::Sent`] or [`TermsError::Store`].
    pub async fn check(
        &self,
        customer: CustomerId,
        order: OrderId,
        product: ProductId,
    ) -> Result<(), TermsError> {
        self.asked(customer, order, product).await.map(drop)
    }

    /// The products of an order whose terms were sent and wait for the buyer's proof.
    ///
    /// # Errors
    /// [`TermsError`].
    pub async fn waiting(&self, order: &Order) -> Result<Vec<Product>, TermsError> {
        let (store, shop) = (self.0.store(), self.0.id());
        let products: Vec<_> = order.lines.iter().map(|line| line.product).collect();
        let mut waiting = Vec::new();
        for offer in store.get_offers(shop, &products, 0).await? {
            if let Some(stored) = self.stored(order.id, offer.product.id).await?
                && Stage::of(&stored)?.is_open()
            {
                waiting.push(offer.product);
            }
        }
        Ok(waiting)
    }

    async fn asked(
        &self,
        customer: CustomerId,
        order: OrderId,
        product: ProductId,
    ) -> Result<Vec<u8>, TermsError> {
        let found = self.0.store().find_order(self.0.id(), order).await?;
        if found.is_none_or(|order| order.customer != customer) {
            return Err(TermsError::NotAsked);
        }
        let stored = self.stored(order, product).await?;
        let stored = stored.ok_or(TermsError::NotAsked)?;
        if Stage::of(&stored)?.is_open() {
            Ok(stored)
        } else {
            Err(TermsError::Sent)
        }
    }

    async fn stored(
        &self,
        order: OrderId,
        product: ProductId,
    ) -> Result<Option<Vec<u8>>, TermsError> {
        let (store, shop) = (self.0.store(), self.0.id());
        Ok(store.find_state(shop, KEEPER, &key(order, product)).await?)
    }

    /// Takes a customer's proof that they fulfilled the terms, and tells the admins.
    ///
    /// # Errors
    /// [`TermsError`]; nothing changes then.
    pub async fn prove(
        &self,
        customer: CustomerId,
        order: OrderId,
        product: ProductId,
        proof: &Content,
    ) -> Result<(), TermsError> {
        deciding(|| async {
            let was = self.asked(customer, order, product).await?;
            let id: Uuid = self.0.ids().next();
            let sealed = self.0.vault().seal(self.0.id(), id, &proof.to_bytes())?;
            let proven = Stage::Proven {
                id,
                at: self.0.now().timestamp_micros(),
                proof: sealed.as_bytes().to_vec(),
            };
            let entity = Entity::new(Kind::Order, order);
            let mut batch = self.0.batch(&Actor::Customer(customer));
            batch
                .push(swap(order, product, Some(was), &proven)?)
                .record(entity, "terms fulfilled", json!({ "product": product }));
            let notice = Notice::TermsFulfilled { order, product };
            batch.enqueue(Destination::Admins, order, Task::Notice(notice));
            Ok(self.0.commit(batch).await?)
        })
        .await
    }

    /// The proof of a product of an order, as long as it is kept. That it was looked at is recorded
    /// first.
    ///
    /// # Errors
    /// [`TermsError`].
    pub async fn look(
        &self,
        actor: &Actor,
        order: OrderId,
        product: ProductId,
    ) -> Result<Content, TermsError> {
        let stored = self.stored(order, product).await?;
        let stage = Stage::of(&stored.ok_or(TermsError::NoProof)?)?;
        let Stage::Proven { id, proof, .. } = stage else {
            return Err(TermsError::NoProof);
        };
        let plain = self
            .0
            .vault()
            .open(self.0.id(), id, &Sealed::stored(proof))?;
        let proof = Content::from_bytes(&plain).map_err(|_| TermsError::NoProof)?;
        let entity = Entity::new(Kind::Order, order);
        let mut batch = self.0.batch(actor);
        batch.record(entity, "proof of terms seen", json!({ "product": product }));
        self.0.commit(batch).await?;
        Ok(proof)
    }

    /// Forgets the proofs that were kept for 30 days; tells how many.
    ///
    /// # Errors
    /// [`TermsError`]; those that were forgotten stay so.
    pub async fn purge(&self) -> Result<u64, TermsError> {
        let (store, shop) = (self.0.store(), self.0.id());
        let (mut page, mut purged) = (0, 0);
        loop {
            let rows = Page::number(page, READ);
            let listed = store.list_states(shop, KEEPER, "", rows).await?;
            if listed.items.is_empty() {
                return Ok(purged);
            }
            for (key, stored) in listed.items {
                if Stage::of(&stored)?.is_over(self.0.now()) {
                    self.forget(&key, stored).await?;
                    purged += 1;
                }
            }
            page += 1;
        }
    }

    async fn forget(&self, key: &str, was: Vec<u8>) -> Result<(), TermsError> {
        let (order, product) = key.split_once('/').ok_or(TermsError::NoProof)?;
        let order: OrderId = order.parse().map_err(|_| TermsError::NoProof)?;
        let product: ProductId = product.parse().map_err(|_| TermsError::NoProof)?;
        let entity = Entity::new(Kind::Order, order);
        let mut batch = self.0.batch(&Actor::job(KEEPER));
        batch
            .push(swap(order, product, Some(was), &Stage::Forgotten)?)
            .record(
                entity,
                "proof of terms purged",
                json!({ "product": product }),
            );
        match self.0.commit(batch).await {
            Err(CommitError::Conflict) => Ok(()),
            done => Ok(done?),
        }
    }
}

fn key(order: OrderId, product: ProductId) -> String {
    format!("{order}/{product}")
}

fn swap(
    order: OrderId,
    product: ProductId,
    was: Option<Vec<u8>>,
    to: &Stage,
) -> Result<ChatWrite, TermsError> {
    Ok(ChatWrite::SwapState {
        plugin: KEEPER.to_owned(),
        key: key(order, product),
        was,
        value: postcard::to_stdvec(to).map_err(TermsError::Damaged)?,
    })
}
