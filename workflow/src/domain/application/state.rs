//! The state of an application: phase and status, and everything that was added.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::actor::Actor;
use crate::domain::catalog::{DocumentCode, ServiceSlug, UnitId, Valilik};
use crate::domain::document::Document;
use crate::domain::ids::{ApplicationId, ApplicationNo, CommandId, SubmissionId, UserName};
use crate::domain::sealed::{Sealed, SealedText};

use super::event_kind::EventKind;

/// An application, open or closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Application {
    /// Our identity.
    pub id: ApplicationId,
    /// e-Devlet's identity, the key of what the citizen is told.
    pub submission_id: SubmissionId,
    /// The number people read.
    pub no: ApplicationNo,
    /// The number of events so far. Every action names the version that the actor saw.
    pub version: u64,
    /// The service applied for.
    pub service: ServiceSlug,
    /// The governorate applied to. A havale changes only the unit.
    pub valilik: Valilik,
    /// The unit that owns it now.
    pub unit: UnitId,
    /// Ön Başvuru or Başvuru, each with its deadline.
    pub phase: Phase,
    /// The status.
    #[serde(rename = "stage")]
    pub status: Status,
    /// Since when it has this status and holder.
    #[serde(rename = "stage_since")]
    pub status_since: Timestamp,
    /// When the citizen confirmed it, as e-Devlet says.
    pub submitted_at: Timestamp,
    /// The receipt: deadlines count from here, and reports show it. It is `submitted_at`; applications
    /// stored before that was so keep the time of their arrival.
    pub received_at: Timestamp,
    /// When the deadline passed while it was open. It stays for ever (decision i).
    pub breached_at: Option<Timestamp>,
    /// What is stored of the applicant in clear.
    pub applicant: Applicant,
    /// The person, the contact and the form, sealed at ingest.
    pub content: Sealed,
    /// Keyed hash of the content of the submission. The same id with other content is a conflict.
    pub content_hash: String,
    /// The documents of the citizen, then those that officers added ("Dosya Ekle"), in order.
    pub documents: Vec<Document>,
    /// The official documents of the answer ("Resmi Evrak Ekle").
    pub official_documents: Vec<Document>,
    /// The answers that earlier units had prepared before a havale. Kept, so that nothing is lost, but
    /// separately, so that none of them is ever sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub superseded: Vec<SupersededAnswer>,
    /// The checklist "Başvuru Belgeleri": the required documents that are ticked.
    pub checks: BTreeMap<DocumentCode, DocumentCheck>,
    /// Answers to the citizen by the unit that owns it now. The last one is valid; it is sent only after
    /// approval.
    pub answers: Vec<Answer>,
    /// Internal notes of a Yetkili (decision b).
    pub notes: Vec<Note>,
    /// The last "Geri Gönderme Sebebi", until it is sent for approval again.
    pub sent_back: Option<SendBackReason>,
    /// The reasons of earlier times, oldest first, at most [`crate::budget::SEND_BACKS`]; the events have them
    /// all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub earlier_send_backs: Vec<EarlierSendBack>,
    /// What happened, oldest first.
    pub history: Vec<HistoryEntry>,
}

impl Application {
    /// Its documents, then the official documents of the unit that has it, in the order in which they
    /// came.
    pub fn all_documents(&self) -> impl Iterator<Item = &Document> {
        self.documents.iter().chain(&self.official_documents)
    }

    /// The answer that the citizen would get if it were approved now.
    #[must_use]
    pub fn answer(&self) -> Option<&Answer> {
        self.answers.last()
    }

    /// Whether this command has been applied already.
    #[must_use]
    pub fn has_applied(&self, command: CommandId) -> bool {
        self.history.iter().any(|entry| entry.command_id == command)
    }

    /// The time of the last event.
    #[must_use]
    pub fn last_at(&self) -> Timestamp {
        self.history.last().map_or(self.received_at, |entry| entry.at)
    }

    /// When it reached us, which after an outage is long after the receipt.
    #[must_use]
    pub fn arrived_at(&self) -> Timestamp {
        // The entry of the receipt is never dropped.
        self.history.first().map_or(self.received_at, |entry| entry.at)
    }

    /// When its timer is due: the lapse of an Ön Başvuru, or the deadline of a Başvuru. `None` after the
    /// breach is recorded, and once it is closed.
    #[must_use]
    pub fn timer_at(&self) -> Option<Timestamp> {
        (!self.status.is_closed() && self.breached_at.is_none()).then(|| self.phase.timer_at())
    }
}

/// Ön Başvuru or Başvuru, each with its own timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Phase {
    /// "Ön Başvuru": waits for the documents that the citizen must bring.
    PreApplication {
        /// When it lapses ("Süre Aşımı") if it is not completed (decision h).
        lapses_at: Timestamp,
    },
    /// "Başvuru": the deadline for the answer runs.
    Application {
        /// The first instant that is too late (decision i).
        due_at: Timestamp,
    },
}

impl Phase {
    /// When the timer of this phase is due.
    #[must_use]
    pub const fn timer_at(self) -> Timestamp {
        match self {
            Self::PreApplication { lapses_at } => lapses_at,
            Self::Application { due_at } => due_at,
        }
    }

