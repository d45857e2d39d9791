//! What lists and reports need of a snapshot. Texts, documents and notes are passed over, not read: they
//! are most of it.

use std::fmt;

use ebasvuru_workflow::domain::application::{Applicant, Phase, Status};
use ebasvuru_workflow::domain::catalog::{ServiceSlug, UnitId, Valilik};
use ebasvuru_workflow::domain::ids::{ApplicationId, ApplicationNo, SubmissionId};
use ebasvuru_workflow::log::Record;
use ebasvuru_workflow::message::DecodeError;
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, SeqAccess, Visitor};

/// Members of [`Application`](ebasvuru_workflow::domain::application::Application), by the same names.
#[derive(Debug, Deserialize)]
pub(super) struct Snapshot {
    pub(super) id: ApplicationId,
    pub(super) submission_id: SubmissionId,
    pub(super) no: ApplicationNo,
    pub(super) version: u64,
    pub(super) service: ServiceSlug,
    pub(super) valilik: Valilik,
    pub(super) unit: UnitId,
    pub(super) phase: Phase,
    #[serde(rename = "stage")]
    pub(super) status: Status,
    #[serde(rename = "stage_since")]
    pub(super) status_since: Timestamp,
    pub(super) submitted_at: Timestamp,
    pub(super) received_at: Timestamp,
    pub(super) breached_at: Option<Timestamp>,
    pub(super) applicant: Applicant,
    #[serde(deserialize_with = "time_of_the_first")]
    history: Option<Timestamp>,
}

impl Snapshot {
    pub(super) fn of(record: &Record) -> Result<Self, DecodeError> {
        let value = record.value.as_deref().ok_or(DecodeError::Tombstone)?;
        serde_json::from_slice(value).map_err(|e| DecodeError::Malformed("snapshot", e))
    }

    /// As [`Application::arrived_at`](ebasvuru_workflow::domain::application::Application::arrived_at).
    pub(super) fn arrived_at(&self) -> Timestamp {
        self.history.unwrap_or(self.received_at)
    }
}

/// When the first entry of a history was.
fn time_of_the_first<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Timestamp>, D::Error> {
    #[derive(Deserialize)]
    struct Entry {
        at: Timestamp,
    }
    struct First;
    impl<'de> Visitor<'de> for First {
        type Value = Option<Timestamp>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("the history")
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
            let first = entries.next_element::<Entry>()?.map(|entry| entry.at);
            while entries.next_element::<IgnoredAny>()?.is_some() {}
            Ok(first)
        }
    }
    deserializer.deserialize_seq(First)
}
