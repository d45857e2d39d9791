//! "Resmi Evrak Ekle": the holder attaches the official document by which the answer is
//! given (requirement 26).

use crate::budget;
use crate::domain::document::Document;
use crate::domain::ids::UserName;

use super::super::event::EventBody;
use super::super::refusal::Refusal;
use super::guard::{Case, Ruling, fewer, fitting};

pub(super) fn may<'a>(case: &Case<'a>) -> Result<&'a UserName, Refusal> {
    let holder = case.holder_answering()?;
    fewer(case.app.official_documents.len(), budget::OFFICIAL_DOCUMENTS)?;
    case.room_for(budget::ITEM)?;
    Ok(holder)
}

pub(super) fn decide(case: &Case<'_>, document: &Document) -> Result<Ruling, Refusal> {
    may(case)?;
    let document = fitting(document)?;
    case.room_for(document.takes())?;
    Ok(Ruling::happens(EventBody::OfficialDocumentAttached { document }))
}
