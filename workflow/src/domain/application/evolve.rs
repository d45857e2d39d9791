//! Applies an event to the state, without any rules.

use crate::budget;
use crate::domain::actor::Actor;
use crate::domain::ids::UserName;

use super::event::{Event, EventBody, EventKind, Received};
use super::state::{
    Answer, Application, DocumentCheck, EarlierSendBack, HistoryEntry, Note, Outcome, Phase, Proposal,
    SendBackReason, Status, SupersededAnswer,
};

/// The state after `event`. `None` stays `None` until the event of the receipt.
///
/// Events must come in the order of their `seq`, each once; the caller checks that.
#[must_use]
pub fn evolve(state: Option<Application>, event: &Event) -> Option<Application> {
    let mut app = match (state, &event.body) {
        (Some(app), _) => app,
        (None, EventBody::Received(received)) => begin(event, received),
        (None, _) => return None,
    };
    let status = status_after(&app, &event.body, event.at);
    if status.name() != app.status.name() || status.holder() != app.status.holder() {
        app.status_since = event.at;
    }
    app.phase = phase_after(&app, &event.body);
    gather(&mut app, event);
    app.status = status;
    app.version = event.seq;
    app.history.push(HistoryEntry {
        seq: event.seq,
        command_id: event.command_id,
        at: event.at,
        actor: event.actor.clone(),
        on_behalf_of: event.on_behalf_of.clone(),
        what: event.body.kind(),
        detail: detail(&event.body),
    });
    shorten(&mut app.history);
    Some(app)
}

/// Removes the oldest entries if there are too many; the events have them all. The receipt and the
/// entries of documents stay, because decisions need them.
fn shorten(history: &mut Vec<HistoryEntry>) {
    let stays = |what| matches!(what, EventKind::Received | EventKind::DocumentAttached);
    while history.len() > budget::HISTORY
        && let Some(oldest) = history.iter().position(|entry| !stays(entry.what))
    {
        history.remove(oldest);
    }
}

fn begin(event: &Event, received: &Received) -> Application {
    let facts = &event.facts;
    Application {
        id: event.application,
        submission_id: received.submission_id,
        no: facts.no.clone(),
        version: 0,
        service: facts.service.clone(),
        valilik: facts.valilik,
        unit: facts.unit.clone(),
        phase: facts.phase,
        status: Status::Unassigned,
        status_since: event.at,
        submitted_at: received.submitted_at,
        received_at: facts.received_at,
        breached_at: None,
        applicant: received.applicant.clone(),
        content: received.content.clone(),
        content_hash: received.content_hash.clone(),
        documents: received.documents.clone(),
        official_documents: Vec::new(),
        superseded: Vec::new(),
        checks: std::collections::BTreeMap::new(),
        answers: Vec::new(),
        notes: Vec::new(),
        sent_back: None,
        earlier_send_backs: Vec::new(),
        history: Vec::new(),
    }
}

/// The phase of `app` after `body`.
pub(super) const fn phase_after(app: &Application, body: &EventBody) -> Phase {
    match body {
        EventBody::PreApplicationCompleted { due_at } => Phase::Application { due_at: *due_at },
        _ => app.phase,
    }
}

/// The status of `app` after `body` at `at`.
pub(super) fn status_after(app: &Application, body: &EventBody, at: jiff::Timestamp) -> Status {
    let holder = app.status.holder().cloned();
    let closed = |outcome| Status::Closed { outcome, officer: holder.clone(), at };
    match body {
        EventBody::Assigned { officer } | EventBody::Claimed { officer } => {
            Status::Assigned { officer: officer.clone() }
        }
        EventBody::TakenBack { .. } | EventBody::Referred { .. } => Status::Unassigned,
        EventBody::Proposed { proposal } => holder.map_or(Status::Unassigned, |officer| {
            Status::AwaitingApproval { proposed_by: officer.clone(), officer, proposal: proposal.clone() }
        }),
        EventBody::SentBack { .. } => {
            holder.map_or(Status::Unassigned, |officer| Status::Assigned { officer })
        }
        EventBody::Approved { outcome, .. } => closed(*outcome),
        EventBody::CitizenWithdrew { .. } => closed(Outcome::Withdrawn),
        EventBody::Lapsed => closed(Outcome::Lapsed),
        EventBody::Received(_)
        | EventBody::DocumentChecked { .. }
        | EventBody::DocumentAttached { .. }
        | EventBody::PreApplicationCompleted { .. }
        | EventBody::OfficialDocumentAttached { .. }
        | EventBody::AnswerAdded { .. }
        | EventBody::NoteAdded { .. }
        | EventBody::Breached { .. } => app.status.clone(),
    }
}

/// Adds documents, checks, answers, notes and reasons.
fn gather(app: &mut Application, event: &Event) {
    let at = event.at;
    match (&event.body, staff(event)) {
        (EventBody::DocumentChecked { document, present: true }, Some(by)) => {
            app.checks.insert(document.clone(), DocumentCheck { by, at });
        }
        (EventBody::DocumentChecked { document, present: false }, _) => {
            app.checks.remove(document);
        }
        (EventBody::DocumentAttached { document }, _) => app.documents.push(document.clone()),
        (EventBody::OfficialDocumentAttached { document }, _) => {
            app.official_documents.push(document.clone());
        }
        (EventBody::AnswerAdded { text }, Some(by)) => {
            app.answers.push(Answer { text: text.clone(), by, at });
        }
        (EventBody::NoteAdded { text }, Some(by)) => {
            app.notes.push(Note { text: text.clone(), by, at, unit: app.unit.clone() });
        }
        (EventBody::SentBack { reason }, Some(by)) => {
            app.sent_back = Some(SendBackReason { text: reason.clone(), by, at });
        }
        (EventBody::Proposed { .. }, _) => keep_reason(app),
        (EventBody::Referred { from, to, .. }, _) => {
            let answers = std::mem::take(&mut app.answers);
            let official_documents = std::mem::take(&mut app.official_documents);
            if !(answers.is_empty() && official_documents.is_empty()) {
                app.superseded.push(SupersededAnswer { unit: from.clone(), answers, official_documents });
            }
            keep_reason(app);
            app.unit = to.clone();
        }
        (EventBody::Breached { due_at }, _) => app.breached_at = Some(*due_at),
        _ => {}
    }
}

/// The "Geri Gönderme Sebebi" has been dealt with; it stays for those who work on and approve.
fn keep_reason(app: &mut Application) {
    let Some(SendBackReason { text, by, at }) = app.sent_back.take() else { return };
    if app.earlier_send_backs.len() == budget::SEND_BACKS {
        app.earlier_send_backs.remove(0);
    }
    app.earlier_send_backs.push(EarlierSendBack { text, by, at, unit: app.unit.clone() });
}

fn staff(event: &Event) -> Option<UserName> {
    match &event.actor {
        Actor::Staff(name) => Some(name.clone()),
        Actor::Citizen | Actor::System | Actor::Operator => None,
    }
}

fn detail(body: &EventBody) -> Option<String> {
    match body {
        EventBody::Assigned { officer } | EventBody::TakenBack { officer } => Some(officer.to_string()),
        EventBody::DocumentChecked { document, .. } => Some(document.to_string()),
        EventBody::Proposed { proposal: Proposal::Referral { target, .. } } => Some(target.to_string()),
        EventBody::Referred { to, .. } => Some(to.to_string()),
        _ => None,
    }
}
