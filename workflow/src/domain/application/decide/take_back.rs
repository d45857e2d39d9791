//! "Geri Çek": the Yetkili takes it back for any reason, also while it awaits approval; the proposal is
//! dropped (requirement 19, decision c). The system takes it back from a holder who is no longer fit:
//! pasif, or not a Sorumlu of the unit any more.

use crate::domain::actor::Actor;
use crate::domain::directory::Authority;
use crate::domain::ids::UserName;

use super::super::event::EventBody;
use super::super::refusal::Refusal;
use super::guard::{Case, Ruling};

pub(super) fn may<'a>(case: &Case<'a>) -> Result<(Authority, &'a UserName), Refusal> {
    let authority = case.supervisor()?;
    Ok((authority, case.held_by()?))
}

pub(super) fn decide(case: &Case<'_>) -> Result<Ruling, Refusal> {
    let (authority, officer) = match case.actor {
        Actor::System => (Authority::Own, may_system(case)?),
        Actor::Staff(_) | Actor::Citizen | Actor::Operator => may(case)?,
    };
    Ok(Ruling::by(authority, EventBody::TakenBack { officer: officer.clone() }))
}

fn may_system<'a>(case: &Case<'a>) -> Result<&'a UserName, Refusal> {
    case.system()?;
    case.open()?;
    let holder = case.held_by()?;
    if case.directory.is_officer(holder, &case.app.unit) { Err(Refusal::NotAllowed) } else { Ok(holder) }
}
