//! "Teslim Al": a Sorumlu takes an application of the unit that nobody holds (requirement
//! 23, decision c).

use crate::domain::ids::UserName;

use super::super::event::EventBody;
use super::super::refusal::Refusal;
use super::guard::{Case, Ruling};

pub(super) fn may<'a>(case: &Case<'a>) -> Result<&'a UserName, Refusal> {
    let officer = case.officer()?;
    case.unheld()?;
    Ok(officer)
}

pub(super) fn decide(case: &Case<'_>) -> Result<Ruling, Refusal> {
    let officer = may(case)?.clone();
    Ok(Ruling::happens(EventBody::Claimed { officer }))
}
