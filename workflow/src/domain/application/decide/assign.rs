//! "Teslim Et": the Yetkili gives an application that nobody holds to a Sorumlu of the unit
//! (requirement 16, decision c).

use crate::domain::directory::Authority;
use crate::domain::ids::UserName;

use super::super::event::EventBody;
use super::super::refusal::Refusal;
use super::guard::{Case, Ruling};

pub(super) fn may(case: &Case<'_>) -> Result<Authority, Refusal> {
    let authority = case.supervisor()?;
    case.unheld()?;
    Ok(authority)
}

pub(super) fn decide(case: &Case<'_>, officer: &UserName) -> Result<Ruling, Refusal> {
    let authority = may(case)?;
    if !case.directory.is_officer(officer, &case.app.unit) {
        return Err(Refusal::OfficerUnfit);
    }
    Ok(Ruling::by(authority, EventBody::Assigned { officer: officer.clone() }))
}
