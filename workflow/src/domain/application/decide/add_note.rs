//! "Cevap Ekle" by the Yetkili: an internal note, never the citizen's (requirement 20,
//! decision b). It keeps the unit it was written in.

use crate::domain::directory::Authority;
use crate::domain::sealed::SealedText;

use super::super::event::EventBody;
use super::super::rejection::Rejection;
use super::guard::{Case, Ruling, written};

pub(super) fn may(case: &Case<'_>) -> Result<Authority, Rejection> {
    case.supervisor()
}

pub(super) fn decide(case: &Case<'_>, text: &SealedText) -> Result<Ruling, Rejection> {
    let authority = may(case)?;
    Ok(Ruling::by(authority, EventBody::NoteAdded { text: written(text)? }))
}
