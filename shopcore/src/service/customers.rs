//! Customers.

use serde_json::json;
use thiserror::Error;

use super::wallets::{self, WalletError};
use super::{Shop, deciding, outdated};
use crate::audit::{Actor, Entity, Kind};
use crate::customer::{Chat, Contact, Customer, Language, Reachability, Standing};
use crate::id::CustomerId;
use crate::money::Money;
use crate::store::{
    CommitError, CustomerFilter, CustomerWrite, Listing, Page, Rejection, StoreError,
};
use crate::text::{Name, Reason};
use crate::time::Timestamp;

/// What the audit says of a customer who comes for the first time.
pub(super) const MET: &str = "met";

/// A customer of another shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCustomer {
    /// How they are met.
    pub contact: Contact,
    /// Where they are written to.
    pub chat: Chat,
    /// What they call themselves.
    pub name: Option<Name>,
    /// The language they chose.
    pub language: Option<Language>,
    /// What that shop owes them, in this shop's currency; their wallet begins with it.
    pub balance: Money,
}

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
outdated!(CustomerError);

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
/// shop.customers().set_standing(&Actor::Operator, customer.id, Standing::Banned, None, None).await?;
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
        let customer = self.fresh(contact.clone(), chat.clone(), name);
        let mut batch = self.0.batch(&Actor::Customer(customer.id));
        let details = json!({ "frontend": contact.frontend });
        batch.push(CustomerWrite::Add(customer.clone())).record(
            Entity::new(Kind::Customer, customer.id),
            MET,
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

    fn fresh(&self, contact: Contact, chat: Chat, name: Option<Name>) -> Customer {
        Customer {
            id: self.0.ids().next(),
            contact,
            chat,
            name,
            standing: Standing::Welcome,
            banned_until: None,
            language: None,
            reachability: Reachability::Reachable,
            created_at: self.0.now(),
            version: 0,
        }
    }

    /// Takes over customers of another shop, with what it owes them, in one batch: all of them or
    /// none.
    ///
    /// # Errors
    /// [`WalletError`]; nothing is changed then.
    pub async fn import(
        &self,
        actor: &Actor,
        customers: Vec<NewCustomer>,
    ) -> Result<Vec<Customer>, WalletError> {
        let mut batch = self.0.batch(actor);
        let mut added = Vec::with_capacity(customers.len());
        for new in customers {
            let mut customer = self.fresh(new.contact, new.chat, new.name);
            customer.language = new.language;
            if !new.balance.is_zero() {
                batch.push(wallets::adjustment(self.0, customer.id, new.balance)?);
            }
            let frontend = &customer.contact.frontend;
            let details = json!({ "frontend": frontend, "wallet": new.balance.to_string() });
            batch.push(CustomerWrite::Add(customer.clone())).record(
                Entity::new(Kind::Customer, customer.id),
                "taken over",
                details,
            );
            added.push(customer);
        }
        self.0.commit(batch).await?;
        Ok(added)
    }

    /// The customer of this contact.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn find(&self, contact: &Contact) -> Result<Option<Customer>, StoreError> {
        self.0.store().find_customer(self.0.id(), contact).await
    }

    /// The customer of this id.
    ///
    /// # Errors
    /// [`CustomerError::Unknown`] or [`CustomerError::Store`].
    pub async fn get(&self, customer: CustomerId) -> Result<Customer, CustomerError> {
        let found = self.0.store().get_customer(self.0.id(), customer).await?;
        found.ok_or(CustomerError::Unknown)
    }

    /// Customers, those who came last in front.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list(
        &self,
        filter: &CustomerFilter,
        page: Page,
    ) -> Result<Listing<Customer>, StoreError> {
        self.0
            .store()
            .list_customers(self.0.id(), filter, page)
            .await
    }

    /// Bans a customer, until a moment or for good, or welcomes them again.
    ///
    /// # Errors
    /// [`CustomerError`]; nothing happens where they have that standing already, until then.
    pub async fn set_standing(
        &self,
        actor: &Actor,
        customer: CustomerId,
        to: Standing,
        until: Option<Timestamp>,
        reason: Option<&Reason>,
    ) -> Result<(), CustomerError> {
        let reason = reason.map(Reason::as_str);
        let change = |customer: &mut Customer| {
            customer.standing = to;
            match to {
                Standing::Welcome => {
                    customer.banned_until = None;
                    ("unbanned", json!({ "reason": reason }))
                }
                Standing::Banned => {
                    customer.banned_until = until;
                    ("banned", json!({ "until": until, "reason": reason }))
                }
            }
        };
        self.change(actor, customer, change).await
    }

    /// Lifts the ban of a customer whose time is over.
    ///
    /// # Errors
    /// [`CustomerError`]; nothing happens where there is no such ban, or it was made longer.
    pub async fn lift_ban(&self, customer: CustomerId) -> Result<(), CustomerError> {
        let now = self.0.now();
        let change = |customer: &mut Customer| {
            if customer.standing_at(now) == Standing::Welcome {
                customer.standing = Standing::Welcome;
                customer.banned_until = None;
            }
            ("unbanned", json!({ "reason": "the ban is over" }))
        };
        self.change(&Actor::job("bans"), customer, change).await
    }

    /// Notes the language a customer chose; none is their platform's.
    ///
    /// # Errors
    /// [`CustomerError`]; nothing happens where it is theirs already.
    pub async fn set_language(
        &self,
        actor: &Actor,
        customer: CustomerId,
        to: Option<Language>,
    ) -> Result<(), CustomerError> {
        let change = |customer: &mut Customer| {
            customer.language.clone_from(&to);
            ("language chosen", json!({ "language": to }))
        };
        self.change(actor, customer, change).await
    }

    /// Notes whether a customer can be written to.
    ///
    /// # Errors
    /// [`CustomerError`]; nothing happens where it is known already.
    pub async fn set_reachability(
        &self,
        actor: &Actor,
        customer: CustomerId,
        to: Reachability,
    ) -> Result<(), CustomerError> {
        let change = |customer: &mut Customer| {
            customer.reachability = to;
            let action = match to {
                Reachability::Reachable => "reachable again",
                Reachability::Blocked => "found unreachable",
            };
            (action, json!({}))
        };
        self.change(actor, customer, change).await
    }

    /// Changes a customer as they are now, and records it where it makes a difference.
    pub(super) async fn change(
        &self,
        actor: &Actor,
        customer: CustomerId,
        change: impl Fn(&mut Customer) -> (&'static str, serde_json::Value),
    ) -> Result<(), CustomerError> {
        deciding(|| async {
            let read = self.get(customer).await?;
            let mut customer = read.clone();
            let (action, details) = change(&mut customer);
            if customer == read {
                return Ok(());
            }
            customer.version = read.version.saturating_add(1);
            let entity = Entity::new(Kind::Customer, customer.id);
            let was = read.version;
            let mut batch = self.0.batch(actor);
            batch
                .push(CustomerWrite::Update { customer, was })
                .record(entity, action, details);
            Ok(self.0.commit(batch).await?)
        })
        .await
    }
}
