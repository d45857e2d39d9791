//! The events of an application.
//!
//! Events are kept for ever: the name of a variant includes its version (`claimed.v1`), a changed shape
//! is a new variant, and an old event is replayed by the code of its own version.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::actor::Actor;
use crate::domain::catalog::{DocumentCode, ServiceSlug, UnitId, Valilik};
use crate::domain::document::Document;
use crate::domain::ids::{ApplicationId, ApplicationNo, CommandId, EventId, SubmissionId, UserName};
use crate::domain::sealed::{Sealed, SealedText};

pub use super::event_kind::EventKind;
use super::state::{Applicant, Outcome, Phase, Proposal, StatusName};

/// An event, with the facts that reports need, so that no report needs a join.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// UUIDv5 of the application and `seq`, so that an event that is made again is the same event.
    pub id: EventId,
    /// The application.
    pub application: ApplicationId,
    /// 1, 2, 3 … without gaps; the version of the state after it.
    pub seq: u64,
    /// The command that it comes from.
    pub command_id: CommandId,
    /// When it happened: the time of the decision, or for lapse and breach that moment itself.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// Whose authority was used, when not the actor's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<UserName>,
    /// The offset up to which the user directory had been read for the decision.
    pub directory_offset: i64,
    /// What reports need.
    pub facts: Facts,
    /// What happened.
    #[serde(rename = "what")]
    pub body: EventBody,
}

/// The facts after the event, for reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// The number people read.
    pub no: ApplicationNo,
    /// The service.
    pub service: ServiceSlug,
    /// The governorate.
    pub valilik: Valilik,
    /// The unit that owns it after the event.
    pub unit: UnitId,
    /// Ön Başvuru or Başvuru after the event.
    pub phase: Phase,
    /// The status after the event.
    #[serde(rename = "stage")]
    pub status: StatusName,
    /// The status before; `None` for the first event.
    #[serde(rename = "previous_stage")]
    pub previous_status: Option<StatusName>,
    /// How long it had the previous status, in milliseconds; 0 unless the status or the holder changed.
    #[serde(rename = "previous_stage_ms")]
    pub previous_status_ms: i64,
    /// Who holds it after the event; for a closing event, who held it last.
    pub officer: Option<UserName>,
    /// When it was received.
    pub received_at: Timestamp,
    /// How it ended, when this event closed it.
    pub outcome: Option<Outcome>,
    /// Whether the deadline had passed by the time of the event.
    pub overdue: bool,
}

/// What happened. [`EventKind`] is its name alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "body")]
pub enum EventBody {
    /// It arrived.
    #[serde(rename = "received.v1")]
    Received(Box<Received>),
    /// "Teslim Et".
    #[serde(rename = "assigned.v1")]
    Assigned {
        /// To whom.
        officer: UserName,
    },
    /// "Teslim Al".
    #[serde(rename = "claimed.v1")]
    Claimed {
        /// By whom.
        officer: UserName,
    },
    /// "Geri Çek"; a pending proposal is dropped (decision c).
    #[serde(rename = "withdrawn.v1")]
    TakenBack {
        /// From whom.
        officer: UserName,
    },
    /// A required document was ticked or cleared.
    #[serde(rename = "document_checked.v1")]
    DocumentChecked {
        /// Which.
        document: DocumentCode,
        /// Ticked or cleared.
        present: bool,
    },
    /// "Dosya Ekle".
    #[serde(rename = "document_attached.v1")]
    DocumentAttached {
        /// The file.
        document: Document,
    },
    /// "Ön Başvuru Tamamla": the deadline begins to run.
    #[serde(rename = "pre_application_completed.v1")]
    PreApplicationCompleted {
        /// The deadline.
        due_at: Timestamp,
    },
    /// "Resmi Evrak Ekle".
    #[serde(rename = "official_document_attached.v1")]
    OfficialDocumentAttached {
        /// The file.
        document: Document,
    },
    /// "Cevap Ekle" by the Sorumlu.
    #[serde(rename = "answer_added.v1")]
    AnswerAdded {
        /// The text.
        text: SealedText,
    },
    /// "Cevap Ekle" by the Yetkili.
    #[serde(rename = "note_added.v1")]
    NoteAdded {
        /// The text.
        text: SealedText,
    },
    /// "Onaya Gönder", "Red Onayına Gönder" or "Havale Et".
    #[serde(rename = "proposed.v1")]
    Proposed {
        /// What.
        proposal: Proposal,
    },
    /// "Onayla" on a havale: it moved.
    #[serde(rename = "referred.v1")]
    Referred {
        /// From where.
        from: UnitId,
        /// To where.
        to: UnitId,
        /// Who proposed it.
        proposed_by: UserName,
    },
    /// "Geri Gönder".
    #[serde(rename = "sent_back.v1")]
    SentBack {
        /// Why.
        reason: SealedText,
    },
    /// "Onayla" on an answer or a rejection: it is closed, and the citizen is told.
    #[serde(rename = "approved.v1")]
    Approved {
        /// `Positive` or `Negative`.
        outcome: Outcome,
        /// Who proposed it.
        proposed_by: UserName,
    },
    /// The citizen withdrew it.
    #[serde(rename = "citizen_withdrew.v1")]
    CitizenWithdrew {
        /// Why, if given.
        reason: Option<SealedText>,
    },
    /// An Ön Başvuru was not completed in time.
    #[serde(rename = "lapsed.v1")]
    Lapsed,
    /// The deadline passed.
    #[serde(rename = "breached.v1")]
    Breached {
        /// The deadline that passed.
        due_at: Timestamp,
    },
}

impl EventBody {
    /// The kind of the event.
    #[must_use]
    pub const fn kind(&self) -> EventKind {
        match self {
            Self::Received(_) => EventKind::Received,
            Self::Assigned { .. } => EventKind::Assigned,
            Self::Claimed { .. } => EventKind::Claimed,
            Self::TakenBack { .. } => EventKind::TakenBack,
            Self::DocumentChecked { .. } => EventKind::DocumentChecked,
            Self::DocumentAttached { .. } => EventKind::DocumentAttached,
            Self::PreApplicationCompleted { .. } => EventKind::PreApplicationCompleted,
            Self::OfficialDocumentAttached { .. } => EventKind::OfficialDocumentAttached,
            Self::AnswerAdded { .. } => EventKind::AnswerAdded,
            Self::NoteAdded { .. } => EventKind::NoteAdded,
            Self::Proposed { proposal: Proposal::Answer } => EventKind::SubmittedForApproval,
            Self::Proposed { proposal: Proposal::Rejection } => EventKind::SubmittedForRejection,
            Self::Proposed { proposal: Proposal::Referral { .. } } => EventKind::ReferralProposed,
            Self::Referred { .. } => EventKind::Referred,
            Self::SentBack { .. } => EventKind::SentBack,
            Self::Approved { outcome: Outcome::Negative, .. } => EventKind::ApprovedNegative,
            Self::Approved { .. } => EventKind::ApprovedPositive,
            Self::CitizenWithdrew { .. } => EventKind::CitizenWithdrew,
            Self::Lapsed => EventKind::Lapsed,
            Self::Breached { .. } => EventKind::Breached,
        }
    }
}

/// What a new application starts with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    /// e-Devlet's identity of the submission.
    pub submission_id: SubmissionId,
    /// When the citizen confirmed it.
    pub submitted_at: Timestamp,
    /// What is stored of the applicant in clear.
    pub applicant: Applicant,
    /// The rest, sealed.
    pub content: Sealed,
    /// Keyed hash of the content.
    pub content_hash: String,
    /// What the citizen sent with it.
    pub documents: Vec<Document>,
}
