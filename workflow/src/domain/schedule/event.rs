//! What happened to a scheduled report. Its names are what is stored: they never change.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::state::{ScheduleTerms, SendingOutcome};
use crate::domain::actor::Actor;
use crate::domain::ids::{CommandId, EventId, ScheduleId, SenderId};

/// An event of a scheduled report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleEvent {
    /// UUIDv5 of the schedule and `seq`.
    pub id: EventId,
    /// The schedule.
    pub schedule: ScheduleId,
    /// 1, 2, 3 … without gaps.
    pub seq: u64,
    /// The command that it comes from.
    pub command_id: CommandId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// The offset up to which the user directory had been read for the decision.
    pub directory_offset: i64,
    /// What happened.
    #[serde(rename = "what")]
    pub body: ScheduleEventBody,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "body")]
pub enum ScheduleEventBody {
    /// "Zamanla".
    #[serde(rename = "schedule_defined.v1")]
    Defined {
        /// What, when, to whom.
        terms: ScheduleTerms,
    },
    /// "Kaydet".
    #[serde(rename = "schedule_changed.v1")]
    Changed {
        /// What, when, to whom from now on.
        terms: ScheduleTerms,
    },
    /// "Sürdür".
    #[serde(rename = "schedule_resumed.v1")]
    Resumed,
    /// "Duraklat".
    #[serde(rename = "schedule_paused.v1")]
    Paused,
    /// "Sil".
    #[serde(rename = "schedule_deleted.v1")]
    Deleted,
    /// An occurrence was claimed, or "Şimdi Gönder" was pressed.
    #[serde(rename = "schedule_sending_started.v1")]
    SendingStarted {
        /// Which process sends.
        sender: SenderId,
        /// The time that it was due; `None` for "Şimdi Gönder".
        occurrence: Option<Timestamp>,
        /// How many occurrences before it were missed.
        missed: u32,
    },
    /// It was sent, or was not.
    #[serde(rename = "schedule_sending_ended.v1")]
    SendingEnded {
        /// How it ended.
        outcome: SendingOutcome,
    },
}
