//! "Cevap Ekle" by the holder: what the citizen will get, once approved (requirement 27).

use crate::domain::ids::UserName;
use crate::domain::sealed::SealedText;

use super::super::event::EventBody;
use super::super::rejection::Rejection;
use super::guard::{Case, Ruling, written};

pub(super) fn may<'a>(case: &Case<'a>) -> Result<&'a UserName, Rejection> {
    case.holder_answering()
}

pub(super) fn decide(case: &Case<'_>, text: &SealedText) -> Result<Ruling, Rejection> {
    may(case)?;
    Ok(Ruling::happens(EventBody::AnswerAdded { text: written(text)? }))
}