    /// The deadline of the answer; `None` in an Ön Başvuru.
    #[must_use]
    pub const fn due_at(self) -> Option<Timestamp> {
        match self {
            Self::PreApplication { .. } => None,
            Self::Application { due_at } => Some(due_at),
        }
    }

    /// Whether this is an Ön Başvuru.
    #[must_use]
    pub const fn is_pre_application(self) -> bool {
        matches!(self, Self::PreApplication { .. })
    }
}

/// The status of an application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum Status {
    /// Nobody holds it.
    Unassigned,
    /// A Sorumlu holds it.
    Assigned {
        /// The holder.
        officer: UserName,
    },
    /// The holder has made a proposal; the Yetkili decides.
    AwaitingApproval {
        /// The holder, who keeps it.
        officer: UserName,
        /// What was proposed.
        proposal: Proposal,
        /// Who proposed it (the holder), who must not approve it, not even as a delegate (decision f).
        proposed_by: UserName,
    },
    /// Final (decision l).
    Closed {
        /// How it ended.
        outcome: Outcome,
        /// Who held it last.
        officer: Option<UserName>,
        /// When.
        at: Timestamp,
    },
}

impl Status {
    /// The holder, if there is one.
    #[must_use]
    pub const fn holder(&self) -> Option<&UserName> {
        match self {
            Self::Assigned { officer } | Self::AwaitingApproval { officer, .. } => Some(officer),
            Self::Unassigned | Self::Closed { .. } => None,
        }
    }

    /// Whether it is closed.
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        matches!(self, Self::Closed { .. })
    }

    /// The name of the status, without its data.
    #[must_use]
    pub const fn name(&self) -> StatusName {
        match self {
            Self::Unassigned => StatusName::Unassigned,
            Self::Assigned { .. } => StatusName::Assigned,
            Self::AwaitingApproval { .. } => StatusName::AwaitingApproval,
            Self::Closed { .. } => StatusName::Closed,
        }
    }
}

/// The name of a status, by which reports count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusName {
    /// Nobody holds it.
    Unassigned,
    /// A Sorumlu holds it.
    Assigned,
    /// The Yetkili decides.
    AwaitingApproval,
    /// Final.
    Closed,
}

/// What a Sorumlu proposes to the Yetkili.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Proposal {
    /// "Onaya Gönder": answer it positively.
    Answer,
    /// "Red Onayına Gönder": reject it.
    Rejection,
    /// "Havale Et": it belongs to another unit.
    Referral {
        /// The unit that it should go to.
        target: UnitId,
        /// Why, for the Yetkili.
        reason: SealedText,
    },
}

impl Proposal {
    /// The name of the proposal without its data, as it is stored.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Rejection => "rejection",
            Self::Referral { .. } => "referral",
        }
    }
}

/// How an application ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// "Olumlu".
    Positive,
    /// "Olumsuz".
    Negative,
    /// "Süre Aşımı": an Ön Başvuru not completed in time.
    Lapsed,
    /// "Vazgeçildi": withdrawn by the citizen.
    Withdrawn,
}

/// What is stored of the applicant in clear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applicant {
    /// The name with everything but the initials masked.
    pub masked_name: String,
    /// The T.C. Kimlik No with most digits masked.
    pub masked_tckn: String,
    /// Keyed hash of the T.C. Kimlik No.
    pub tckn_index: String,
    /// Keyed hashes by which the name is found (`Sealer::name_index`).
    pub name_index: Vec<String>,
}

/// The tick of one required document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentCheck {
    /// Who ticked it.
    pub by: UserName,
    /// When.
    pub at: Timestamp,
}

/// An answer to the citizen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The text.
    pub text: SealedText,
    /// Who wrote it.
    pub by: UserName,
    /// When.
    pub at: Timestamp,
}

/// The answer that a unit had prepared before a havale to another unit. It was never approved, so it is
/// never sent. Only that unit sees it, as with its notes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupersededAnswer {
    /// The unit that prepared it.
    pub unit: UnitId,
    /// Its answers.
    pub answers: Vec<Answer>,
    /// Its official documents.
    pub official_documents: Vec<Document>,
}

/// An internal note of a Yetkili for the Sorumlu (requirement 20, decision b).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// The text.
    pub text: SealedText,
    /// Who wrote it.
    pub by: UserName,
    /// When.
    pub at: Timestamp,
    /// The unit it was written in. The target of a havale does not see it.
    pub unit: UnitId,
}

/// "Geri Gönderme Sebebi".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendBackReason {
    /// The text.
    pub text: SealedText,
    /// Who sent it back.
    pub by: UserName,
    /// When.
    pub at: Timestamp,
}

/// A "Geri Gönderme Sebebi" after which it was sent for approval again, or referred.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarlierSendBack {
    /// The text.
    pub text: SealedText,
    /// Who sent it back.
    pub by: UserName,
    /// When.
    pub at: Timestamp,
    /// The unit it was written in. The target of a havale does not see it.
    pub unit: UnitId,
}

/// One entry of the history: who, what, when, on whose behalf.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry {
    /// The version after it.
    pub seq: u64,
    /// The command that it comes from.
    pub command_id: CommandId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// Whose authority was used, when not the actor's own (decision f).
    pub on_behalf_of: Option<UserName>,
    /// What.
    pub what: EventKind,
    /// The officer of an assignment, the unit of a havale, the document of a check.
    pub detail: Option<String>,
}
