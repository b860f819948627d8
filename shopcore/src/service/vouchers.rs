//! Vouchers.

use serde_json::json;
use thiserror::Error;

use super::Shop;
use crate::audit::{Actor, Entity, Kind};
use crate::store::{Batch, CommitError, Listing, Page, Rejection, StoreError, VoucherWrite};
use crate::text::VoucherCode;
use crate::voucher::{TermsError, Voucher, VoucherTerms, check_terms};

/// Why a voucher was not read or changed.
#[derive(Debug, Error)]
pub enum VoucherError {
    /// Another voucher has the code.
    #[error("another voucher has this code")]
    CodeTaken,
    /// The terms were refused.
    #[error(transparent)]
    Terms(#[from] TermsError),
    /// The new maximum lies below what is held and redeemed.
    #[error("the voucher was used more often than the new maximum")]
    BelowUse,
    /// The store can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store can't be written.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

/// Vouchers of a shop.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/corner.rs"));
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let Corner { shop, product, customer, chat } = Corner::open().await?;
/// use shopcore::audit::Actor;
/// use shopcore::text::VoucherCode;
/// use shopcore::voucher::{Discount, VoucherTerms};
///
/// let tenth = VoucherTerms::simple(Discount::Percent("10%".parse()?), 100);
/// let code = VoucherCode::parse("welcome")?;
/// shop.vouchers().add(&Actor::Operator, code.clone(), tenth).await?;
/// assert_eq!(shop.vouchers().find(&code).await?.map(|v| v.uses_left()), Some(100));
/// # let _ = (product, customer, chat);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Vouchers<'a>(pub(super) &'a Shop);

impl Vouchers<'_> {
    /// Adds a voucher.
    ///
    /// # Errors
    /// [`VoucherError`]; nothing is added then.
    pub async fn add(
        &self,
        actor: &Actor,
        code: VoucherCode,
        terms: VoucherTerms,
    ) -> Result<Voucher, VoucherError> {
        let mut batch = self.0.batch(actor);
        let voucher = self.push(&mut batch, code, terms)?;
        self.0.commit(batch).await.map_err(refused)?;
        Ok(voucher)
    }

    /// Adds vouchers in one batch: all of them or none.
    ///
    /// # Errors
    /// [`VoucherError`]; nothing is added then.
    pub async fn import(
        &self,
        actor: &Actor,
        vouchers: Vec<(VoucherCode, VoucherTerms)>,
    ) -> Result<Vec<Voucher>, VoucherError> {
        let mut batch = self.0.batch(actor);
        let added = vouchers
            .into_iter()
            .map(|(code, terms)| self.push(&mut batch, code, terms));
        let added = added.collect::<Result<_, _>>()?;
        self.0.commit(batch).await.map_err(refused)?;
        Ok(added)
    }

    fn push(
        &self,
        batch: &mut Batch,
        code: VoucherCode,
        terms: VoucherTerms,
    ) -> Result<Voucher, VoucherError> {
        check_terms(&terms, self.0.currency())?;
        let voucher = Voucher {
            id: self.0.ids().next(),
            code,
            terms,
            terms_version: 1,
            held: 0,
            redeemed: 0,
        };
        let details = json!({ "code": voucher.code, "uses": voucher.terms.uses_max });
        batch.push(VoucherWrite::Add(voucher.clone())).record(
            Entity::new(Kind::Voucher, voucher.id),
            "added",
            details,
        );
        Ok(voucher)
    }

    /// Replaces a voucher's terms. Orders that hold it keep the discount they were promised.
    ///
    /// # Errors
    /// [`VoucherError`]; terms that someone else edited meanwhile are a conflict.
    pub async fn update(
        &self,
        actor: &Actor,
        voucher: &Voucher,
        terms: VoucherTerms,
    ) -> Result<(), VoucherError> {
        check_terms(&terms, self.0.currency())?;
        let mut batch = self.0.batch(actor);
        let was = voucher.terms_version;
        let details = json!({ "code": voucher.code, "uses": terms.uses_max });
        batch
            .push(VoucherWrite::UpdateTerms {
                voucher: voucher.id,
                terms,
                was,
            })
            .record(Entity::new(Kind::Voucher, voucher.id), "edited", details);
        self.0.commit(batch).await.map_err(refused)
    }

    /// The voucher of this code.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find(&self, code: &VoucherCode) -> Result<Option<Voucher>, StoreError> {
        self.0.store().find_voucher(self.0.id(), code).await
    }

    /// Vouchers, by code.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list(&self, page: Page) -> Result<Listing<Voucher>, StoreError> {
        self.0.store().list_vouchers(self.0.id(), page).await
    }
}

fn refused(error: CommitError) -> VoucherError {
    match error.rejection() {
        Some(Rejection::VoucherCodeTaken) => VoucherError::CodeTaken,
        Some(Rejection::VoucherExhausted { .. }) => VoucherError::BelowUse,
        Some(_) | None => VoucherError::Commit(error),
    }
}
