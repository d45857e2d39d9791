//! Takes lent authority back at once: by the Yetkili, or by whoever manages the Yetkili.

use super::super::event::UserEventBody;
use super::super::refusal::UserRefusal;
use super::super::state::User;
use super::guard::Case;

pub(super) fn decide(case: &Case<'_>, user: &User) -> Result<UserEventBody, UserRefusal> {
    if case.is_own() {
        case.actor_is_active()?;
    } else {
        case.manager_of(Some(user), &user.profile)?;
    }
    case.seen(user)?;
    let is_lent = user.delegation.as_ref().is_some_and(|delegation| case.ctx.now < delegation.ends_at);
    if is_lent { Ok(UserEventBody::DelegationRevoked) } else { Err(UserRefusal::NotDelegated) }
}
