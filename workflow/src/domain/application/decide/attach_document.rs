//! "Dosya Ekle": the holder adds a file, in an Ön Başvuru and later (requirement 25).

use crate::budget;
use crate::domain::document::Document;
use crate::domain::ids::UserName;

use super::super::event::EventBody;
use super::super::refusal::Refusal;
use super::guard::{Case, Ruling, fewer, fitting};

pub(super) fn may<'a>(case: &Case<'a>) -> Result<&'a UserName, Refusal> {
    let holder = case.holder()?;
    fewer(case.app.documents.len(), budget::DOCUMENTS)?;
    case.room_for(budget::ITEM)?;
    Ok(holder)
}

pub(super) fn decide(case: &Case<'_>, document: &Document) -> Result<Ruling, Refusal> {
    may(case)?;
    let document = fitting(document)?;
    case.room_for(document.takes())?;
    Ok(Ruling::happens(EventBody::DocumentAttached { document }))
}
