//! "Ön Başvuru Tamamla": every required document is ticked, and files have been added (requirement 25:
//! at least one "Dosya Ekle", because one scan may contain several documents). The deadline runs from
//! now on (decision i).

use crate::domain::ids::UserName;

use super::super::event::{EventBody, EventKind};
use super::super::refusal::Refusal;
use super::guard::{Case, Ruling};

pub(super) fn may<'a>(case: &Case<'a>) -> Result<&'a UserName, Refusal> {
    let holder = case.holder_completing()?;
    let required = &case.service()?.required_documents;
    if !required.iter().all(|document| case.app.checks.contains_key(&document.code)) {
        return Err(Refusal::DocumentsMissing);
    }
    let added = case.app.history.iter().any(|entry| entry.what == EventKind::DocumentAttached);
    if !required.is_empty() && !added {
        return Err(Refusal::FilesMissing);
    }
    Ok(holder)
}

pub(super) fn decide(case: &Case<'_>) -> Result<Ruling, Refusal> {
    may(case)?;
    let due_at = case.catalog.due_at(case.service()?, case.at);
    Ok(Ruling::happens(EventBody::PreApplicationCompleted { due_at }))
}
