//! Which field a sealed text is.

/// The field of its context that a sealed text is. It is bound into the blob, so that the text of one
/// field does not open as another. The names are stored for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The person, the contact and the form of a submission.
    Content,
    /// The name of a document.
    DocumentName,
    /// The answer to the citizen.
    Answer,
    /// An internal note of a Yetkili.
    Note,
    /// "Geri Gönderme Sebebi".
    SendBackReason,
    /// Why a havale is proposed.
    ReferralReason,
    /// Why the citizen withdraws.
    WithdrawalReason,
    /// The hash of a user's password.
    Password,
    /// The search term in the address of a list.
    Search,
    /// A form that was sent after its session had ended, until its user logs in again.
    HeldForm,
}

impl Field {
    /// Every field.
    pub const ALL: [Self; 10] = [
        Self::Content,
        Self::DocumentName,
        Self::Answer,
        Self::Note,
        Self::SendBackReason,
        Self::ReferralReason,
        Self::WithdrawalReason,
        Self::Password,
        Self::Search,
        Self::HeldForm,
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
            Self::HeldForm => "held-form",
        }
    }
}
