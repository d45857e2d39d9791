//! A new password: one's own, which then need not be changed again, or one given by who may
//! manage the user, which must be. An operator chooses.

use crate::domain::actor::Actor;
use crate::domain::sealed::Sealed;

use super::super::event::UserEventBody;
use super::super::refusal::UserRefusal;
use super::super::state::User;
use super::guard::Case;

pub(super) fn decide(
    case: &Case<'_>,
    user: &User,
    password: &Sealed,
    must_change_password: bool,
) -> Result<UserEventBody, UserRefusal> {
    if case.is_own() {
        case.actor_is_active()?;
    } else {
        case.manager_of(Some(user), &user.profile)?;
    }
    case.seen(user)?;
    case.keeps(password)?;
    let must_change_password = match case.command.actor {
        Actor::Operator => must_change_password,
        _ => !case.is_own(),
    };
    Ok(UserEventBody::PasswordChanged { password: password.clone(), must_change_password })
}
