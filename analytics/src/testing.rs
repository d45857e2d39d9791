//! Histories of applications for tests, and a log to publish them on as the worker does.

use std::sync::Arc;

use ebasvuru_workflow::domain::actor::Actor;
use ebasvuru_workflow::domain::application::{
    Applicant, Application, ClosedMarker, Event, EventBody, Facts, Outcome, Phase, Proposal, Received,
    Status, StatusName, evolve,
};
use ebasvuru_workflow::domain::ids::{
    ApplicationId, ApplicationNo, CommandId, EventId, SubmissionId, UserName,
};
use ebasvuru_workflow::domain::sealed::Sealed;
use ebasvuru_workflow::log::embedded::EmbeddedLog;
use ebasvuru_workflow::log::{Log, Outgoing, Retention, TopicSpec, topic};
use ebasvuru_workflow::message::{Access, Message, Opened};
pub use ebasvuru_workflow::random::Random;
use ebasvuru_workflow::testing::applicant;
pub use ebasvuru_workflow::testing::text as sealed;
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

pub const PARTITIONS: i32 = 3;
pub const UNITS: [&str; 3] = ["06-sivil-toplum", "06-nufus", "34-goc"];
pub const SERVICES: [&str; 2] = ["dernek-kurulus", "silah-ruhsati"];

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn hours(n: i64) -> SignedDuration {
    SignedDuration::from_hours(n)
}

pub fn staff(name: &str) -> Actor {
    Actor::Staff(name.parse().unwrap())
}

/// A new log with our topics.
pub fn log() -> (tempfile::TempDir, Arc<dyn Log>) {
    log_of_snapshots(Retention::Compact)
}

/// A new log that keeps the snapshots like this.
pub fn log_of_snapshots(snapshots: Retention) -> (tempfile::TempDir, Arc<dyn Log>) {
    let folder = tempfile::tempdir().unwrap();
    let log = EmbeddedLog::open(&folder.path().join("log.sqlite")).unwrap();
    let spec = |name, retention| TopicSpec { name, partitions: PARTITIONS, retention };
    log.ensure_topics(&[
        spec(topic::COMMANDS, Retention::Forever),
        spec(topic::DLQ, Retention::Forever),
        spec(topic::EVENTS, Retention::Forever),
        spec(topic::APPLICATIONS, snapshots),
        spec(topic::ARCHIVE, snapshots),
        TopicSpec { name: topic::AUDIT, partitions: 1, retention: Retention::Forever },
    ])
    .unwrap();
    (folder, Arc::new(log))
}

pub fn publish(log: &dyn Log, records: Vec<Outgoing>) {
    log.producer().unwrap().send(records).unwrap();
}

/// Somebody opens an application.
pub fn access(n: u32) -> Access {
    let history = History::received(n, UNITS[0], SERVICES[0], at("2026-02-01T00:00:00Z"));
    Access {
        id: Uuid::new_v4(),
        at: history.application.received_at,
        user: "ali".parse().unwrap(),
        application: history.application.id,
        no: history.application.no,
        what: Opened::Detail,
    }
}

/// An application, and everything that happened to it.
pub struct History {
    pub application: Application,
    pub events: Vec<Event>,
    /// The records of the worker, in order.
    pub records: Vec<Outgoing>,
}

impl History {
    pub fn received(n: u32, unit: &str, service: &str, received_at: Timestamp) -> Self {
        Self::received_in(
            n,
            unit,
            service,
            received_at,
            Phase::Application { due_at: received_at + hours(240) },
        )
    }

    pub fn received_in(n: u32, unit: &str, service: &str, received_at: Timestamp, phase: Phase) -> Self {
        let submission_id = SubmissionId(uuid::Uuid::from_u128(u128::from(n)));
        let plate = unit[..2].parse().unwrap();
        let facts = Facts {
            no: ApplicationNo::new(2026, plate, u64::from(n), 0),
            service: service.parse().unwrap(),
            valilik: plate.try_into().unwrap(),
            unit: unit.parse().unwrap(),
            phase,
            status: StatusName::Unassigned,
            previous_status: None,
            previous_status_ms: 0,
            officer: None,
            received_at,
            outcome: None,
            overdue: false,
        };
        let applicant = Applicant {
            tckn_index: format!("t{}", n % 7),
            name_index: vec![format!("n{}", n % 5), "yilmaz".into()],
            ..applicant()
        };
        let body = EventBody::Received(Box::new(Received {
            submission_id,
            submitted_at: received_at,
            applicant,
            content: Sealed("k.content".into()),
            content_hash: "hash".into(),
            documents: Vec::new(),
        }));
        let id = ApplicationId::of(submission_id);
        let event = event(id, 1, received_at, Actor::Citizen, facts, body);
        let application = evolve(None, &event).unwrap();
        let mut history = Self { application, events: Vec::new(), records: Vec::new() };
        history.record(event);
        history
    }

    pub fn apply(&mut self, when: Timestamp, actor: Actor, body: EventBody) -> &mut Self {
        let before = self.application.clone();
        let facts = self.facts(&before);
        let mut event = event(before.id, before.version + 1, when, actor, facts, body);
        self.application = evolve(Some(before.clone()), &event).unwrap();
        let mut facts = self.facts(&self.application);
        facts.previous_status = Some(before.status.name());
        if self.application.status_since == when {
            facts.previous_status_ms =
                (when - before.status_since).total(jiff::Unit::Millisecond).unwrap() as i64;
        }
        facts.overdue = self.application.phase.due_at().is_some_and(|due| due <= when);
        event.facts = facts;
        self.record(event);
        self
    }

