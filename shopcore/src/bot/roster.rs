//! The roster: whom the shop's team took in, in chat, and which roles it has.
//!
//! Those whom the program itself permits something are the [`Team`]: nothing done in chat changes
//! them. Everyone else's role is kept in the store and read at every deed, so that a right that
//! was taken away counts from that moment, in every process.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;
use thiserror::Error;

use super::dispatch::Core;
use super::permission::{Permission, Permissions, Team};
use crate::Shop;
use crate::audit::{Actor, Entity, Kind};
use crate::customer::{Contact, Customer};
use crate::id::CustomerId;
use crate::store::{Batch, ChatWrite, CommitError, StoreError};
use crate::text::Name;

const PLUGIN: &str = "team";
const KEY: &str = "roster";

/// How often a change is decided again while others change the roster too.
const ROUNDS_MAX: u32 = 16;

/// A set of permissions that members of the team have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Role {
    /// Does everything but decide on the team and the settings.
    Admin,
    /// Helps customers: sees them, their orders and their review cases.
    Support,
    /// One that the shop made, by its number.
    Custom(u16),
}

/// A role that the shop made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomRole {
    /// What it is called.
    pub name: Name,
    /// What it permits.
    pub permissions: Permissions,
}

/// Someone who was taken into the team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Who they are on their platform.
    pub contact: Contact,
    /// What they may do.
    pub role: Role,
}

/// Why the team was not changed.
#[derive(Debug, Error)]
pub enum TeamError {
    /// No such role.
    #[error("there is no such role")]
    UnknownRole,
    /// Not a member.
    #[error("there is no such member")]
    UnknownMember,
    /// Another role has the name.
    #[error("another role has this name")]
    NameTaken,
    /// Members have the role.
    #[error("members have this role")]
    RoleInUse,
    /// There are as many roles as there may be.
    #[error("there are {0} roles already")]
    TooManyRoles(usize),
    /// It would give or take what the person does not hold themselves.
    #[error("the person does not hold the permission {0:?}")]
    NotHeld(Permission),
    /// The program itself permits this person what they may do.
    #[error("the program's own team is not changed in chat")]
    Fixed,
    /// The roster can't be read.
    #[error("the stored roster is damaged")]
    Damaged(#[source] serde_json::Error),
    /// The store can't be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store can't be written.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

/// A change of the roster.
#[derive(Debug, Clone)]
pub enum Change {
    /// Makes a role that permits nothing yet.
    AddRole(Name),
    /// Gives a role a permission, or takes it away.
    Toggle(u16, Permission),
    /// Deletes a role that nobody has.
    DeleteRole(u16),
    /// Takes a customer into the team, or gives a member another role.
    Appoint(Customer, Role),
    /// Takes someone out of the team.
    Dismiss(CustomerId),
}

/// Roles and members as they are stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roster {
    roles: BTreeMap<u16, CustomRole>,
    /// The number of the next role; none is given twice, so that no old button means a new role.
    next: u16,
    members: BTreeMap<CustomerId, Member>,
}

impl Roster {
    /// The most roles that a shop may make.
    pub const ROLES_MAX: usize = 20;

    /// Reads the roster of a shop.
    ///
    /// # Errors
    /// [`TeamError::Store`] or [`TeamError::Damaged`].
    pub async fn load(shop: &Shop) -> Result<Self, TeamError> {
        let stored = shop.store().find_state(shop.id(), PLUGIN, KEY).await?;
        parse(stored.as_deref())
    }

    /// The roles that the shop made, in the order they were made.
    pub fn roles(&self) -> impl Iterator<Item = (u16, &CustomRole)> {
        self.roles.iter().map(|(number, role)| (*number, role))
    }

    /// The role of this number.
    ///
    /// # Errors
    /// [`TeamError::UnknownRole`].
    pub fn custom(&self, number: u16) -> Result<&CustomRole, TeamError> {
        self.roles.get(&number).ok_or(TeamError::UnknownRole)
    }

    /// The members, in the order they first came to the shop.
    pub fn members(&self) -> impl ExactSizeIterator<Item = (CustomerId, &Member)> {
        self.members.iter().map(|(id, member)| (*id, member))
    }

    /// The member who is this customer.
    #[must_use]
    pub fn member(&self, customer: CustomerId) -> Option<&Member> {
        self.members.get(&customer)
    }

