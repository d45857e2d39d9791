//! "Cevap Ekle" by the holder: the answer that the citizen gets once it is approved (requirement 27).

use crate::budget;
use crate::domain::ids::UserName;
use crate::domain::sealed::SealedText;

use super::super::event::EventBody;
use super::super::refusal::Refusal;
use super::guard::{Case, Ruling, fewer, written};

pub(super) fn may<'a>(case: &Case<'a>) -> Result<&'a UserName, Refusal> {
    let holder = case.holder_answering()?;
    fewer(case.app.answers.len(), budget::ANSWERS)?;
    room_for(case, budget::ITEM)?;
    Ok(holder)
}

/// The first answer may use the room that is kept free for it.
fn room_for(case: &Case<'_>, bytes: usize) -> Result<(), Refusal> {
    if case.app.answers.is_empty() { case.room_for_all(bytes) } else { case.room_for(bytes) }
}

pub(super) fn decide(case: &Case<'_>, text: &SealedText) -> Result<Ruling, Refusal> {
    may(case)?;
    let text = written(text)?;
    room_for(case, text.takes())?;
    Ok(Ruling::happens(EventBody::AnswerAdded { text }))
}
