//! Commands on applications.

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::value::RawValue;

use crate::domain::application::{
    Application, Command, CommandBody, Context, Event, NextNumber, Receive, Rejection, Stub, decide, evolve,
};
use crate::domain::ids::ApplicationId;
use crate::log::{Forward, Outgoing, topic};
use crate::message::{Message, Reply, ReplyTo, Verdict, WaitingWithdrawal, dead_letter_headers, raw};

use super::overlay::Slot;
use super::{Trouble, WorkflowStage, is_asked_by_somebody, notify};

impl WorkflowStage {
    /// Decides one command and puts what came of it into the overlay, all or (with trouble)
    /// nothing of it.
    pub(super) fn application(
        &mut self,
        partition: i32,
        id: ApplicationId,
        command: &Command,
        now: Timestamp,
    ) -> Result<(), Trouble> {
        let state = self.partitions.entry(partition).or_default();
        let running = self.overlay.running(partition, state) + 1;
        let slot = self.overlay.slot(partition, id, state)?;
        let ctx = Context {
            now,
            catalog: &self.catalog,
            directory: &self.directory,
            next: NextNumber { partition: u16::try_from(partition).unwrap_or_default(), running },
        };
        let (before, decision) = match slot {
            Slot::Open(application, _) => (Some(&**application), decide(Some(application), command, &ctx)),
            Slot::Closed(stub) => (None, stub.decide(command)),
            Slot::Absent if is_withdrawal(command) => {
                let waiting = WaitingWithdrawal { id, command: command.clone(), since: now };
                self.overlay.set(partition, id, Slot::Waiting(Box::new(waiting)));
                return Ok(());
            }
            // The first one waits; asked again, it is the same wish.
            Slot::Waiting(_) if is_withdrawal(command) => return Ok(()),
            Slot::Absent | Slot::Waiting(_) => (None, decide(None, command, &ctx)),
        };
        match decision {
            Ok(events) if events.is_empty() => {
                let version = match slot {
                    Slot::Closed(stub) => stub.version,
                    _ => before.map_or(0, |application| application.version),
                };
                let reply = reply(id, command, Verdict::Accepted { version }, before.map(raw));
                self.overlay.outputs.extend(reply);
            }
            Ok(events) => {
                let waiting = match slot {
                    Slot::Waiting(waiting) => Some(waiting.command.clone()),
                    _ => None,
                };
                let before = before.cloned();
                self.happened(partition, before, command, &events)?;
                if matches!(command.body, CommandBody::Receive(_)) {
                    self.overlay.set_running(partition, running);
                }
                if let Some(withdrawal) = waiting {
                    self.application(partition, id, &withdrawal, now)?;
                }
            }
            Err(rejection) => {
                let current = before.map(raw);
                self.rejected(id, current, command, rejection, now);
            }
        }
        Ok(())
    }

    fn happened(
        &mut self,
        partition: i32,
        before: Option<Application>,
        command: &Command,
        events: &[Event],
    ) -> Result<(), Trouble> {
        let mut outputs = Vec::new();
        let mut state = before;
        for event in events {
            state = evolve(state, event);
            outputs.push(event.to_record());
            if let Some(after) = &state
                && let Some(told) = notify::notification(event, after, &self.catalog, &self.sealer)?
            {
                outputs.push(told.to_record());
            }
        }
        let Some(after) = state else { return Ok(()) };
        let (id, verdict) = (after.id, Verdict::Accepted { version: after.version });
        let json = raw(&after);
        let bytes = Bytes::copy_from_slice(json.get().as_bytes());
        outputs.extend(reply(id, command, verdict, Some(json)));
        let slot = match Stub::of(&after) {
            Some(stub) => {
                outputs.push(after.to_archive_record_of(bytes, partition));
                Slot::Closed(Box::new(stub))
            }
            None => Slot::Open(Box::new(after), bytes),
        };
        self.overlay.outputs.extend(outputs);
        self.overlay.set(partition, id, slot);
        Ok(())
    }

    fn rejected(
        &mut self,
        id: ApplicationId,
        current: Option<Box<RawValue>>,
        command: &Command,
        rejection: Rejection,
        now: Timestamp,
    ) {
        match &command.body {
            CommandBody::Receive(_) if rejection == Rejection::AlreadyReceived => {
                tracing::debug!(application.id = %id, "The same submission again, with the same content");
            }
            CommandBody::Receive(receive) => {
                tracing::warn!(
                    application.id = %id,
                    rejection.code = rejection.code(),
                    "A submission is not received; it is dead-lettered"
                );
                self.overlay.forwards.push(dead_letter(receive, rejection, now));
            }
            _ => {
                let verdict =
                    Verdict::Rejected { code: rejection.code().into(), text_tr: rejection.text_tr().into() };
                self.overlay.outputs.extend(reply(id, command, verdict, current));
            }
        }
    }
}

/// The original message, as ingest would have dead-lettered it.
fn dead_letter(receive: &Receive, rejection: Rejection, now: Timestamp) -> Forward {
    let (from_topic, partition, offset) = &receive.source;
    let detail = match rejection {
        Rejection::DuplicateConflict => {
            format!("submission {} was received before with other content", receive.submission_id)
        }
        _ => format!(
            "{} of {} in valilik {}: {}",
            receive.service,
            receive.unit,
            receive.valilik,
            rejection.text_tr()
        ),
    };
    let from = (from_topic.as_str(), *partition, *offset);
    Forward {
        from: receive.source.clone(),
        to: topic::DLQ,
        headers: dead_letter_headers(rejection.code(), &detail, from, now),
        // What is left of it when the original is gone: the command, sealed as it is.
        fallback: serde_json::to_vec(receive).ok().map(Into::into),
    }
}

const fn is_withdrawal(command: &Command) -> bool {
    matches!(command.body, CommandBody::CitizenWithdraw { .. })
}

/// The reply to `command`, if anybody waits for one. Nobody waits for a submission: the
/// citizen is notified.
pub(super) fn reply(
    id: ApplicationId,
    command: &Command,
    verdict: Verdict,
    application: Option<Box<RawValue>>,
) -> Option<Outgoing> {
    let waited_for = is_asked_by_somebody(&command.actor) && !matches!(command.body, CommandBody::Receive(_));
    waited_for.then(|| {
        Reply { command_id: command.id, to: ReplyTo::Application(id), verdict, application, user: None }
            .to_record()
    })
}
