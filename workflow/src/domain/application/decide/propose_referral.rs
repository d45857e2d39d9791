//! "Havale Et": the holder proposes to move it to another unit, of this or another valilik, also while
//! it is an Ön Başvuru (requirement 29, decision g).

use crate::domain::catalog::UnitId;
use crate::domain::ids::UserName;
use crate::domain::sealed::SealedText;

use super::super::event::EventBody;
use super::super::refusal::Refusal;
use super::super::state::Proposal;
use super::guard::{Case, Ruling, written};

pub(super) fn may<'a>(case: &Case<'a>) -> Result<&'a UserName, Refusal> {
    case.holder()
}

pub(super) fn decide(case: &Case<'_>, target: &UnitId, reason: &SealedText) -> Result<Ruling, Refusal> {
    may(case)?;
    if *target == case.app.unit || case.catalog.unit(target).is_none() {
        return Err(Refusal::TargetUnfit);
    }
    let reason = written(reason)?;
    // Room for an answer stays free, so that the new unit can close it.
    case.room_for(reason.takes())?;
    let proposal = Proposal::Referral { target: target.clone(), reason };
    Ok(Ruling::happens(EventBody::Proposed { proposal }))
}
