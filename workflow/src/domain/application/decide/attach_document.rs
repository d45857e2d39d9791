//! "Dosya Ekle": the holder adds a file, in an Ön Başvuru and later (requirement 25).

use crate::domain::document::Document;
use crate::domain::ids::UserName;

use super::super::event::EventBody;
use super::super::rejection::Rejection;
use super::guard::{Case, Ruling};

pub(super) fn may<'a>(case: &Case<'a>) -> Result<&'a UserName, Rejection> {
    case.holder()
}

pub(super) fn decide(case: &Case<'_>, document: &Document) -> Result<Ruling, Rejection> {
    may(case)?;
    Ok(Ruling::happens(EventBody::DocumentAttached { document: document.clone() }))
}
