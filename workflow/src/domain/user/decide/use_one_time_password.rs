//! The one login with a one-time password. The worker decides it, so that of two logins on two replicas
//! one is refused.

use super::super::event::UserEventBody;
use super::super::refusal::UserRefusal;
use super::super::state::User;
use super::guard::Case;

pub(super) fn decide(case: &Case<'_>, user: &User) -> Result<UserEventBody, UserRefusal> {
    case.own()?;
    let until = user.one_time_until().ok_or(UserRefusal::Unchanged)?;
    if user.access.one_time_used {
        return Err(UserRefusal::OneTimePasswordUsed);
    }
    if until <= case.ctx.now {
        return Err(UserRefusal::OneTimePasswordExpired);
    }
    case.seen(user)?;
    Ok(UserEventBody::OneTimePasswordUsed)
}
