//! Decides commands on scheduled reports.
//!
//! People's commands are those of an active Yönetici. The product itself claims an occurrence
//! ([`ScheduleCommandBody::StartSending`]) and says how its sending ended. All of them go through one
//! partition, so of two processes that claim the same occurrence one comes second, and is refused.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::command::{ScheduleCommand, ScheduleCommandBody};
use super::event::{ScheduleEvent, ScheduleEventBody};
use super::refusal::ScheduleRefusal;
use super::state::{Schedule, ScheduleTerms, SendingOutcome, Undelivered};
use crate::budget;
use crate::domain::actor::{Actor, Role};
use crate::domain::directory::Directory;
use crate::domain::ids::EventId;
use crate::domain::text;

/// What a decision needs in addition to state and command.
#[derive(Clone, Copy, Debug)]
pub struct ScheduleContext<'a> {
    /// The time of the decision.
    pub now: Timestamp,
    /// The users.
    pub directory: &'a Directory,
    /// How many schedules there are.
    pub count: usize,
}

/// The events of `command` on `state` (`None`: there is no such schedule). No events means that the
/// command was applied before.
///
/// # Errors
/// A [`ScheduleRefusal`]; nothing changes.
pub fn decide(
    state: Option<&Schedule>,
    command: &ScheduleCommand,
    ctx: &ScheduleContext<'_>,
) -> Result<Option<ScheduleEvent>, ScheduleRefusal> {
    if state.is_some_and(|schedule| schedule.recent_commands.contains(&command.id)) {
        return Ok(None);
    }
    permitted(command, ctx)?;
    let body = match (&command.body, state) {
        (ScheduleCommandBody::DefineSchedule { terms }, None) => define(terms, ctx),
        (ScheduleCommandBody::DefineSchedule { .. }, Some(_)) => Err(ScheduleRefusal::ScheduleExists),
        (_, None) => Err(ScheduleRefusal::ScheduleNotFound),
        (ScheduleCommandBody::ChangeSchedule { terms }, Some(schedule)) => {
            seen(command, schedule)?;
            change(terms, schedule)
        }
        (ScheduleCommandBody::SetScheduleActive { active }, Some(schedule)) => {
            seen(command, schedule)?;
            set_active(*active, schedule)
        }
        (ScheduleCommandBody::DeleteSchedule, Some(schedule)) => {
            seen(command, schedule)?;
            Ok(ScheduleEventBody::Deleted)
        }
        (ScheduleCommandBody::StartSending { sender, occurrence }, Some(schedule)) => {
            let missed = may_start(*occurrence, schedule, ctx.now)?;
            Ok(ScheduleEventBody::SendingStarted { sender: *sender, occurrence: *occurrence, missed })
        }
        (ScheduleCommandBody::EndSending { sending, outcome }, Some(schedule)) => {
            let current = schedule.sending.as_ref().filter(|current| current.id == *sending);
            match current {
                Some(current) if current.outcome.is_none() => {
                    Ok(ScheduleEventBody::SendingEnded { outcome: bounded(outcome) })
                }
                _ => Err(ScheduleRefusal::NotSending),
            }
        }
    }?;
    let seq = state.map_or(0, |schedule| schedule.version) + 1;
    Ok(Some(ScheduleEvent {
        id: EventId::of(&command.schedule.to_string(), seq),
        schedule: command.schedule,
        seq,
        command_id: command.id,
        at: ctx.now,
        actor: command.actor.clone(),
        directory_offset: ctx.directory.offset(),
        body,
    }))
}

