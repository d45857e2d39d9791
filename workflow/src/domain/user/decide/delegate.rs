//! A Yetkili lends their authority to one Sorumlu of the unit, for a time (requirement 14, decision f).
//! Nobody can do it for them.

use jiff::SignedDuration;

use crate::domain::actor::Role;

use super::super::event::UserEventBody;
use super::super::refusal::UserRefusal;
use super::super::state::{Delegation, User};
use super::guard::Case;

/// The longest time for which authority is lent.
const LONGEST: SignedDuration = SignedDuration::from_hours(366 * 24);

pub(super) fn decide(
    case: &Case<'_>,
    user: &User,
    delegation: &Delegation,
) -> Result<UserEventBody, UserRefusal> {
    case.actor_is_active()?;
    let unit = match &user.profile.unit {
        Some(unit) if case.is_own() && user.is_active_in(Role::Supervisor, unit) => unit,
        _ => return Err(UserRefusal::NotAllowed),
    };
    case.seen(user)?;
    let now = case.ctx.now;
    if user.delegation.as_ref().is_some_and(|current| now < current.ends_at) {
        return Err(UserRefusal::AlreadyDelegated);
    }
    let Delegation { to, starts_at, ends_at } = delegation;
    if ends_at <= starts_at || *ends_at <= now || ends_at.duration_since(now) > LONGEST {
        return Err(UserRefusal::PeriodUnfit);
    }
    if !case.ctx.directory.is_officer(to, unit) {
        return Err(UserRefusal::DelegateUnfit);
    }
    Ok(UserEventBody::Delegated { delegation: delegation.clone() })
}
