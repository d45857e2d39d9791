//! The row of a snapshot: the application, with the columns that lists and reports need.

use ebasvuru_workflow::domain::application::Status;
use ebasvuru_workflow::log::Record;
use ebasvuru_workflow::message::DecodeError;
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::event::phase_columns;
use super::snapshot::Snapshot;
use super::{name_of, text};

/// What arrives later than this after its receipt may be the second application of its submission.
/// Shorter than the shortest deduplication horizon (`workflow.dedup_days`, 31 days), and longer than
/// nearly every outage, so that `life` is nearly always 0.
const SURELY_FIRST: SignedDuration = SignedDuration::from_hours(24 * 30);

/// A row of `applications`.
#[derive(Clone, Debug, clickhouse::Row, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the schema says what each column means")]
pub struct ApplicationRow {
    pub topic: String,
    pub partition: i32,
    pub offset: i64,
    #[serde(with = "clickhouse::serde::uuid")]
    pub id: Uuid,
    pub no: String,
    #[serde(with = "clickhouse::serde::uuid")]
    pub submission_id: Uuid,
    pub version: u64,
    pub service: String,
    pub valilik: u8,
    pub unit: String,
    pub phase: String,
    pub lapses_at: Option<i64>,
    pub due_at: Option<i64>,
    pub stage: String,
    pub stage_since: i64,
    pub officer: String,
    pub proposal: String,
    pub outcome: String,
    pub submitted_at: i64,
    pub received_at: i64,
    pub breached_at: Option<i64>,
    pub closed_at: Option<i64>,
    pub masked_name: String,
    pub masked_tckn: String,
    pub tckn_index: String,
    pub name_index: Vec<String>,
    pub snapshot: String,
    pub life: u64,
}

impl ApplicationRow {
    /// The row of a snapshot.
    ///
    /// # Errors
    /// If what lists and reports need is missing or has another shape.
    pub fn of(record: &Record) -> Result<Self, DecodeError> {
        let application = Snapshot::of(record)?;
        let (phase, lapses_at, due_at) = phase_columns(application.phase);
        let (officer, proposal, outcome, closed_at) = match &application.status {
            Status::Unassigned => (None, "", String::new(), None),
            Status::Assigned { officer } => (Some(officer), "", String::new(), None),
            Status::AwaitingApproval { officer, proposal, .. } => {
                (Some(officer), proposal.name(), String::new(), None)
            }
            Status::Closed { outcome, officer, at } => {
                (officer.as_ref(), "", name_of(*outcome), Some(at.as_millisecond()))
            }
        };
        let arrived_at = application.arrived_at();
        let late = arrived_at.duration_since(application.received_at) > SURELY_FIRST;
        Ok(Self {
            topic: record.topic.to_string(),
            partition: record.partition,
            offset: record.offset,
            id: application.id.0,
            no: application.no.to_string(),
            submission_id: application.submission_id.0,
            version: application.version,
            service: application.service.to_string(),
            valilik: application.valilik.plate(),
            unit: application.unit.to_string(),
            phase: phase.into(),
            lapses_at,
            due_at,
            stage: name_of(application.status.name()),
            stage_since: application.status_since.as_millisecond(),
            officer: text(officer),
            proposal: proposal.into(),
            outcome,
            submitted_at: application.submitted_at.as_millisecond(),
            received_at: application.received_at.as_millisecond(),
            breached_at: application.breached_at.map(jiff::Timestamp::as_millisecond),
            closed_at,
            masked_name: application.applicant.masked_name,
            masked_tckn: application.applicant.masked_tckn,
            tckn_index: application.applicant.tckn_index,
            name_index: application.applicant.name_index,
            snapshot: String::from_utf8_lossy(record.value.as_deref().unwrap_or_default()).into_owned(),
            life: if late { arrived_at.as_millisecond().unsigned_abs() } else { 0 },
        })
    }
}
