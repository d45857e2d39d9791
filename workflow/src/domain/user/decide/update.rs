//! "Kaydet" on an existing user. A change of role or unit revokes the delegation.

use super::super::event::UserEventBody;
use super::super::refusal::UserRefusal;
use super::super::state::{User, UserProfile};
use super::guard::Case;

pub(super) fn decide(
    case: &Case<'_>,
    user: &User,
    profile: &UserProfile,
) -> Result<Vec<UserEventBody>, UserRefusal> {
    case.manager_of(Some(user), profile)?;
    case.seen(user)?;
    let profile = case.fitting(profile)?;
    if profile == user.profile {
        return Err(UserRefusal::Unchanged);
    }
    let moves = (profile.role, &profile.unit) != (user.profile.role, &user.profile.unit);
    if moves && case.is_own() {
        return Err(UserRefusal::Oneself);
    }
    if profile.role != user.profile.role {
        case.administrator_remains(user)?;
    }
    let revoked = (moves && user.delegation.is_some()).then_some(UserEventBody::DelegationRevoked);
    Ok(revoked.into_iter().chain([UserEventBody::Updated { profile }]).collect())
}
