//! The state of an application: phase × status, and what has gathered on the way.

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
    /// How many events made this state; the first is 1. Every action names the version it saw.
    pub version: u64,
    /// The service applied for.
    pub service: ServiceSlug,
    /// The governorate applied to; a havale does not change it, only the unit.
    pub valilik: Valilik,
    /// The unit that owns it now.
    pub unit: UnitId,
    /// Ön Başvuru or Başvuru, with the clock that runs in each.
    pub phase: Phase,
    /// Where it stands.
    #[serde(rename = "stage")]
    pub status: Status,
    /// Since when it stands there.
    #[serde(rename = "stage_since")]
    pub status_since: Timestamp,
    /// When the citizen confirmed it, by e-Devlet.
    pub submitted_at: Timestamp,
    /// When we received it: deadlines count from here.
    pub received_at: Timestamp,
    /// When the deadline passed while it was open; a fact that never goes away (decision i).
    pub breached_at: Option<Timestamp>,
    /// What may be known of the applicant in clear.
    pub applicant: Applicant,
    /// The person, the contact and the form, sealed at ingest and never opened on the way.
    pub content: Sealed,
    /// Keyed hash of the submission's content: the same id with other content is a conflict.
    pub content_hash: String,
    /// What the citizen sent and what officers added ("Dosya Ekle"), in order.
    pub documents: Vec<Document>,
    /// The official documents of the answer ("Resmi Evrak Ekle").
    pub official_documents: Vec<Document>,
    /// What units that it has been referred away from had prepared to answer. Kept so that
    /// nothing is lost, apart so that nothing of it is ever sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub superseded: Vec<SupersededAnswer>,
    /// The checklist "Başvuru Belgeleri": which required documents have been brought.
    pub checks: BTreeMap<DocumentCode, DocumentCheck>,
    /// Answers to the citizen by the unit that owns it now; the last one counts, and
    /// leaves only by approval.
    pub answers: Vec<Answer>,
    /// Internal notes of a Yetkili (decision b).
    pub notes: Vec<Note>,
    /// The last "Geri Gönderme Sebebi", until it is sent for approval again.
    pub sent_back: Option<SendBackReason>,
    /// What happened, oldest first.
    pub history: Vec<HistoryEntry>,
}

impl Application {
    /// The answer that the citizen gets if it is approved now.
    #[must_use]
    pub fn answer(&self) -> Option<&Answer> {
        self.answers.last()
    }

    /// Whether a command has been applied already.
    #[must_use]
    pub fn has_applied(&self, command: CommandId) -> bool {
        self.history.iter().any(|entry| entry.command_id == command)
    }

    /// When the last thing happened to it.
    #[must_use]
    pub fn last_at(&self) -> Timestamp {
        self.history.last().map_or(self.received_at, |entry| entry.at)
    }

    /// When its timer runs out: the lapse of an Ön Başvuru, or the deadline unless it
    /// has been breached already. `None` once closed.
    #[must_use]
    pub fn timer_at(&self) -> Option<Timestamp> {
        (!self.status.is_closed() && self.breached_at.is_none()).then(|| self.phase.timer_at())
    }
}

/// Ön Başvuru or Başvuru. Each has its own clock, and only its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Phase {
    /// "Ön Başvuru": waits for the documents the citizen must bring.
    PreApplication {
        /// When it lapses ("Süre Aşımı") if not completed (decision h).
        lapses_at: Timestamp,
    },
    /// "Başvuru": the deadline for the answer runs.
    Application {
        /// The first instant that is too late (decision i).
        due_at: Timestamp,
    },
}

impl Phase {
    /// When the timer of this phase runs out.
    #[must_use]
    pub const fn timer_at(self) -> Timestamp {
        match self {
            Self::PreApplication { lapses_at } => lapses_at,
            Self::Application { due_at } => due_at,
        }
    }

    /// The deadline of the answer, once it runs.
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

/// Where an application stands.
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
    /// The holder has proposed; the Yetkili decides.
    AwaitingApproval {
        /// The holder, who keeps it.
        officer: UserName,
        /// What was proposed.
        proposal: Proposal,
        /// Who proposed it (the holder): may not approve it, delegate or not (decision f).
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
    /// Who holds the application, if anyone does.
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

    /// The name without what goes with it, as reports count it.
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

/// A status's name, as reports count it.
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
        /// The unit it belongs to.
        target: UnitId,
        /// Why, for the Yetkili's eyes.
        reason: SealedText,
    },
}

impl Proposal {
    /// The name without what goes with it, as it is stored and counted.
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

/// What may be known of the applicant in clear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applicant {
    /// The name with all but initials masked.
    pub masked_name: String,
    /// The T.C. Kimlik No with most digits masked.
    pub masked_tckn: String,
    /// Keyed hash of the T.C. Kimlik No.
    pub tckn_index: String,
    /// Keyed hash of each Turkish-folded name token.
    pub name_index: Vec<String>,
}

/// One required document, ticked.
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
    /// The words.
    pub text: SealedText,
    /// Who wrote it.
    pub by: UserName,
    /// When.
    pub at: Timestamp,
}

/// What a unit had prepared to answer before the application was referred away from it.
/// Never approved, so never sent; for that unit's eyes only, like its notes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupersededAnswer {
    /// The unit that prepared it.
    pub unit: UnitId,
    /// Its answers.
    pub answers: Vec<Answer>,
    /// Its official documents.
    pub official_documents: Vec<Document>,
}

/// A Yetkili's answer, which only the Sorumlu sees (requirement 20, decision b).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// The words.
    pub text: SealedText,
    /// Who wrote it.
    pub by: UserName,
    /// When.
    pub at: Timestamp,
    /// The unit it was written in: a havale's target does not see it.
    pub unit: UnitId,
}

/// "Geri Gönderme Sebebi".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendBackReason {
    /// The words.
    pub text: SealedText,
    /// Who sent it back.
    pub by: UserName,
    /// When.
    pub at: Timestamp,
}

/// One line of the history: who, what, when, on whose behalf.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry {
    /// The version this made.
    pub seq: u64,
    /// The command that led to it.
    pub command_id: CommandId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// Whose authority was used, when not the actor's own (decision f).
    pub on_behalf_of: Option<UserName>,
    /// What.
    pub what: EventKind,
    /// Whom or where it concerned: the officer of an assignment, the unit of a havale.
    pub detail: Option<String>,
}
