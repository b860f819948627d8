//! Permissions: what the shop's team may do, beyond what every customer may.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::customer::Contact;

/// Something that only some may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// Add and change products.
    Catalog,
    /// Add contents.
    Stock,
    /// Make vouchers.
    Vouchers,
    /// See everyone's orders.
    Orders,
    /// Decide review cases.
    Reviews,
    /// Pay back, and credit or debit wallets.
    Money,
    /// See customers, ban them and welcome them again.
    Customers,
    /// Write to all customers.
    Broadcast,
    /// See figures, and take them out of the shop.
    Reports,
    /// Change texts, settings and who hears of what.
    Settings,
    /// Read what was done by whom.
    Audit,
    /// Give and take permissions.
    Team,
}

impl Permission {
    /// Every permission.
    pub const ALL: [Self; 12] = [
        Self::Catalog,
        Self::Stock,
        Self::Vouchers,
        Self::Orders,
        Self::Reviews,
        Self::Money,
        Self::Customers,
        Self::Broadcast,
        Self::Reports,
        Self::Settings,
        Self::Audit,
        Self::Team,
    ];

    const fn bit(self) -> u16 {
        match self {
            Self::Catalog => 1,
            Self::Stock => 1 << 1,
            Self::Vouchers => 1 << 2,
            Self::Orders => 1 << 3,
            Self::Reviews => 1 << 4,
            Self::Money => 1 << 5,
            Self::Customers => 1 << 6,
            Self::Broadcast => 1 << 7,
            Self::Reports => 1 << 8,
            Self::Settings => 1 << 9,
            Self::Audit => 1 << 10,
            Self::Team => 1 << 11,
        }
    }
}

/// A set of permissions.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(from = "Vec<Permission>", into = "Vec<Permission>")]
pub struct Permissions(u16);

impl Permissions {
    /// What every customer has.
    #[must_use]
    pub const fn none() -> Self {
        Self(0)
    }

    /// Every permission.
    #[must_use]
    pub fn all() -> Self {
        Permission::ALL.into_iter().collect()
    }

    /// The set with one more.
    #[must_use]
    pub const fn with(self, permission: Permission) -> Self {
        Self(self.0 | permission.bit())
    }

    /// The set without one.
    #[must_use]
    pub const fn without(self, permission: Permission) -> Self {
        Self(self.0 & !permission.bit())
    }

    /// The permissions of both sets.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The first permission of `other` that this set lacks.
    #[must_use]
    pub fn lacking(self, other: Self) -> Option<Permission> {
        other.iter().find(|wanted| !self.allow(Some(*wanted)))
    }

    /// The permissions it holds.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        let all = Permission::ALL.into_iter();
        all.filter(move |permission| self.allow(Some(*permission)))
    }

    /// Whether the set covers what is required, if anything is.
    #[must_use]
    pub const fn allow(self, required: Option<Permission>) -> bool {
        match required {
            Some(permission) => self.0 & permission.bit() != 0,
            None => true,
        }
    }
}

impl FromIterator<Permission> for Permissions {
    fn from_iter<I: IntoIterator<Item = Permission>>(permissions: I) -> Self {
        permissions.into_iter().fold(Self::none(), Self::with)
    }
}

impl From<Vec<Permission>> for Permissions {
    fn from(permissions: Vec<Permission>) -> Self {
        permissions.into_iter().collect()
    }
}

impl From<Permissions> for Vec<Permission> {
    fn from(permissions: Permissions) -> Self {
        permissions.iter().collect()
    }
}

impl fmt::Debug for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// The program's own team: who is permitted what from its start. Nothing done in chat changes
/// them; whom they take in is on the [`Roster`](super::roster::Roster).
#[derive(Debug, Clone, Default)]
pub struct Team(BTreeMap<Contact, Permissions>);

impl Team {
    /// Gives a person permissions in place of those they had.
    pub fn grant(&mut self, contact: Contact, permissions: Permissions) {
        self.0.insert(contact, permissions);
    }

    /// Whether a person belongs to it.
    #[must_use]
    pub fn has(&self, contact: &Contact) -> bool {
        self.0.contains_key(contact)
    }

    /// What a person may do.
    #[must_use]
    pub fn permissions(&self, contact: &Contact) -> Permissions {
        self.0.get(contact).copied().unwrap_or_default()
    }

    /// Those who may do this.
    pub fn with(&self, permission: Permission) -> impl Iterator<Item = &Contact> {
        self.0
            .iter()
            .filter(move |(_, held)| held.allow(Some(permission)))
            .map(|(contact, _)| contact)
    }

    /// Everyone in it.
    pub fn contacts(&self) -> impl Iterator<Item = &Contact> {
        self.0.keys()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_allows_what_it_holds() {
        let some = Permissions::none()
            .with(Permission::Stock)
            .with(Permission::Orders);
        for permission in Permission::ALL {
            let held = matches!(permission, Permission::Stock | Permission::Orders);
            assert_eq!(some.allow(Some(permission)), held);
            assert!(Permissions::all().allow(Some(permission)));
            assert!(!Permissions::none().allow(Some(permission)));
        }
        assert!(Permissions::none().allow(None));
        assert_eq!(format!("{some:?}"), "{Stock, Orders}");
    }
}