/// Whether the actor may give such a command at all.
fn permitted(command: &ScheduleCommand, ctx: &ScheduleContext<'_>) -> Result<(), ScheduleRefusal> {
    let own = match &command.body {
        ScheduleCommandBody::StartSending { occurrence, .. } => occurrence.is_some(),
        ScheduleCommandBody::EndSending { .. } => true,
        _ => false,
    };
    match &command.actor {
        Actor::System if own => Ok(()),
        Actor::Staff(name) => {
            let user = ctx.directory.active(name).ok_or(ScheduleRefusal::NotActive)?;
            let may = user.profile.role == Role::Administrator && !own;
            if may { Ok(()) } else { Err(ScheduleRefusal::NotAllowed) }
        }
        Actor::System | Actor::Citizen | Actor::Operator => Err(ScheduleRefusal::NotAllowed),
    }
}

/// The actor saw what a person last made of it.
fn seen(command: &ScheduleCommand, schedule: &Schedule) -> Result<(), ScheduleRefusal> {
    match command.expected_version {
        Some(version) if version == schedule.edited_version => Ok(()),
        Some(_) => Err(ScheduleRefusal::VersionConflict),
        None => Err(ScheduleRefusal::VersionMissing),
    }
}

fn define(terms: &ScheduleTerms, ctx: &ScheduleContext<'_>) -> Result<ScheduleEventBody, ScheduleRefusal> {
    let terms = fitting(terms)?;
    if ctx.count >= budget::SCHEDULES {
        return Err(ScheduleRefusal::TooManySchedules);
    }
    Ok(ScheduleEventBody::Defined { terms })
}

fn change(terms: &ScheduleTerms, schedule: &Schedule) -> Result<ScheduleEventBody, ScheduleRefusal> {
    let terms = fitting(terms)?;
    if terms == schedule.terms {
        return Err(ScheduleRefusal::Unchanged);
    }
    Ok(ScheduleEventBody::Changed { terms })
}

fn set_active(active: bool, schedule: &Schedule) -> Result<ScheduleEventBody, ScheduleRefusal> {
    match (active, schedule.active) {
        (true, false) => Ok(ScheduleEventBody::Resumed),
        (false, true) => Ok(ScheduleEventBody::Paused),
        _ => Err(ScheduleRefusal::Unchanged),
    }
}

/// Whether this may be sent now, and how many occurrences before it were missed.
fn may_start(
    occurrence: Option<Timestamp>,
    schedule: &Schedule,
    now: Timestamp,
) -> Result<u32, ScheduleRefusal> {
    let due = schedule.due(now);
    let missed = match occurrence {
        None => 0,
        Some(at) => due.filter(|due| due.at == at).ok_or(ScheduleRefusal::NotDue)?.missed,
    };
    if schedule.is_sending(now) { Err(ScheduleRefusal::SendingInProgress) } else { Ok(missed) }
}

/// The terms with the name as one line of visible characters, and each recipient once.
fn fitting(terms: &ScheduleTerms) -> Result<ScheduleTerms, ScheduleRefusal> {
    let name = text::line(&terms.name);
    if name.is_empty() {
        return Err(ScheduleRefusal::NameMissing);
    }
    if name.chars().count() > budget::SCHEDULE_NAME_CHARS {
        return Err(ScheduleRefusal::NameTooLong);
    }
    let mut known = BTreeSet::new();
    let recipients: Vec<_> = terms.recipients.iter().filter(|it| known.insert(*it)).cloned().collect();
    match recipients.len() {
        0 => Err(ScheduleRefusal::RecipientsMissing),
        1..=budget::RECIPIENTS => Ok(ScheduleTerms { name, recipients, ..terms.clone() }),
        _ => Err(ScheduleRefusal::TooManyRecipients),
    }
}

/// What a mail server says may be of any length.
fn bounded(outcome: &SendingOutcome) -> SendingOutcome {
    let undelivered = outcome.undelivered.iter().take(budget::RECIPIENTS).map(|it| Undelivered {
        to: it.to.clone(),
        reason: text::shortened(&text::line(&it.reason), budget::REASON_CHARS).into_owned(),
    });
    SendingOutcome { undelivered: undelivered.collect(), ..outcome.clone() }
}
