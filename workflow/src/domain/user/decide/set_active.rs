//! Aktif or pasif. When a Yetkili becomes pasif, their delegation is revoked for good.

use super::super::event::UserEventBody;
use super::super::refusal::UserRefusal;
use super::super::state::User;
use super::guard::Case;

pub(super) fn decide(case: &Case<'_>, user: &User, active: bool) -> Result<Vec<UserEventBody>, UserRefusal> {
    case.manager_of(Some(user), &user.profile)?;
    case.seen(user)?;
    if active == user.active {
        return Err(UserRefusal::Unchanged);
    }
    if active {
        return Ok(vec![UserEventBody::Activated]);
    }
    if case.is_own() {
        return Err(UserRefusal::Oneself);
    }
    case.administrator_remains(user)?;
    let revoked = user.delegation.is_some().then_some(UserEventBody::DelegationRevoked);
    Ok(revoked.into_iter().chain([UserEventBody::Deactivated]).collect())
}
