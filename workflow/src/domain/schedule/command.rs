//! The commands on a scheduled report.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::state::{ScheduleTerms, SendingOutcome};
use crate::domain::actor::Actor;
use crate::domain::ids::{CommandId, ScheduleId, SenderId};

/// A command on a scheduled report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleCommand {
    /// Applying the same id twice changes nothing.
    pub id: CommandId,
    /// Who gives it.
    pub actor: Actor,
    /// The [`super::Schedule::edited_version`] that the actor saw.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_version: Option<u64>,
    /// When it was given.
    pub at: Timestamp,
    /// The schedule that it is on.
    pub schedule: ScheduleId,
    /// What is asked.
    #[serde(rename = "what")]
    pub body: ScheduleCommandBody,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "body", rename_all = "snake_case")]
pub enum ScheduleCommandBody {
    /// "Zamanla".
    DefineSchedule {
        /// What, when, to whom.
        terms: ScheduleTerms,
    },
    /// "Kaydet" on an existing one.
    ChangeSchedule {
        /// What, when, to whom from now on.
        terms: ScheduleTerms,
    },
    /// "Sürdür" / "Duraklat".
    SetScheduleActive {
        /// Whether it sends by itself.
        active: bool,
    },
    /// "Sil".
    DeleteSchedule,
    /// The claim of an occurrence by a process that can send, or "Şimdi Gönder".
    StartSending {
        /// Which process will send.
        sender: SenderId,
        /// The occurrence; `None` for "Şimdi Gönder".
        occurrence: Option<Timestamp>,
    },
    /// What became of it, by the process that sent.
    EndSending {
        /// The command that started it.
        sending: CommandId,
        /// How it ended.
        outcome: SendingOutcome,
    },
}
