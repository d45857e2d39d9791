//! The kinds of events, as the history keeps them.

use serde::{Deserialize, Serialize};

/// The kind of an event, without its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// See [`super::EventBody::Received`].
    Received,
    /// See [`super::EventBody::Assigned`].
    Assigned,
    /// See [`super::EventBody::Claimed`].
    Claimed,
    /// See [`super::EventBody::TakenBack`].
    #[serde(rename = "withdrawn")]
    TakenBack,
    /// See [`super::EventBody::DocumentChecked`].
    DocumentChecked,
    /// See [`super::EventBody::DocumentAttached`].
    DocumentAttached,
    /// See [`super::EventBody::PreApplicationCompleted`].
    PreApplicationCompleted,
    /// See [`super::EventBody::OfficialDocumentAttached`].
    OfficialDocumentAttached,
    /// See [`super::EventBody::AnswerAdded`].
    AnswerAdded,
    /// See [`super::EventBody::NoteAdded`].
    NoteAdded,
    /// See [`super::EventBody::Proposed`] with an answer.
    SubmittedForApproval,
    /// See [`super::EventBody::Proposed`] with a rejection.
    SubmittedForRejection,
    /// See [`super::EventBody::Proposed`] with a havale.
    ReferralProposed,
    /// See [`super::EventBody::Referred`].
    Referred,
    /// See [`super::EventBody::SentBack`].
    SentBack,
    /// See [`super::EventBody::Approved`] with a positive outcome.
    ApprovedPositive,
    /// See [`super::EventBody::Approved`] with a negative outcome.
    ApprovedNegative,
    /// See [`super::EventBody::CitizenWithdrew`].
    CitizenWithdrew,
    /// See [`super::EventBody::Lapsed`].
    Lapsed,
    /// See [`super::EventBody::Breached`].
    Breached,
}
