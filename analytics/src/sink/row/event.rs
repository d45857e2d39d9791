//! The row of an event, with its denormalised facts.

use std::borrow::Cow;

use ebasvuru_workflow::domain::actor::Actor;
use ebasvuru_workflow::domain::application::{Event, Phase};
use ebasvuru_workflow::domain::schedule::ScheduleEvent;
use ebasvuru_workflow::domain::user::UserEvent;
use ebasvuru_workflow::log::Record;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::{name_of, text};

/// A row of `events`.
#[derive(Clone, Debug, clickhouse::Row, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the schema says what each column means")]
pub struct EventRow {
    pub topic: String,
    pub partition: i32,
    pub offset: i64,
    pub aggregate: String,
    #[serde(with = "clickhouse::serde::uuid")]
    pub application: Uuid,
    pub user: String,
    pub seq: u64,
    #[serde(with = "clickhouse::serde::uuid")]
    pub id: Uuid,
    pub r#type: String,
    pub kind: String,
    pub at: i64,
    pub actor_kind: String,
    pub actor: String,
    pub on_behalf_of: String,
    #[serde(with = "clickhouse::serde::uuid")]
    pub command_id: Uuid,
    pub directory_offset: i64,
    pub no: String,
    pub service: String,
    pub valilik: u8,
    pub unit: String,
    pub phase: String,
    pub lapses_at: Option<i64>,
    pub due_at: Option<i64>,
    pub stage: String,
    pub previous_stage: String,
    pub previous_stage_ms: i64,
    pub officer: String,
    pub received_at: i64,
    pub outcome: String,
    pub overdue: bool,
    pub detail: String,
}

impl EventRow {
    /// The row of an application's event.
    #[must_use]
    pub fn of_application(record: &Record, event: &Event) -> Self {
        let facts = &event.facts;
        let (phase, lapses_at, due_at) = phase_columns(facts.phase);
        let (r#type, detail) = body(record);
        let (actor_kind, actor) = actor_columns(&event.actor);
        Self {
            topic: record.topic.to_string(),
            partition: record.partition,
            offset: record.offset,
            aggregate: "application".into(),
            application: event.application.0,
            user: String::new(),
            seq: event.seq,
            id: event.id.0,
            r#type,
            kind: name_of(event.body.kind()),
            at: event.at.as_millisecond(),
            actor_kind: actor_kind.into(),
            actor,
            on_behalf_of: text(event.on_behalf_of.as_ref()),
            command_id: event.command_id.0,
            directory_offset: event.directory_offset,
            no: facts.no.to_string(),
            service: facts.service.to_string(),
            valilik: facts.valilik.plate(),
            unit: facts.unit.to_string(),
            phase: phase.into(),
            lapses_at,
            due_at,
            stage: name_of(facts.status),
            previous_stage: facts.previous_status.map(name_of).unwrap_or_default(),
            previous_stage_ms: facts.previous_status_ms,
            officer: text(facts.officer.as_ref()),
            received_at: facts.received_at.as_millisecond(),
            outcome: facts.outcome.map(name_of).unwrap_or_default(),
            overdue: facts.overdue,
            detail,
        }
    }

    /// The row of a user's event.
    #[must_use]
    pub fn of_user(record: &Record, event: &UserEvent) -> Self {
        Self {
            aggregate: "user".into(),
            user: event.user.to_string(),
            seq: event.seq,
            id: event.id.0,
            command_id: event.command_id.0,
            directory_offset: event.directory_offset,
            ..Self::without_facts(record, event.at, &event.actor)
        }
    }

    /// The row of an event of a scheduled report, whose id stands where an application's does.
    #[must_use]
    pub fn of_schedule(record: &Record, event: &ScheduleEvent) -> Self {
        Self {
            aggregate: "schedule".into(),
            application: event.schedule.0,
            seq: event.seq,
            id: event.id.0,
            command_id: event.command_id.0,
            directory_offset: event.directory_offset,
            ..Self::without_facts(record, event.at, &event.actor)
        }
    }

    /// The row of an event that is not of an application, without its identity.
    fn without_facts(record: &Record, at: Timestamp, actor: &Actor) -> Self {
        let (r#type, detail) = body(record);
        let (actor_kind, actor) = actor_columns(actor);
        Self {
            topic: record.topic.to_string(),
            partition: record.partition,
            offset: record.offset,
            aggregate: String::new(),
            application: Uuid::nil(),
            user: String::new(),
            seq: 0,
            id: Uuid::nil(),
            kind: r#type.split('.').next().unwrap_or_default().to_owned(),
            r#type,
            at: at.as_millisecond(),
            actor_kind: actor_kind.into(),
            actor,
            on_behalf_of: String::new(),
            command_id: Uuid::nil(),
            directory_offset: 0,
            no: String::new(),
            service: String::new(),
            valilik: 0,
            unit: String::new(),
            phase: String::new(),
            lapses_at: None,
            due_at: None,
            stage: String::new(),
            previous_stage: String::new(),
            previous_stage_ms: 0,
            officer: String::new(),
            received_at: at.as_millisecond(),
            outcome: String::new(),
            overdue: false,
            detail,
        }
    }
}

/// The name of the phase, and when it lapses or is due.
pub(super) fn phase_columns(phase: Phase) -> (&'static str, Option<i64>, Option<i64>) {
    match phase {
        Phase::PreApplication { lapses_at } => ("pre_application", Some(lapses_at.as_millisecond()), None),
        Phase::Application { due_at } => ("application", None, Some(due_at.as_millisecond())),
    }
}

fn actor_columns(actor: &Actor) -> (&'static str, String) {
    match actor {
        Actor::Citizen => ("citizen", String::new()),
        Actor::Staff(name) => ("staff", name.to_string()),
        Actor::System => ("system", String::new()),
        Actor::Operator => ("operator", String::new()),
    }
}

/// The versioned name of a body, and the body as JSON, as the record has them.
fn body(record: &Record) -> (String, String) {
    #[derive(Deserialize)]
    struct Event<'a> {
        #[serde(borrow)]
        what: &'a RawValue,
    }
    #[derive(Deserialize)]
    struct Tag<'a> {
        #[serde(borrow)]
        r#type: Cow<'a, str>,
    }
    let value = record.value.as_deref().unwrap_or_default();
    let json = serde_json::from_slice::<Event<'_>>(value).map_or("", |event| event.what.get());
    let name =
        serde_json::from_str::<Tag<'_>>(json).map_or_else(|_| String::new(), |tag| tag.r#type.into_owned());
    (name, json.to_owned())
}
