//! The user directory: every user, as read from `ebasvuru.users`.
//!
//! Each replica reads the whole topic and keeps the users in memory. A decision records
//! [`Directory::offset`], so that it is known later which users it saw.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use jiff::Timestamp;

use super::state::User;
use crate::domain::actor::Role;
use crate::domain::catalog::UnitId;
use crate::domain::ids::UserName;

/// Whose authority a person uses when they act as Yetkili (decision f).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authority {
    /// Their own.
    Own,
    /// That of the Yetkili who lent it to them.
    OnBehalfOf(UserName),
}

impl Authority {
    /// The Yetkili who lent it; `None` if it is the person's own.
    #[must_use]
    pub fn on_behalf_of(self) -> Option<UserName> {
        match self {
            Self::Own => None,
            Self::OnBehalfOf(delegator) => Some(delegator),
        }
    }
}

/// Every user, with the indexes that decisions need.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    users: HashMap<UserName, Arc<User>>,
    /// By unit: all its members, aktif or pasif.
    members: HashMap<UnitId, BTreeSet<UserName>>,
    /// By delegate: who named them, whether or not the delegation is active.
    lenders: HashMap<UserName, BTreeSet<UserName>>,
    administrators: BTreeSet<UserName>,
    offset: i64,
}

impl Directory {
    /// An empty directory.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds or replaces a user, as read at `offset` of the users topic.
    pub fn put(&mut self, user: Arc<User>, offset: i64) {
        self.offset = self.offset.max(offset + 1);
        if let Some(before) = self.users.remove(&user.name) {
            self.unindex(&before);
        }
        if let Some(unit) = &user.profile.unit {
            self.members.entry(unit.clone()).or_default().insert(user.name.clone());
        }
        if let Some(delegation) = &user.delegation {
            self.lenders.entry(delegation.to.clone()).or_default().insert(user.name.clone());
        }
        if user.profile.role == Role::Administrator {
            self.administrators.insert(user.name.clone());
        }
        self.users.insert(user.name.clone(), user);
    }

    fn unindex(&mut self, user: &User) {
        if let Some(members) = user.profile.unit.as_ref().and_then(|unit| self.members.get_mut(unit)) {
            members.remove(&user.name);
        }
        if let Some(lenders) = user.delegation.as_ref().and_then(|d| self.lenders.get_mut(&d.to)) {
            lenders.remove(&user.name);
        }
        self.administrators.remove(&user.name);
    }

    /// The first offset of the users topic that has not been read.
    #[must_use]
    pub const fn offset(&self) -> i64 {
        self.offset
    }

    /// The user of this name, aktif or pasif.
    #[must_use]
    pub fn get(&self, name: &UserName) -> Option<&Arc<User>> {
        self.users.get(name)
    }

    /// The user of this name, if aktif.
    #[must_use]
    pub fn active(&self, name: &UserName) -> Option<&Arc<User>> {
        self.get(name).filter(|user| user.active)
    }

    /// All users, by name.
    #[must_use]
    pub fn all(&self) -> BTreeMap<&UserName, &Arc<User>> {
        self.users.iter().collect()
    }

    /// The members of a unit, aktif or pasif, by name.
    pub fn members_of(&self, unit: &UnitId) -> impl Iterator<Item = &Arc<User>> {
        self.members.get(unit).into_iter().flatten().filter_map(|name| self.get(name))
    }

    /// The active Sorumlular of a unit, by name: those to whom "Teslim Et" may give.
    pub fn officers_of(&self, unit: &UnitId) -> impl Iterator<Item = &Arc<User>> {
        self.members_of(unit).filter(|user| user.is_active_in(Role::Officer, unit))
    }

    /// Whether `name` is an active Sorumlu of `unit`.
    #[must_use]
    pub fn is_officer(&self, name: &UserName, unit: &UnitId) -> bool {
        self.get(name).is_some_and(|user| user.is_active_in(Role::Officer, unit))
    }

    /// The active Yöneticiler, by name.
    pub fn administrators(&self) -> impl Iterator<Item = &Arc<User>> {
        self.administrators.iter().filter_map(|name| self.active(name))
    }

    /// The authorities by which `name` may act as Yetkili of `unit` at `now`: their own, or that of an
    /// active Yetkili of the unit who lent it to them, an active Sorumlu of the unit. A delegate cannot
    /// lend it on, because only the record of a Yetkili names a delegate.
    pub fn authorities(
        &self,
        name: &UserName,
        unit: &UnitId,
        now: Timestamp,
    ) -> impl Iterator<Item = Authority> {
        let own = self.get(name).filter(|user| user.is_active_in(Role::Supervisor, unit));
        let lent = self.is_officer(name, unit).then(|| self.lenders.get(name)).flatten();
        let lent = lent.into_iter().flatten().filter(move |lender| {
            self.get(lender).is_some_and(|lender| {
                lender.is_active_in(Role::Supervisor, unit)
                    && lender.delegation.as_ref().is_some_and(|d| d.to == *name && d.is_active(now))
            })
        });
        own.map(|_| Authority::Own).into_iter().chain(lent.cloned().map(Authority::OnBehalfOf))
    }

    /// Whether one person may have been behind both accounts, each at its time: because one of the two
    /// set the other's password, or one Yetkili set both. A Yönetici, who sets up whole units and
    /// approves nothing, does not count.
    #[must_use]
    pub fn may_be_one_person(&self, one: (&UserName, Timestamp), other: (&UserName, Timestamp)) -> bool {
        self.behind(one).any(|person| self.behind(other).any(|also| also == person))
    }

    /// Who may be behind an account at a time: its user, and whoever set its password, until it has been
    /// the user's own for long enough.
    fn behind<'a>(&'a self, (name, at): (&'a UserName, Timestamp)) -> impl Iterator<Item = &'a UserName> {
        let keepers = self.get(name).into_iter().flat_map(move |user| user.access.keepers_at(at));
        let administers =
            |name: &&UserName| self.get(name).is_some_and(|user| user.profile.role == Role::Administrator);
        std::iter::once(name).chain(keepers.filter(move |name| !administers(name)))
    }

    /// The first authority by which `name` may act as Yetkili of `unit` at `now`.
    #[must_use]
    pub fn authority(&self, name: &UserName, unit: &UnitId, now: Timestamp) -> Option<Authority> {
        self.authorities(name, unit, now).next()
    }
}