    /// What a role permits; nothing where it is gone.
    #[must_use]
    pub fn permissions_of(&self, role: Role) -> Permissions {
        match role {
            Role::Admin => Permissions::all()
                .without(Permission::Team)
                .without(Permission::Settings),
            Role::Support => Permissions::none()
                .with(Permission::Orders)
                .with(Permission::Reviews)
                .with(Permission::Customers),
            Role::Custom(number) => {
                let role = self.roles.get(&number);
                role.map(|role| role.permissions).unwrap_or_default()
            }
        }
    }

    /// What a customer's role permits them.
    #[must_use]
    pub fn permissions(&self, customer: CustomerId) -> Permissions {
        let member = self.member(customer);
        member.map_or_else(Permissions::none, |member| self.permissions_of(member.role))
    }

    fn apply(&mut self, by: Permissions, change: &Change, fixed: &Team) -> Result<(), TeamError> {
        match change {
            Change::AddRole(name) => self.add_role(name),
            Change::Toggle(number, permission) => self.toggle(by, *number, *permission),
            Change::DeleteRole(number) => self.delete_role(by, *number),
            Change::Appoint(customer, role) => {
                if fixed.has(&customer.contact) {
                    return Err(TeamError::Fixed);
                }
                self.appoint(by, customer, *role)
            }
            Change::Dismiss(customer) => {
                covered(by, self.permissions(*customer))?;
                let left = self.members.remove(customer);
                left.map(drop).ok_or(TeamError::UnknownMember)
            }
        }
    }

    fn add_role(&mut self, name: &Name) -> Result<(), TeamError> {
        let alike =
            |other: &CustomRole| other.name.as_str().to_lowercase() == name.as_str().to_lowercase();
        if self.roles.values().any(alike) {
            return Err(TeamError::NameTaken);
        }
        let full = TeamError::TooManyRoles(Self::ROLES_MAX);
        let next = self.next.checked_add(1);
        let (true, Some(next)) = (self.roles.len() < Self::ROLES_MAX, next) else {
            return Err(full);
        };
        let role = CustomRole {
            name: name.clone(),
            permissions: Permissions::none(),
        };
        self.roles.insert(self.next, role);
        self.next = next;
        Ok(())
    }

    fn toggle(&mut self, by: Permissions, number: u16, what: Permission) -> Result<(), TeamError> {
        let role = self.roles.get_mut(&number).ok_or(TeamError::UnknownRole)?;
        covered(by, role.permissions.with(what))?;
        role.permissions = match role.permissions.allow(Some(what)) {
            true => role.permissions.without(what),
            false => role.permissions.with(what),
        };
        Ok(())
    }

    fn delete_role(&mut self, by: Permissions, number: u16) -> Result<(), TeamError> {
        covered(by, self.custom(number)?.permissions)?;
        let is_its = |member: &Member| member.role == Role::Custom(number);
        if self.members.values().any(is_its) {
            return Err(TeamError::RoleInUse);
        }
        self.roles.remove(&number);
        Ok(())
    }

    fn appoint(
        &mut self,
        by: Permissions,
        customer: &Customer,
        role: Role,
    ) -> Result<(), TeamError> {
        if let Role::Custom(number) = role {
            self.custom(number)?;
        }
        covered(by, self.permissions_of(role))?;
        covered(by, self.permissions(customer.id))?;
        let contact = customer.contact.clone();
        self.members.insert(customer.id, Member { contact, role });
        Ok(())
    }
}

fn parse(stored: Option<&[u8]>) -> Result<Roster, TeamError> {
    let roster = stored.map(serde_json::from_slice).transpose();
    Ok(roster.map_err(TeamError::Damaged)?.unwrap_or_default())
}

/// Nobody gives, takes or changes what they don't hold.
fn covered(by: Permissions, what: Permissions) -> Result<(), TeamError> {
    match by.lacking(what) {
        Some(permission) => Err(TeamError::NotHeld(permission)),
        None => Ok(()),
    }
}

impl Core {
    /// What a customer may do now.
    pub(super) async fn permissions(&self, customer: &Customer) -> Result<Permissions, TeamError> {
        let roster = Roster::load(&self.shop).await?;
        Ok(self.held(&roster, customer.id, &customer.contact))
    }

    fn held(&self, roster: &Roster, customer: CustomerId, contact: &Contact) -> Permissions {
        let own = self.team.permissions(contact);
        own.and(roster.permissions(customer))
    }

