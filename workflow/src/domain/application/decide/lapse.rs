//! The system closes an Ön Başvuru that was not completed in time, with the time of the lapse itself
//! (decision h).

use super::super::event::EventBody;
use super::super::refusal::Refusal;
use super::super::state::Phase;
use super::guard::{Case, Ruling};

pub(super) fn decide(case: &Case<'_>) -> Result<Ruling, Refusal> {
    case.system()?;
    match case.app.phase {
        _ if case.app.status.is_closed() => Err(Refusal::Closed),
        Phase::Application { .. } => Err(Refusal::NotPreApplication),
        Phase::PreApplication { lapses_at } if lapses_at <= case.at => {
            Ok(Ruling::at(lapses_at, EventBody::Lapsed))
        }
        Phase::PreApplication { .. } => Err(Refusal::NotDue),
    }
}
