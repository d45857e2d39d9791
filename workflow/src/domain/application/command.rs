//! The commands on an application, each with its screen label.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::actor::Actor;
use crate::domain::catalog::{DocumentCode, ServiceSlug, UnitId, Valilik};
use crate::domain::document::Document;
use crate::domain::ids::{CommandId, SubmissionId, UserName};
use crate::domain::record_address::RecordAddress;
use crate::domain::sealed::{Sealed, SealedText};

use super::state::Applicant;

/// A command: what is asked, by whom, and which version they saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// Applying the same id twice changes nothing.
    pub id: CommandId,
    /// Who gives it.
    pub actor: Actor,
    /// The version that the actor saw. Required of staff, not of the citizen and the system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_version: Option<u64>,
    /// When it was given.
    pub at: Timestamp,
    /// What is asked.
    #[serde(rename = "what")]
    pub body: CommandBody,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "body", rename_all = "snake_case")]
pub enum CommandBody {
    /// Ingest has checked and routed a submission.
    Receive(Box<Receive>),
    /// "Teslim Et": the Yetkili gives it to a Sorumlu.
    Assign {
        /// The Sorumlu.
        officer: UserName,
    },
    /// "Teslim Al": the Sorumlu takes it.
    Claim,
    /// "Geri Çek": the Yetkili takes it back; or the system does, if the holder is no longer fit.
    #[serde(rename = "withdraw")]
    TakeBack,
    /// Ticks (or clears) a required document in "Başvuru Belgeleri".
    CheckDocument {
        /// Which required document.
        document: DocumentCode,
        /// Whether the citizen has brought it.
        present: bool,
    },
    /// "Dosya Ekle".
    AttachDocument {
        /// The file.
        document: Document,
    },
    /// "Ön Başvuru Tamamla".
    CompletePreApplication,
    /// "Resmi Evrak Ekle".
    AttachOfficialDocument {
        /// The file.
        document: Document,
    },
    /// "Cevap Ekle" by the Sorumlu: the answer to the citizen.
    AddAnswer {
        /// The text.
        text: SealedText,
    },
    /// "Cevap Ekle" by the Yetkili: an internal note for the Sorumlu.
    AddNote {
        /// The text.
        text: SealedText,
    },
    /// "Onaya Gönder".
    SubmitForApproval,
    /// "Red Onayına Gönder".
    SubmitForRejection,
    /// "Havale Et".
    ProposeReferral {
        /// The unit that it should go to.
        target: UnitId,
        /// Why.
        reason: SealedText,
    },
    /// "Onayla".
    Approve,
    /// "Geri Gönder", with its "Geri Gönderme Sebebi".
    SendBack {
        /// Why; required.
        reason: SealedText,
    },
    /// "Vazgeç": the citizen withdraws an open application.
    CitizenWithdraw {
        /// Why, if given.
        reason: Option<SealedText>,
    },
    /// The system's: an Ön Başvuru was not completed in time.
    Lapse,
    /// The system's: the deadline has passed.
    RecordBreach,
}

/// A submission as ingest has checked, routed and sealed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receive {
    /// e-Devlet's identity of it.
    pub submission_id: SubmissionId,
    /// When the citizen confirmed it.
    pub submitted_at: Timestamp,
    /// The service.
    pub service: ServiceSlug,
    /// The governorate.
    pub valilik: Valilik,
    /// The unit that ingest routed it to.
    pub unit: UnitId,
    /// What is stored of the applicant in clear.
    pub applicant: Applicant,
    /// The rest, sealed.
    pub content: Sealed,
    /// Keyed hash of the content as parsed JSON.
    pub content_hash: String,
    /// What the citizen sent with it.
    pub documents: Vec<Document>,
    /// The address of the message. A conflict is dead-lettered from there.
    pub source: RecordAddress,
}
