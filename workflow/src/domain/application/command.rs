//! What can be asked of an application. The screen label stands at each.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::actor::Actor;
use crate::domain::catalog::{DocumentCode, ServiceSlug, UnitId, Valilik};
use crate::domain::document::Document;
use crate::domain::ids::{CommandId, SubmissionId, UserName};
use crate::domain::record_address::RecordAddress;
use crate::domain::sealed::{Sealed, SealedText};

use super::state::Applicant;

/// A command: what, by whom, having seen which version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// Applying the same id twice changes nothing.
    pub id: CommandId,
    /// Who gives it.
    pub actor: Actor,
    /// The version the actor saw. Staff must say; the citizen and the system need not.
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
    /// A checked and routed submission, from ingest.
    Receive(Box<Receive>),
    /// "Teslim Et": the Yetkili gives it to a Sorumlu.
    Assign {
        /// The Sorumlu.
        officer: UserName,
    },
    /// "Teslim Al": the Sorumlu takes it.
    Claim,
    /// "Geri Çek": the Yetkili takes it back; also the system's, when the holder is passive.
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
    /// "Cevap Ekle" by the Sorumlu: what the citizen will get.
    AddAnswer {
        /// The words.
        text: SealedText,
    },
    /// "Cevap Ekle" by the Yetkili: what only the Sorumlu sees.
    AddNote {
        /// The words.
        text: SealedText,
    },
    /// "Onaya Gönder".
    SubmitForApproval,
    /// "Red Onayına Gönder".
    SubmitForRejection,
    /// "Havale Et".
    ProposeReferral {
        /// The unit it belongs to.
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
        /// Why, if said.
        reason: Option<SealedText>,
    },
    /// The clock: an Ön Başvuru was not completed in time.
    Lapse,
    /// The clock: the deadline passed.
    RecordBreach,
}

/// A submission as ingest hands it over: checked, routed, sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receive {
    /// e-Devlet's identity.
    pub submission_id: SubmissionId,
    /// When the citizen confirmed it.
    pub submitted_at: Timestamp,
    /// The service.
    pub service: ServiceSlug,
    /// The governorate.
    pub valilik: Valilik,
    /// The unit that ingest routed it to.
    pub unit: UnitId,
    /// What may be known of the applicant in clear.
    pub applicant: Applicant,
    /// The rest, sealed.
    pub content: Sealed,
    /// Keyed hash of the content as parsed JSON.
    pub content_hash: String,
    /// What the citizen sent with it.
    pub documents: Vec<Document>,
    /// Where the message stands. A conflict is dead-lettered from there.
    pub source: RecordAddress,
}
