//! "Kullanıcı Ekle". A user whom staff define must change the first password.

use crate::domain::actor::Actor;
use crate::domain::sealed::Sealed;

use super::super::event::UserEventBody;
use super::super::refusal::UserRefusal;
use super::super::state::UserProfile;
use super::guard::Case;

pub(super) fn decide(
    case: &Case<'_>,
    profile: &UserProfile,
    password: &Sealed,
    must_change_password: bool,
) -> Result<UserEventBody, UserRefusal> {
    case.manager_of(None, profile)?;
    let profile = case.fitting(profile)?;
    case.keeps(password)?;
    Ok(UserEventBody::Defined {
        profile,
        password: password.clone(),
        must_change_password: must_change_password || case.command.actor != Actor::Operator,
    })
}
