//! A checked and routed submission becomes an application (requirement 7). By the catalog it starts as
//! an Ön Başvuru, or as a Başvuru whose deadline runs from the receipt (decisions h, i).
//!
//! The receipt is the citizen's confirmation at e-Devlet. What we owe counts from there, however late
//! the submission reached us. What the citizen owes, the documents of an Ön Başvuru, counts from its
//! arrival here, because nobody could take them before.
//!
//! The same submission twice is one application: with the same content it is received already, with
//! other content it is a conflict, whatever the status of the first.

use crate::domain::actor::Actor;
use crate::domain::calendar::day_of;
use crate::domain::ids::{ApplicationId, ApplicationNo, EventId};

use super::super::command::{Command, Receive};
use super::super::event::{Event, EventBody, Facts, Received};
use super::super::refusal::Refusal;
use super::super::state::{Phase, StatusName};
use super::context::Context;

pub(super) fn decide(receive: &Receive, command: &Command, ctx: &Context<'_>) -> Result<Event, Refusal> {
    if command.actor != Actor::Citizen {
        return Err(Refusal::NotAllowed);
    }
    if !receive.fits() {
        return Err(Refusal::TooLarge);
    }
    let catalog = ctx.catalog;
    let service = catalog.service(&receive.service).ok_or(Refusal::NotRoutable)?;
    if catalog.route(&receive.service, receive.valilik) != Some(&receive.unit) {
        return Err(Refusal::NotRoutable);
    }
    let (at, received_at) = (ctx.now, receive.submitted_at);
    let phase = match catalog.lapses_at(service, at.max(received_at)) {
        Some(lapses_at) => Phase::PreApplication { lapses_at },
        None => Phase::Application { due_at: catalog.due_at(service, received_at) },
    };
    let id = ApplicationId::of(receive.submission_id);
    let year = day_of(received_at).year();
    let no = ApplicationNo::new(year, receive.valilik.plate(), ctx.next.running, ctx.next.partition);
    Ok(Event {
        id: EventId::of_application(id, &no, 1),
        application: id,
        seq: 1,
        command_id: command.id,
        at,
        actor: command.actor.clone(),
        on_behalf_of: None,
        directory_offset: ctx.directory.offset(),
        facts: Facts {
            no,
            service: receive.service.clone(),
            valilik: receive.valilik,
            unit: receive.unit.clone(),
            phase,
            status: StatusName::Unassigned,
            previous_status: None,
            previous_status_ms: 0,
            officer: None,
            received_at,
            outcome: None,
            overdue: phase.due_at().is_some_and(|due_at| due_at <= at),
        },
        body: EventBody::Received(Box::new(Received {
            submission_id: receive.submission_id,
            submitted_at: receive.submitted_at,
            applicant: receive.applicant.clone(),
            content: receive.content.clone(),
            content_hash: receive.content_hash.clone(),
            documents: receive.documents.clone(),
        })),
    })
}

/// The same submission again: `Ok` only for the command by which it was received.
pub(in super::super) fn again(applied: bool, content_hash: &str, receive: &Receive) -> Result<(), Refusal> {
    match () {
        () if receive.content_hash != content_hash => Err(Refusal::DuplicateConflict),
        () if applied => Ok(()),
        () => Err(Refusal::AlreadyReceived),
    }
}
