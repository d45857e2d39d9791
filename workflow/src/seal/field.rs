//! What a sealed text is.

/// The field of its context that a sealed text stands in: bound into the blob, so that the
/// text of one does not open in another's place. The names are in what is stored, for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The person, the contact and the form of a submission.
    Content,
    /// The name of a document.
    DocumentName,
    /// The answer to the citizen.
    Answer,
    /// A Yetkili's answer, which stays inside.
    Note,
    /// "Geri Gönderme Sebebi".
    SendBackReason,
    /// Why a havale is proposed.
    ReferralReason,
    /// Why the citizen withdraws.
    WithdrawalReason,
    /// The hash of a user's password.
    Password,
    /// What a user searched for, in the address of the list that was found.
    Search,
}

impl Field {
    /// Every field.
    pub const ALL: [Self; 9] = [
        Self::Content,
        Self::DocumentName,
        Self::Answer,
        Self::Note,
        Self::SendBackReason,
        Self::ReferralReason,
        Self::WithdrawalReason,
        Self::Password,
        Self::Search,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Content => "content",
            Self::DocumentName => "document-name",
            Self::Answer => "answer",
            Self::Note => "note",
            Self::SendBackReason => "send-back-reason",
            Self::ReferralReason => "referral-reason",
            Self::WithdrawalReason => "withdrawal-reason",
            Self::Password => "password",
            Self::Search => "search",
        }
    }
}
