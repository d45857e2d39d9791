//! A new password. One that the user sets need not be changed again; one that a manager of the user sets
//! must be; an operator chooses.

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