    /// Those who may do this: the program's own team, and the members whom their role permits it.
    pub(super) async fn who_may(&self, permission: Permission) -> Result<Vec<Contact>, TeamError> {
        let roster = Roster::load(&self.shop).await?;
        let mut contacts: Vec<_> = self.team.with(permission).cloned().collect();
        for member in roster.members.values() {
            let permitted = roster.permissions_of(member.role).allow(Some(permission));
            if permitted && !contacts.contains(&member.contact) {
                contacts.push(member.contact.clone());
            }
        }
        Ok(contacts)
    }

    /// Changes the roster for someone who holds what it takes at that very moment.
    pub(super) async fn change_team(
        &self,
        by: &Customer,
        change: &Change,
    ) -> Result<Roster, TeamError> {
        let mut rounds = 0;
        loop {
            match self.try_change_team(by, change).await {
                Err(TeamError::Commit(CommitError::Conflict)) if rounds < ROUNDS_MAX => rounds += 1,
                done => return done,
            }
        }
    }

    async fn try_change_team(&self, by: &Customer, change: &Change) -> Result<Roster, TeamError> {
        let shop = &self.shop;
        let was = shop.store().find_state(shop.id(), PLUGIN, KEY).await?;
        let mut roster = parse(was.as_deref())?;
        let held = self.held(&roster, by.id, &by.contact);
        covered(held, Permissions::none().with(Permission::Team))?;
        let before = roster.clone();
        roster.apply(held, change, &self.team)?;
        let value = serde_json::to_vec(&roster).map_err(TeamError::Damaged)?;
        let mut batch = Batch::by(Actor::Admin(by.id), shop.id(), shop.now(), shop.ids());
        batch.push(ChatWrite::SwapState {
            plugin: PLUGIN.to_owned(),
            key: KEY.to_owned(),
            was,
            value,
        });
        record(&mut batch, shop, change, &before);
        shop.commit(batch).await?;
        Ok(roster)
    }
}

fn record(batch: &mut Batch, shop: &Shop, change: &Change, before: &Roster) {
    let of_shop = || Entity::new(Kind::Shop, shop.id());
    let (entity, action, details) = match change {
        Change::AddRole(name) => (of_shop(), "role added", json!({ "name": name })),
        Change::Toggle(number, permission) => {
            let had = before.permissions_of(Role::Custom(*number));
            let action = match had.allow(Some(*permission)) {
                true => "permission taken from role",
                false => "permission given to role",
            };
            let details = json!({ "role": number, "permission": permission });
            (of_shop(), action, details)
        }
        Change::DeleteRole(number) => (of_shop(), "role deleted", json!({ "role": number })),
        Change::Appoint(customer, role) => {
            let was = before.member(customer.id).map(|member| member.role);
            let entity = Entity::new(Kind::Customer, customer.id);
            (entity, "appointed", json!({ "role": role, "was": was }))
        }
        Change::Dismiss(customer) => {
            let was = before.member(*customer).map(|member| member.role);
            let entity = Entity::new(Kind::Customer, *customer);
            (entity, "dismissed", json!({ "was": was }))
        }
    };
    batch.record(entity, action, details);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Name {
        Name::parse(text).unwrap()
    }

    #[test]
    fn nobody_gives_or_takes_what_they_do_not_hold() {
        let some = Permissions::none()
            .with(Permission::Team)
            .with(Permission::Stock);
        let (all, fixed) = (Permissions::all(), Team::default());
        let mut roster = Roster::default();
        let add = Change::AddRole(name("Packer"));
        roster.apply(some, &add, &fixed).unwrap();
        let stock = Change::Toggle(0, Permission::Stock);
        roster.apply(some, &stock, &fixed).unwrap();
        let money = Change::Toggle(0, Permission::Money);
        let refused = roster.clone().apply(some, &money, &fixed);
        assert!(matches!(
            refused,
            Err(TeamError::NotHeld(Permission::Money))
        ));
        roster.apply(all, &money, &fixed).unwrap();
        for change in [stock, money, Change::DeleteRole(0)] {
            let refused = roster.clone().apply(some, &change, &fixed);
            assert!(matches!(refused, Err(TeamError::NotHeld(_))), "{change:?}");
        }
        roster.apply(all, &Change::DeleteRole(0), &fixed).unwrap();
        roster.apply(all, &add, &fixed).unwrap();
        assert!(roster.custom(0).is_err() && roster.custom(1).is_ok());
    }
}
