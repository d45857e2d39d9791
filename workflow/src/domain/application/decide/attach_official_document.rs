//! "Resmi Evrak Ekle": the holder attaches the official document by which the answer is
//! given (requirement 26).

use crate::domain::document::Document;
use crate::domain::ids::UserName;

use super::super::event::EventBody;
use super::super::rejection::Rejection;
use super::guard::{Case, Ruling};

pub(super) fn may<'a>(case: &Case<'a>) -> Result<&'a UserName, Rejection> {
    case.holder_answering()
}

pub(super) fn decide(case: &Case<'_>, document: &Document) -> Result<Ruling, Rejection> {
    may(case)?;
    Ok(Ruling::happens(EventBody::OfficialDocumentAttached { document: document.clone() }))
}
