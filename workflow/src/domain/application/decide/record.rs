//! Makes the events of a ruling, with sequence, time, and the facts that reports need. Time runs
//! forward in a history: a deadline that had passed before the application arrived is an event of its
//! arrival, and names the deadline.

use jiff::Timestamp;

use crate::domain::actor::Actor;
use crate::domain::ids::{CommandId, EventId, UserName};

use super::super::event::{Event, EventBody, Facts};
use super::super::evolve::{phase_after, status_after};
use super::super::state::{Application, Status};
use super::super::system::breach_id;
use super::guard::{Case, Ruling};

/// The events of a ruling; an unrecorded breach comes first.
pub(super) fn events(case: &Case<'_>, command_id: CommandId, ruling: Ruling) -> Vec<Event> {
    let Some(body) = ruling.body else { return Vec::new() };
    let mut events = Vec::with_capacity(2);
    if let Some(due_at) = case.unrecorded_breach()
        && !matches!(body, EventBody::Breached { .. })
    {
        let by = By { actor: Actor::System, on_behalf_of: None, command_id: breach_id(case.app.id) };
        events.push(event(case, 1, due_at.max(case.app.last_at()), by, EventBody::Breached { due_at }));
    }
    let by = By { actor: case.actor.clone(), on_behalf_of: ruling.on_behalf_of, command_id };
    let at = ruling.at.map_or(case.at, |at| at.max(case.app.last_at()));
    events.push(event(case, events.len() as u64 + 1, at, by, body));
    events
}

/// Who acts, and by which command.
struct By {
    actor: Actor,
    on_behalf_of: Option<UserName>,
    command_id: CommandId,
}

/// The `nth` event of this decision. A breach before it changes neither phase nor status, so its facts
/// follow from the state before the decision.
fn event(case: &Case<'_>, nth: u64, at: Timestamp, by: By, body: EventBody) -> Event {
    let app = case.app;
    let seq = app.version + nth;
    Event {
        id: EventId::of_application(app.id, &app.no, seq),
        application: app.id,
        seq,
        command_id: by.command_id,
        at,
        actor: by.actor,
        on_behalf_of: by.on_behalf_of,
        directory_offset: case.directory.offset(),
        facts: facts(app, &body, at),
        body,
    }
}

fn facts(app: &Application, body: &EventBody, at: Timestamp) -> Facts {
    let phase = phase_after(app, body);
    let status = status_after(app, body, at);
    let moved = status.name() != app.status.name() || status.holder() != app.status.holder();
    let (officer, outcome): (Option<UserName>, _) = match &status {
        Status::Closed { officer, outcome, .. } => (officer.clone(), Some(*outcome)),
        open => (open.holder().cloned(), None),
    };
    Facts {
        no: app.no.clone(),
        service: app.service.clone(),
        valilik: app.valilik,
        unit: match body {
            EventBody::Referred { to, .. } => to.clone(),
            _ => app.unit.clone(),
        },
        phase,
        status: status.name(),
        previous_status: Some(app.status.name()),
        previous_status_ms: if moved {
            (at.as_millisecond() - app.status_since.as_millisecond()).max(0)
        } else {
            0
        },
        officer,
        received_at: app.received_at,
        outcome,
        overdue: phase.due_at().is_some_and(|due_at| due_at <= at),
    }
}
