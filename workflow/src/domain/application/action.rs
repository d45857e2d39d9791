//! What staff can ask of an application: the commands that have a button.

/// What staff can ask of an application: the commands that have a button.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// "Teslim Et".
    Assign,
    /// "Teslim Al".
    Claim,
    /// "Geri Çek".
    TakeBack,
    /// The checklist "Başvuru Belgeleri".
    CheckDocument,
    /// "Dosya Ekle".
    AttachDocument,
    /// "Ön Başvuru Tamamla".
    CompletePreApplication,
    /// "Resmi Evrak Ekle".
    AttachOfficialDocument,
    /// "Cevap Ekle" by the Sorumlu.
    AddAnswer,
    /// "Cevap Ekle" by the Yetkili.
    AddNote,
    /// "Onaya Gönder".
    SubmitForApproval,
    /// "Red Onayına Gönder".
    SubmitForRejection,
    /// "Havale Et".
    ProposeReferral,
    /// "Onayla".
    Approve,
    /// "Geri Gönder".
    SendBack,
}

impl Action {
    /// Every action, in the order in which an application goes through them.
    pub const ALL: [Self; 14] = [
        Self::Assign,
        Self::Claim,
        Self::TakeBack,
        Self::CheckDocument,
        Self::AttachDocument,
        Self::CompletePreApplication,
        Self::AttachOfficialDocument,
        Self::AddAnswer,
        Self::AddNote,
        Self::SubmitForApproval,
        Self::SubmitForRejection,
        Self::ProposeReferral,
        Self::Approve,
        Self::SendBack,
    ];

    /// The label users know.
    #[must_use]
    pub const fn label_tr(self) -> &'static str {
        match self {
            Self::Assign => "Teslim Et",
            Self::Claim => "Teslim Al",
            Self::TakeBack => "Geri Çek",
            Self::CheckDocument => "Belge Kontrol",
            Self::AttachDocument => "Dosya Ekle",
            Self::CompletePreApplication => "Ön Başvuru Tamamla",
            Self::AttachOfficialDocument => "Resmi Evrak Ekle",
            Self::AddAnswer | Self::AddNote => "Cevap Ekle",
            Self::SubmitForApproval => "Onaya Gönder",
            Self::SubmitForRejection => "Red Onayına Gönder",
            Self::ProposeReferral => "Havale Et",
            Self::Approve => "Onayla",
            Self::SendBack => "Geri Gönder",
        }
    }

    /// Whether it cannot be undone: pages ask for confirmation.
    #[must_use]
    pub const fn is_irreversible(self) -> bool {
        matches!(self, Self::Approve | Self::CompletePreApplication)
    }

    /// Its name in URLs. "Cevap Ekle" is one function (decision b), so its two actions share a name.
    #[must_use]
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Assign => "teslim-et",
            Self::Claim => "teslim-al",
            Self::TakeBack => "geri-cek",
            Self::CheckDocument => "belge-kontrol",
            Self::AttachDocument => "dosya-ekle",
            Self::CompletePreApplication => "on-basvuru-tamamla",
            Self::AttachOfficialDocument => "resmi-evrak-ekle",
            Self::AddAnswer | Self::AddNote => "cevap-ekle",
            Self::SubmitForApproval => "onaya-gonder",
            Self::SubmitForRejection => "red-onayina-gonder",
            Self::ProposeReferral => "havale-et",
            Self::Approve => "onayla",
            Self::SendBack => "geri-gonder",
        }
    }
}
