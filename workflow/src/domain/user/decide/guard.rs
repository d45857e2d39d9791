//! What the guards of all commands on users share.

use std::sync::Arc;

use crate::budget;
use crate::domain::actor::{Actor, Role};
use crate::domain::sealed::Sealed;
use crate::domain::text;

use super::super::command::UserCommand;
use super::super::refusal::UserRefusal;
use super::super::state::{User, UserProfile};
use super::context::UserContext;

/// Whether `manager`, who is active, may manage or define a user with this profile.
#[must_use]
pub fn may_manage(manager: &User, profile: &UserProfile) -> bool {
    match manager.profile.role {
        Role::Administrator => true,
        Role::Supervisor => profile.role == Role::Officer && profile.unit == manager.profile.unit,
        Role::Officer | Role::Coordinator => false,
    }
}

/// A command and its context.
pub(super) struct Case<'a> {
    pub command: &'a UserCommand,
    pub ctx: &'a UserContext<'a>,
}

impl<'a> Case<'a> {
    /// Whether the actor is the user.
    pub fn is_own(&self) -> bool {
        matches!(&self.command.actor, Actor::Staff(name) if *name == self.command.user)
    }

    /// The actor is active, and is the user.
    pub fn own(&self) -> Result<(), UserRefusal> {
        self.actor_is_active()?;
        if self.is_own() { Ok(()) } else { Err(UserRefusal::NotAllowed) }
    }

    /// The actor is an operator (`None`) or an active user.
    pub fn actor_is_active(&self) -> Result<Option<&'a Arc<User>>, UserRefusal> {
        match &self.command.actor {
            Actor::Operator => Ok(None),
            Actor::Staff(name) => self.ctx.directory.active(name).map(Some).ok_or(UserRefusal::NotActive),
            Actor::Citizen | Actor::System => Err(UserRefusal::NotAllowed),
        }
    }

    /// The actor may manage the user with the present profile, if there is a user, and with the new one.
    pub fn manager_of(&self, user: Option<&User>, profile: &UserProfile) -> Result<(), UserRefusal> {
        let Some(manager) = self.actor_is_active()? else { return Ok(()) };
        let fits = user.is_none_or(|user| may_manage(manager, &user.profile));
        if fits && may_manage(manager, profile) { Ok(()) } else { Err(UserRefusal::NotAllowed) }
    }

    /// The actor saw the present version. Staff must name it; an operator may.
    pub fn seen(&self, user: &User) -> Result<(), UserRefusal> {
        match self.command.expected_version {
            Some(version) if version != user.version => Err(UserRefusal::VersionConflict),
            None if self.command.actor != Actor::Operator => Err(UserRefusal::VersionMissing),
            _ => Ok(()),
        }
    }

    /// The profile with its name as one line of visible characters. A Yönetici has no unit, everyone else
    /// an existing one; everyone has a name that is not too long.
    pub fn fitting(&self, profile: &UserProfile) -> Result<UserProfile, UserRefusal> {
        let full_name = text::line(&profile.full_name);
        if full_name.is_empty() {
            return Err(UserRefusal::FullNameMissing);
        }
        if full_name.chars().count() > budget::FULL_NAME_CHARS {
            return Err(UserRefusal::FullNameTooLong);
        }
        let fits = match (profile.role, &profile.unit) {
            (Role::Administrator, unit) => unit.is_none(),
            (_, Some(unit)) => self.ctx.catalog.unit(unit).is_some(),
            (_, None) => false,
        };
        if fits { Ok(UserProfile { full_name, ..profile.clone() }) } else { Err(UserRefusal::UnitUnfit) }
    }

    /// The sealed password hash is not longer than one can be.
    pub fn keeps(&self, password: &Sealed) -> Result<(), UserRefusal> {
        if password.0.len() <= budget::SEALED_PASSWORD { Ok(()) } else { Err(UserRefusal::PasswordUnfit) }
    }

    /// There is another active Yönetici, or this user is not one.
    pub fn administrator_remains(&self, user: &User) -> Result<(), UserRefusal> {
        let is_one = user.active && user.profile.role == Role::Administrator;
        let others = self.ctx.directory.administrators().any(|other| other.name != user.name);
        if !is_one || others { Ok(()) } else { Err(UserRefusal::LastAdministrator) }
    }
}
