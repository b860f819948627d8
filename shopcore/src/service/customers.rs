//! Customers.

use serde_json::json;
use thiserror::Error;

use super::Shop;
use crate::audit::{Actor, Entity, Kind};
use crate::customer::{Chat, Contact, Customer, Standing};
use crate::id::CustomerId;
use crate::store::{CommitError, CustomerWrite, Rejection, StoreError};
use crate::text::Name;

/// Why a customer was not read or changed.
#[derive(Debug, Error)]
pub enum CustomerError {
    /// No such customer.
    #[error("there is no such customer")]
    Unknown,
    /// The store can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store can't be written.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

/// Customers of a shop.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/doc/corner.rs"));
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let Corner { shop, product, customer, chat } = Corner::open().await?;
/// use shopcore::{audit::Actor, customer::Standing};
///
/// let again = shop.customers().meet(&customer.contact, &chat, None).await?;
/// assert_eq!(again.id, customer.id);
/// shop.customers().set_standing(&Actor::Operator, customer.id, Standing::Banned).await?;
/// assert_eq!(shop.customers().get(customer.id).await?.standing, Standing::Banned);
/// # let _ = (product, customer, chat);
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Customers<'a>(pub(super) &'a Shop);

impl Customers<'_> {
    /// The customer of this contact, made at the first meeting.
    ///
    /// # Errors
    /// [`CustomerError::Store`] or [`CustomerError::Commit`].
    pub async fn meet(
        &self,
        contact: &Contact,
        chat: &Chat,
        name: Option<Name>,
    ) -> Result<Customer, CustomerError> {
        if let Some(known) = self.0.store().find_customer(self.0.id(), contact).await? {
            return Ok(known);
        }
        let customer = Customer {
            id: self.0.ids().next(),
            contact: contact.clone(),
            chat: chat.clone(),
            name,
            standing: Standing::Welcome,
            created_at: self.0.now(),
        };
        let mut batch = self.0.batch(&Actor::Customer(customer.id));
        let details = json!({ "frontend": contact.frontend });
        batch.push(CustomerWrite::Add(customer.clone())).record(
            Entity::new(Kind::Customer, customer.id),
            "met",
            details,
        );
        match self.0.commit(batch).await {
            Ok(()) => Ok(customer),
            Err(CommitError::Rejected(Rejection::ContactTaken)) => {
                let met = self.0.store().find_customer(self.0.id(), contact).await?;
                met.ok_or(CustomerError::Unknown)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The customer of this id.
    ///
    /// # Errors
    /// [`CustomerError::Unknown`] or [`CustomerError::Store`].
    pub async fn get(&self, customer: CustomerId) -> Result<Customer, CustomerError> {
        let found = self.0.store().get_customer(self.0.id(), customer).await?;
        found.ok_or(CustomerError::Unknown)
    }

    /// Bans a customer, or welcomes them again.
    ///
    /// # Errors
    /// [`CustomerError`]; nothing happens where they have that standing already.
    pub async fn set_standing(
        &self,
        actor: &Actor,
        customer: CustomerId,
        to: Standing,
    ) -> Result<(), CustomerError> {
        let from = self.get(customer).await?.standing;
        if from == to {
            return Ok(());
        }
        let action = match to {
            Standing::Welcome => "unbanned",
            Standing::Banned => "banned",
        };
        let mut batch = self.0.batch(actor);
        batch
            .push(CustomerWrite::SetStanding { customer, from, to })
            .record(Entity::new(Kind::Customer, customer), action, json!({}));
        Ok(self.0.commit(batch).await?)
    }
}
