//! "Vazgeç": the citizen withdraws an open application, wherever it stands (decision l).

use crate::domain::sealed::SealedText;

use super::super::event::EventBody;
use super::super::rejection::Rejection;
use super::guard::{Case, Ruling};

pub(super) fn decide(case: &Case<'_>, reason: Option<&SealedText>) -> Result<Ruling, Rejection> {
    case.citizen()?;
    let reason = reason.filter(|text| text.chars > 0).cloned();
    Ok(Ruling::happens(EventBody::CitizenWithdrew { reason }))
}
