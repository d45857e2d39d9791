//! Commands on applications.

use bytes::Bytes;
use jiff::Timestamp;

use crate::domain::application::{
    Application, ClosedMarker, Command, CommandBody, Context, Event, NextNumber, Receive, Refusal, decide,
    evolve,
};
use crate::domain::ids::ApplicationId;
use crate::log::dead_letter::dead_letter_headers;
use crate::log::{Forward, Outgoing, topic};
use crate::message::{Decision, Message, Reply, ReplyTo, WaitingWithdrawal, json};

use super::uncommitted::Current;
use super::{StepError, WorkflowProcessor, is_asked_by_somebody, notify};

impl WorkflowProcessor {
    /// Decides one command and adds its results to the uncommitted changes; on an error, adds none of
    /// them.
    pub(super) fn application(
        &mut self,
        partition: i32,
        id: ApplicationId,
        command: &Command,
        now: Timestamp,
    ) -> Result<(), StepError> {
        let state = self.partitions.entry(partition).or_default();
        let running = self.uncommitted.running(partition, state) + 1;
        let current = self.uncommitted.current(partition, id, state)?;
        let ctx = Context {
            now,
            catalog: &self.catalog,
            directory: &self.directory,
            next: NextNumber { partition: u16::try_from(partition).unwrap_or_default(), running },
        };
        let (before, decision) = match current {
            Current::Open(application) => (Some(&**application), decide(Some(application), command, &ctx)),
            Current::Closed(marker) => (None, marker.decide(command)),
            Current::Absent if is_withdrawal(command) => {
                let waiting = WaitingWithdrawal { id, command: command.clone(), since: now };
                self.uncommitted.set(partition, id, Current::Waiting(Box::new(waiting)));
                return Ok(());
            }
            // The first withdrawal waits already; a second one changes nothing.
            Current::Waiting(_) if is_withdrawal(command) => return Ok(()),
            Current::Absent | Current::Waiting(_) => (None, decide(None, command, &ctx)),
        };
        match decision {
            Ok(events) if events.is_empty() => {
                let version = match current {
                    Current::Closed(marker) => marker.version,
                    _ => before.map_or(0, |application| application.version),
                };
                let reply = reply(id, command, Decision::Accepted { version }, || before.map(json::encode));
                self.uncommitted.outputs.extend(reply);
            }
            Ok(events) => {
                let waiting = match current {
                    Current::Waiting(waiting) => Some(waiting.command.clone()),
                    _ => None,
                };
                let before = before.cloned();
                self.happened(partition, before, command, &events)?;
                if matches!(command.body, CommandBody::Receive(_)) {
                    self.uncommitted.set_running(partition, running);
                }
                if let Some(withdrawal) = waiting {
                    self.application(partition, id, &withdrawal, now)?;
                }
            }
            Err(refusal) => {
                let application = before.map(json::encode);
                self.refused(id, application, command, refusal, now);
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
    ) -> Result<(), StepError> {
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
        let Some(mut after) = state else { return Ok(()) };
        if let Some(applicant) = self.sealer.renewed_applicant(&after) {
            after.applicant = applicant;
        }
        let (id, decision) = (after.id, Decision::Accepted { version: after.version });
        let current = match ClosedMarker::of(&after) {
            Some(marker) => {
                let json = json::encode(&after);
                outputs.extend(reply(id, command, decision, || Some(json.clone())));
                outputs.push(after.to_archive_record_of(json, partition));
                Current::Closed(Box::new(marker))
            }
            None => {
                // The snapshot of the same transaction has it.
                outputs.extend(reply(id, command, decision, || None));
                Current::Open(Box::new(after))
            }
        };
        self.uncommitted.outputs.extend(outputs);
        self.uncommitted.set(partition, id, current);
        Ok(())
    }

    fn refused(
        &mut self,
        id: ApplicationId,
        application: Option<Bytes>,
        command: &Command,
        refusal: Refusal,
        now: Timestamp,
    ) {
        match &command.body {
            CommandBody::Receive(_) if refusal == Refusal::AlreadyReceived => {
                tracing::debug!(application.id = %id, "a submission came again with the same content");
            }
            CommandBody::Receive(receive) => {
                tracing::warn!(
                    application.id = %id,
                    refusal.code = refusal.code(),
                    "a submission is not received and is dead-lettered"
                );
                self.uncommitted.forwards.push(dead_letter(receive, refusal, now));
            }
            _ => {
                let decision =
                    Decision::Refused { code: refusal.code().into(), text_tr: refusal.text_tr().into() };
                self.uncommitted.outputs.extend(reply(id, command, decision, || application));
            }
        }
    }
}

/// The dead letter of the original message, as ingest would have made it.
fn dead_letter(receive: &Receive, refusal: Refusal, now: Timestamp) -> Forward {
    let detail = match refusal {
        Refusal::DuplicateConflict => {
            format!("submission {} was received before with other content", receive.submission_id)
        }
        _ => format!(
            "{} of {} in valilik {}: {}",
            receive.service,
            receive.unit,
            receive.valilik,
            refusal.text_tr()
        ),
    };
    Forward {
        from: receive.source.clone(),
        to: topic::DLQ,
        headers: dead_letter_headers(refusal.code(), &detail, &receive.source, now),
        // If the original is gone, the command is kept instead, sealed as it is.
        fallback: serde_json::to_vec(receive).ok().map(Into::into),
    }
}

const fn is_withdrawal(command: &Command) -> bool {
    matches!(command.body, CommandBody::CitizenWithdraw { .. })
}

/// The reply to `command` with the application as JSON, if anybody waits for one. Nobody waits for a submission:
/// the citizen gets a notification.
pub(super) fn reply(
    id: ApplicationId,
    command: &Command,
    decision: Decision,
    application: impl FnOnce() -> Option<Bytes>,
) -> Option<Outgoing> {
    let waited_for = is_asked_by_somebody(&command.actor) && !matches!(command.body, CommandBody::Receive(_));
    waited_for.then(|| {
        Reply {
            command_id: command.id,
            to: ReplyTo::Application(id),
            decision,
            application: application().as_ref().map(json::raw),
            user: None,
            schedule: None,
        }
        .to_record()
    })
}
