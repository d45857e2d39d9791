//! "Geri Gönder": the Yetkili returns a proposal to the same Sorumlu. The "Geri Gönderme Sebebi" is
//! required (requirement 18, decision d).

use crate::domain::directory::Authority;
use crate::domain::sealed::SealedText;

use super::super::event::EventBody;
use super::super::refusal::Refusal;
use super::guard::{Case, Ruling, written};

pub(super) fn may(case: &Case<'_>) -> Result<Authority, Refusal> {
    let authority = case.supervisor()?;
    case.pending()?;
    Ok(authority)
}

pub(super) fn decide(case: &Case<'_>, reason: &SealedText) -> Result<Ruling, Refusal> {
    let authority = may(case)?;
    let reason = written(reason)?;
    case.room_for(reason.takes())?;
    Ok(Ruling::by(authority, EventBody::SentBack { reason }))
}
