//! The system records, once, that the deadline passed while it was open, with the time of the deadline
//! itself (decision i); of one that had passed before its arrival, with the time of the arrival.

use super::super::event::EventBody;
use super::super::refusal::Refusal;
use super::guard::{Case, Ruling};

pub(super) fn decide(case: &Case<'_>) -> Result<Ruling, Refusal> {
    case.system()?;
    if case.app.status.is_closed() {
        return Err(Refusal::Closed);
    }
    let due_at = case.unrecorded_breach().ok_or(Refusal::NotDue)?;
    Ok(Ruling::at(due_at, EventBody::Breached { due_at }))
}
