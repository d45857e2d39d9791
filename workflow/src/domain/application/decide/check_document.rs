//! The checklist "Başvuru Belgeleri": the holder ticks (or clears) a required document of an Ön
//! Başvuru when the citizen brings it (requirement 25). Ticking a ticked document changes nothing.

use crate::domain::catalog::DocumentCode;
use crate::domain::ids::UserName;

use super::super::event::EventBody;
use super::super::refusal::Refusal;
use super::guard::{Case, Ruling};

pub(super) fn may<'a>(case: &Case<'a>) -> Result<&'a UserName, Refusal> {
    case.holder_completing()
}

pub(super) fn decide(case: &Case<'_>, document: &DocumentCode, present: bool) -> Result<Ruling, Refusal> {
    may(case)?;
    if !case.service()?.required_documents.iter().any(|required| required.code == *document) {
        return Err(Refusal::UnknownDocument);
    }
    if case.app.checks.contains_key(document) == present {
        return Ok(Ruling::NOTHING);
    }
    Ok(Ruling::happens(EventBody::DocumentChecked { document: document.clone(), present }))
}
