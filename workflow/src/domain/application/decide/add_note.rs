//! "Cevap Ekle" by the Yetkili: an internal note, which the citizen never gets (requirement 20,
//! decision b). It belongs to the unit in which it was written.

use crate::budget;
use crate::domain::directory::Authority;
use crate::domain::sealed::SealedText;

use super::super::event::EventBody;
use super::super::refusal::Refusal;
use super::guard::{Case, Ruling, fewer, written};

pub(super) fn may(case: &Case<'_>) -> Result<Authority, Refusal> {
    let authority = case.supervisor()?;
    fewer(case.app.notes_of(&case.app.unit).count(), budget::NOTES)?;
    case.room_for(budget::ITEM)?;
    Ok(authority)
}

pub(super) fn decide(case: &Case<'_>, text: &SealedText) -> Result<Ruling, Refusal> {
    let authority = may(case)?;
    let text = written(text)?;
    case.room_for(text.takes())?;
    Ok(Ruling::by(authority, EventBody::NoteAdded { text }))
}
