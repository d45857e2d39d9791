//! `edevlet.notifications`: what the citizen is told. Never internal notes or names of staff.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::contract::Message;
use crate::domain::ids::{ApplicationNo, SubmissionId};
use crate::log::topic;

/// One notification to the citizen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// Always `ebasvuru.notification.v1`.
    pub schema: String,
    /// e-Devlet's identity of the submission; also the key.
    pub submission_id: SubmissionId,
    /// The number people read.
    pub application_no: ApplicationNo,
    /// When it happened.
    pub at: Timestamp,
    /// Where it stands now.
    pub status: CitizenStatus,
    /// A sentence for the citizen.
    pub text_tr: String,
    /// The answer, once approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<CitizenAnswer>,
    /// The name of the unit a havale went to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referred_to: Option<String>,
    /// What an Ön Başvuru still waits for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub awaited: Option<AwaitedDocuments>,
}

/// The documents that the citizen must still bring.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AwaitedDocuments {
    /// Their titles, in the order of the catalog.
    pub documents: Vec<String>,
    /// The name of the unit to bring them to, its governorate first.
    pub unit: String,
    /// The last instant at which they are in time.
    pub until: Timestamp,
}

/// Where an application stands, for the citizen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CitizenStatus {
    /// It arrived.
    Received,
    /// The Ön Başvuru is complete; the deadline runs.
    PreApplicationCompleted,
    /// It went to another unit.
    Referred,
    /// It is answered.
    Answered,
    /// The Ön Başvuru was not completed in time.
    Lapsed,
    /// The citizen withdrew it.
    Withdrawn,
}

/// The approved answer, opened for the citizen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CitizenAnswer {
    /// `olumlu` or `olumsuz`.
    pub outcome: String,
    /// The Sorumlu's words.
    pub text: String,
    /// The official documents.
    pub documents: Vec<CitizenDocument>,
}

/// A document of the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CitizenDocument {
    /// Its name.
    pub name: String,
    /// The media type.
    pub media_type: String,
    /// In bytes.
    pub size: u64,
    /// Lower-case hex SHA-256.
    pub sha256: String,
    /// `store://sha256/…`.
    pub uri: String,
}

impl Message for Notification {
    const TYPE: &'static str = "ebasvuru.notification.v1";
    const TOPIC: &'static str = topic::NOTIFICATIONS;
    fn key(&self) -> String {
        self.submission_id.to_string()
    }
}