    pub fn assign(&mut self, when: Timestamp, officer: &str) -> &mut Self {
        self.apply(when, staff("yetkili"), EventBody::Assigned { officer: officer.parse().unwrap() })
    }

    pub fn propose(&mut self, when: Timestamp, proposal: Proposal) -> &mut Self {
        self.apply(when, staff("ali"), EventBody::Proposed { proposal })
    }

    pub fn approve(&mut self, when: Timestamp, outcome: Outcome) -> &mut Self {
        let proposed_by: UserName = "ali".parse().unwrap();
        self.apply(when, staff("yetkili"), EventBody::Approved { outcome, proposed_by })
    }

    /// Proposes and approves a referral to another unit.
    pub fn refer(&mut self, when: Timestamp, to: &str) -> &mut Self {
        let (from, to): (_, ebasvuru_workflow::domain::catalog::UnitId) =
            (self.application.unit.clone(), to.parse().unwrap());
        self.propose(when, Proposal::Referral { target: to.clone(), reason: sealed("r") });
        self.apply(
            when,
            staff("yetkili"),
            EventBody::Referred { from, to, proposed_by: "ali".parse().unwrap() },
        )
    }

    fn facts(&self, app: &Application) -> Facts {
        Facts {
            no: app.no.clone(),
            service: app.service.clone(),
            valilik: app.valilik,
            unit: app.unit.clone(),
            phase: app.phase,
            status: app.status.name(),
            previous_status: None,
            previous_status_ms: 0,
            officer: match &app.status {
                Status::Closed { officer, .. } => officer.clone(),
                open => open.holder().cloned(),
            },
            received_at: app.received_at,
            outcome: match &app.status {
                Status::Closed { outcome, .. } => Some(*outcome),
                _ => None,
            },
            overdue: false,
        }
    }

    fn record(&mut self, event: Event) {
        self.records.push(event.to_record());
        match ClosedMarker::of(&self.application) {
            Some(marker) => {
                let last = Outgoing { topic: topic::ARCHIVE, ..self.application.to_record() };
                self.records.push(last);
                self.records.push(marker.to_record());
            }
            None => self.records.push(self.application.to_record()),
        }
        self.events.push(event);
    }
}

fn event(
    application: ApplicationId,
    seq: u64,
    at: Timestamp,
    actor: Actor,
    facts: Facts,
    body: EventBody,
) -> Event {
    Event {
        id: EventId::of(&application.to_string(), seq),
        application,
        seq,
        command_id: CommandId::deterministic(&application.to_string(), &seq.to_string()),
        at,
        actor,
        on_behalf_of: None,
        directory_offset: 0,
        facts,
        body,
    }
}

/// A random history; the application is received within 90 days from `from`.
pub fn random_history(n: u32, random: &mut Random, from: Timestamp) -> History {
    let received = from + hours(i64::from(random.below(90 * 24)));
    let (unit, service) = (*random.pick(&UNITS), *random.pick(&SERVICES));
    let due_at = received + hours(240);
    let mut history = if random.below(4) == 0 {
        let lapses_at = received + hours(300);
        History::received_in(n, unit, service, received, Phase::PreApplication { lapses_at })
    } else {
        History::received(n, unit, service, received)
    };
    let mut when = received;
    let mut breached = false;
    let mut step = |random: &mut Random| {
        when += hours(i64::from(1 + random.below(100)));
        when
    };
    if history.application.phase.is_pre_application() {
        let when = step(random);
        match random.below(3) {
            0 => return history,
            1 => {
                history.apply(when, Actor::System, EventBody::Lapsed);
                return history;
            }
            _ => {
                history.apply(
                    when,
                    staff("ali"),
                    EventBody::PreApplicationCompleted { due_at: when + hours(240) },
                );
            }
        }
    }
    for _ in 0..random.below(6) {
        let when = step(random);
        let due = history.application.phase.due_at().unwrap_or(due_at);
        if !breached && due <= when {
            breached = true;
            history.apply(due, Actor::System, EventBody::Breached { due_at: due });
        }
        match (history.application.status.clone(), random.below(5)) {
            (_, 0) => {
                history.apply(when, Actor::Citizen, EventBody::CitizenWithdrew { reason: None });
                return history;
            }
            (Status::Unassigned, _) => {
                let officer = *random.pick(&["ali", "veli"]);
                history.assign(when, officer);
            }
            (Status::Assigned { .. }, 1) => {
                let to = *random.pick(&UNITS);
                history.refer(when, to);
            }
            (Status::Assigned { .. }, 2) => {
                history.propose(when, Proposal::Rejection);
            }
            (Status::Assigned { .. }, _) => {
                history.propose(when, Proposal::Answer);
            }
            (Status::AwaitingApproval { .. }, 1) => {
                history.apply(when, staff("yetkili"), EventBody::SentBack { reason: sealed("s") });
            }
            (Status::AwaitingApproval { proposal, .. }, _) => {
                let outcome =
                    if proposal == Proposal::Answer { Outcome::Positive } else { Outcome::Negative };
                history.approve(when, outcome);
                return history;
            }
            (Status::Closed { .. }, _) => return history,
        }
    }
    history
}
