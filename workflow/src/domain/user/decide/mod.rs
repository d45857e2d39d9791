//! Decides commands on users: one file for each.
//!
//! # Who manages whom (requirements 10, 13, 31)
//! - An operator at the command line manages everyone: so a new installation gets its first Yönetici.
//! - A Yönetici manages everyone, of every role and unit. The guide lets the Yetkili define the unit's
//!   Sorumlular and the Yönetici "manage all users". It forbids neither, and a unit whose Yetkili is
//!   away must not be blocked.
//! - A Yetkili manages the Sorumlular of their own unit, and cannot move anybody to another role or
//!   unit.
//! - Lent authority is for applications only: the delegate stays a Sorumlu, who has no Kullanıcılar menu
//!   (requirement 22), and so can neither lend it on nor deactivate who lent it.
//! - Everyone changes their own password. Nobody else manages anything.
//!
//! # What the directory knows
//! All commands on users go through one partition (by the key of [`UserCommand`]'s message), so the
//! worker that decides one has decided all before it, and its directory is up to date. If two
//! Yöneticiler set each other pasif at the same time, one command comes first, and the other is
//! refused, because its actor is no longer active.

mod change_password;
mod context;
mod define;
mod delegate;
mod end_session;
mod guard;
mod revoke_delegation;
mod set_active;
mod update;
mod use_one_time_password;

use crate::domain::ids::EventId;

use super::command::{UserCommand, UserCommandBody};
use super::event::{UserEvent, UserEventBody};
use super::refusal::UserRefusal;
use super::state::User;

pub use context::UserContext;
use guard::Case;
pub use guard::may_manage;

/// The events of `command` on `state` (`None`: there is no such user yet). No events means that the
/// command was applied before.
///
/// # Errors
/// A [`UserRefusal`]; nothing changes.
pub fn decide(
    state: Option<&User>,
    command: &UserCommand,
    ctx: &UserContext<'_>,
) -> Result<Vec<UserEvent>, UserRefusal> {
    if state.is_some_and(|user| user.recent_commands.contains(&command.id)) {
        return Ok(Vec::new());
    }
    let case = &Case { command, ctx };
    let bodies = match (&command.body, state) {
        (UserCommandBody::DefineUser { profile, password, must_change_password }, None) => {
            define::decide(case, profile, password, *must_change_password).map(|body| vec![body])
        }
        (UserCommandBody::DefineUser { profile, .. }, Some(_)) => {
            case.manager_of(None, profile)?;
            Err(UserRefusal::UserExists)
        }
        (_, None) => {
            case.actor_is_active()?;
            Err(UserRefusal::UserNotFound)
        }
        (UserCommandBody::UpdateUser { profile }, Some(user)) => update::decide(case, user, profile),
        (UserCommandBody::SetActive { active }, Some(user)) => set_active::decide(case, user, *active),
        (UserCommandBody::ChangePassword { password, must_change_password }, Some(user)) => {
            change_password::decide(case, user, password, *must_change_password).map(|body| vec![body])
        }
        (UserCommandBody::Delegate { delegation }, Some(user)) => {
            delegate::decide(case, user, delegation).map(|body| vec![body])
        }
        (UserCommandBody::RevokeDelegation, Some(user)) => {
            revoke_delegation::decide(case, user).map(|body| vec![body])
        }
        (UserCommandBody::UseOneTimePassword, Some(user)) => {
            use_one_time_password::decide(case, user).map(|body| vec![body])
        }
        (UserCommandBody::EndSession { session }, Some(_)) => {
            end_session::decide(case, session).map(|body| vec![body])
        }
    }?;
    Ok(events(state, command, ctx, bodies))
}

fn events(
    state: Option<&User>,
    command: &UserCommand,
    ctx: &UserContext<'_>,
    bodies: Vec<UserEventBody>,
) -> Vec<UserEvent> {
    let version = state.map_or(0, |user| user.version);
    (version + 1..)
        .zip(bodies)
        .map(|(seq, body)| UserEvent {
            id: EventId::of(command.user.as_str(), seq),
            user: command.user.clone(),
            seq,
            command_id: command.id,
            at: ctx.now,
            actor: command.actor.clone(),
            directory_offset: ctx.directory.offset(),
            body,
        })
        .collect()
}
