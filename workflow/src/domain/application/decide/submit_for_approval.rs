//! "Onaya Gönder": the holder proposes the answer, which needs a text or an official document
//! (requirement 28, decision j).

use crate::domain::ids::UserName;

use super::super::event::EventBody;
use super::super::refusal::Refusal;
use super::super::state::Proposal;
use super::guard::{Case, Ruling};

pub(super) fn may<'a>(case: &Case<'a>) -> Result<&'a UserName, Refusal> {
    let holder = case.holder_answering()?;
    if case.app.answer().is_none() && case.app.official_documents.is_empty() {
        return Err(Refusal::AnswerMissing);
    }
    Ok(holder)
}

pub(super) fn decide(case: &Case<'_>) -> Result<Ruling, Refusal> {
    may(case)?;
    Ok(Ruling::happens(EventBody::Proposed { proposal: Proposal::Answer }))
}
