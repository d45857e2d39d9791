//! Applies an event to a user, without any rules.

use std::collections::VecDeque;

use super::access::Access;
use super::event::{UserEvent, UserEventBody};
use super::state::User;

/// How many command ids a user remembers.
const REMEMBERED: usize = 32;

/// The user after `event`. `None` stays `None` until the event of the definition.
///
/// Events must come in the order of their `seq`, each once; the caller checks that. Only an event as
/// `decide` made it has the password, not one from the events topic: a directory is restored from the
/// users topic.
#[must_use]
pub fn evolve(state: Option<User>, event: &UserEvent) -> Option<User> {
    let mut user = match (state, &event.body) {
        (Some(user), _) => user,
        (None, UserEventBody::Defined { profile, password, must_change_password }) => User {
            name: event.user.clone(),
            version: 0,
            profile: profile.clone(),
            active: true,
            password: password.clone(),
            must_change_password: *must_change_password,
            password_set_at: event.at,
            sessions_since: event.seq,
            access: Access::default(),
            delegation: None,
            recent_commands: VecDeque::new(),
        },
        (None, _) => return None,
    };
    match &event.body {
        UserEventBody::Defined { .. } => user.access.password_set(&event.user, &event.actor, event.at),
        UserEventBody::Updated { profile } => user.profile = profile.clone(),
        UserEventBody::Activated => user.active = true,
        UserEventBody::Deactivated => {
            user.active = false;
            user.sessions_since = event.seq;
        }
        UserEventBody::PasswordChanged { password, must_change_password } => {
            user.password = password.clone();
            user.must_change_password = *must_change_password;
            user.password_set_at = event.at;
            user.sessions_since = event.seq;
            user.access.password_set(&event.user, &event.actor, event.at);
        }
        UserEventBody::Delegated { delegation } => user.delegation = Some(delegation.clone()),
        UserEventBody::DelegationRevoked => user.delegation = None,
        UserEventBody::OneTimePasswordUsed => user.access.one_time_used = true,
        UserEventBody::SessionEnded { session } => {
            if !user.access.end(session.clone(), event.at) {
                user.sessions_since = event.seq;
            }
        }
    }
    user.version = event.seq;
    if user.recent_commands.back() != Some(&event.command_id) {
        user.recent_commands.push_back(event.command_id);
    }
    while user.recent_commands.len() > REMEMBERED {
        user.recent_commands.pop_front();
    }
    Some(user)
}
