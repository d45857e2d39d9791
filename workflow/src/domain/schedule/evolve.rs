//! Applies an event to a scheduled report, without any rules.

use std::collections::VecDeque;

use super::event::{ScheduleEvent, ScheduleEventBody};
use super::state::{Schedule, Sending};

/// How many command ids a schedule remembers.
const REMEMBERED: usize = 32;

/// The schedule after `event`; `None` before its definition and after its deletion.
///
/// Events must come in the order of their `seq`, each once; the caller checks that.
#[must_use]
pub fn evolve(state: Option<Schedule>, event: &ScheduleEvent) -> Option<Schedule> {
    let mut schedule = match (state, &event.body) {
        (Some(schedule), _) => schedule,
        (None, ScheduleEventBody::Defined { terms }) => Schedule {
            id: event.schedule,
            version: 0,
            edited_version: 0,
            edited_by: event.actor.clone(),
            terms: terms.clone(),
            active: true,
            due_since: event.at,
            sending: None,
            recent_commands: VecDeque::new(),
        },
        (None, _) => return None,
    };
    let mut edited = true;
    match &event.body {
        ScheduleEventBody::Defined { .. } => {}
        ScheduleEventBody::Changed { terms } => {
            if schedule.terms.timing != terms.timing {
                schedule.due_since = event.at;
            }
            schedule.terms = terms.clone();
        }
        ScheduleEventBody::Resumed => {
            schedule.active = true;
            schedule.due_since = event.at;
        }
        ScheduleEventBody::Paused => schedule.active = false,
        ScheduleEventBody::Deleted => return None,
        ScheduleEventBody::SendingStarted { sender, occurrence, missed } => {
            edited = false;
            schedule.due_since = occurrence.unwrap_or(schedule.due_since);
            schedule.sending = Some(Sending {
                id: event.command_id,
                sender: *sender,
                actor: event.actor.clone(),
                due_at: occurrence.unwrap_or(event.at),
                missed: *missed,
                started_at: event.at,
                outcome: None,
            });
        }
        ScheduleEventBody::SendingEnded { outcome } => {
            edited = false;
            if let Some(sending) = &mut schedule.sending {
                sending.outcome = Some(outcome.clone());
            }
        }
    }
    schedule.version = event.seq;
    if edited {
        schedule.edited_version = event.seq;
        schedule.edited_by = event.actor.clone();
    }
    if schedule.recent_commands.back() != Some(&event.command_id) {
        schedule.recent_commands.push_back(event.command_id);
    }
    while schedule.recent_commands.len() > REMEMBERED {
        schedule.recent_commands.pop_front();
    }
    Some(schedule)
}
