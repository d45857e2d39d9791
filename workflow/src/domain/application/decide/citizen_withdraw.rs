//! "Vazgeç": the citizen withdraws an open application, in any status (decision l).

use crate::domain::sealed::SealedText;

use super::super::event::EventBody;
use super::super::refusal::Refusal;
use super::guard::{Case, Ruling, written};

pub(super) fn decide(case: &Case<'_>, reason: Option<&SealedText>) -> Result<Ruling, Refusal> {
    case.citizen()?;
    let reason = reason.filter(|text| text.chars > 0).map(written).transpose()?;
    Ok(Ruling::happens(EventBody::CitizenWithdrew { reason }))
}
