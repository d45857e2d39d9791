//! "Red Onayına Gönder": the holder proposes a rejection, which needs a text with its reason
//! (requirement 28, decision j).

use crate::domain::ids::UserName;

use super::super::event::EventBody;
use super::super::refusal::Refusal;
use super::super::state::Proposal;
use super::guard::{Case, Ruling};

pub(super) fn may<'a>(case: &Case<'a>) -> Result<&'a UserName, Refusal> {
    let holder = case.holder_answering()?;
    if case.app.answer().is_none() {
        return Err(Refusal::AnswerMissing);
    }
    Ok(holder)
}

pub(super) fn decide(case: &Case<'_>) -> Result<Ruling, Refusal> {
    may(case)?;
    Ok(Ruling::happens(EventBody::Proposed { proposal: Proposal::Rejection }))
}
