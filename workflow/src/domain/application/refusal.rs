//! Why a command is refused: a stable code, and a sentence for the person who gave it.

use serde::{Deserialize, Serialize};

use crate::error_code::ErrorCode;

/// Why a command is refused. The code (its serde name) is stable; [`Refusal::text_tr`] may be reworded.
///
/// Most of these codes have no page in `docs/errors`; see [`ErrorCode`] for how the two relate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// No such application.
    NotFound,
    /// Received before, with the same content.
    AlreadyReceived,
    /// Received before, with other content: the message is dead-lettered `duplicate_conflict`.
    DuplicateConflict,
    /// It changed after the actor saw it (decision n).
    VersionConflict,
    /// The command does not say which version the actor saw.
    VersionMissing,
    /// Final (decision l).
    Closed,
    /// The actor is not an active user.
    NotActive,
    /// The actor's role may not do this.
    NotAllowed,
    /// Not of the actor's unit.
    OtherUnit,
    /// Only the holder acts (decision e).
    NotHolder,
    /// Somebody holds it already (decision c).
    AlreadyHeld,
    /// Nobody holds it.
    NotHeld,
    /// The chosen officer is not an active Sorumlu of the unit.
    OfficerUnfit,
    /// It awaits approval; until then nothing can be changed.
    AwaitingApproval,
    /// Nothing awaits approval.
    NothingToApprove,
    /// Nobody approves their own proposal (decision f).
    OwnProposal,
    /// The approver set the proposer's password, and so may be the proposer.
    ProposerPasswordGiven,
    /// The Ön Başvuru must be completed first.
    PreApplicationOpen,
    /// It is not an Ön Başvuru, or not any more.
    NotPreApplication,
    /// Required documents are missing.
    DocumentsMissing,
    /// The files of the required documents have not been added.
    FilesMissing,
    /// The Ön Başvuru has lapsed; the system is about to close it.
    PreApplicationLapsed,
    /// No such required document.
    UnknownDocument,
    /// An answer or an official document is needed first (decision j).
    AnswerMissing,
    /// A text is required and was empty.
    TextMissing,
    /// A text is longer than [`crate::budget::TEXT_CHARS`].
    TextTooLong,
    /// A document's name or kind is longer than it may be.
    DocumentUnfit,
    /// There is no room left for what was to be added. There is always room for closing it.
    ApplicationFull,
    /// A submission is larger than ingest lets through: the message is dead-lettered.
    TooLarge,
    /// The target unit does not exist, or is the present one.
    TargetUnfit,
    /// The service or valilik is not in the catalog, or the unit does not own it.
    NotRoutable,
    /// The lapse or breach is not due, or is recorded already.
    NotDue,
}

impl Refusal {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::AlreadyReceived => "already_received",
            Self::DuplicateConflict => ErrorCode::DuplicateConflict.as_str(),
            Self::VersionConflict => "version_conflict",
            Self::VersionMissing => "version_missing",
            Self::Closed => "closed",
            Self::NotActive => "not_active",
            Self::NotAllowed => "not_allowed",
            Self::OtherUnit => "other_unit",
            Self::NotHolder => "not_holder",
            Self::AlreadyHeld => "already_held",
            Self::NotHeld => "not_held",
            Self::OfficerUnfit => "officer_unfit",
            Self::AwaitingApproval => "awaiting_approval",
            Self::NothingToApprove => "nothing_to_approve",
            Self::OwnProposal => "own_proposal",
            Self::ProposerPasswordGiven => ErrorCode::ProposerPasswordGiven.as_str(),
            Self::PreApplicationOpen => "pre_application_open",
            Self::NotPreApplication => "not_pre_application",
            Self::DocumentsMissing => "documents_missing",
            Self::FilesMissing => "files_missing",
            Self::PreApplicationLapsed => "pre_application_lapsed",
            Self::UnknownDocument => "unknown_document",
            Self::AnswerMissing => "answer_missing",
            Self::TextMissing => "text_missing",
            Self::TextTooLong => "text_too_long",
            Self::DocumentUnfit => "document_unfit",
            Self::ApplicationFull => "application_full",
            Self::TooLarge => ErrorCode::TooLarge.as_str(),
            Self::TargetUnfit => "target_unfit",
            Self::NotRoutable => ErrorCode::NotRoutable.as_str(),
            Self::NotDue => "not_due",
        }
    }

    /// The sentence for the person who gave the command.
    #[must_use]
    pub const fn text_tr(self) -> &'static str {
        match self {
            Self::NotFound => "Böyle bir başvuru bulunamadı.",
            Self::AlreadyReceived => "Bu başvuru daha önce alındı.",
            Self::DuplicateConflict => "Aynı başvuru kimliği daha önce başka içerikle alındı.",
            Self::VersionConflict => {
                "Başvuru bu arada değişti. Güncel hâlini inceleyip işlemi yeniden yapınız."
            }
            Self::VersionMissing => {
                "İşlemin hangi sürüm üzerinde yapıldığı belirtilmemiş. Sayfayı yenileyiniz."
            }
            Self::Closed => "Başvuru sonuçlandırılmıştır; üzerinde işlem yapılamaz.",
            Self::NotActive => "Kullanıcınız aktif değildir.",
            Self::NotAllowed => "Bu işlem için yetkiniz bulunmamaktadır.",
            Self::OtherUnit => "Başvuru biriminize ait değildir.",
            Self::NotHolder => "Bu işlemi yalnızca başvuruyu üzerinde bulunduran Sorumlu yapabilir.",
            Self::AlreadyHeld => "Başvuru bir Sorumlunun üzerindedir.",
            Self::NotHeld => "Başvuru kimsenin üzerinde değildir.",
            Self::OfficerUnfit => "Seçilen kişi bu birimin aktif bir Sorumlusu değildir.",
            Self::AwaitingApproval => "Başvuru onay beklemektedir; sonuçlanmadan değiştirilemez.",
            Self::NothingToApprove => "Başvuruda onay bekleyen bir işlem yoktur.",
            Self::OwnProposal => "Kendi gönderdiğiniz işlemi onaylayamazsınız.",
            Self::ProposerPasswordGiven => {
                "Gönderen Sorumlunun şifresini siz belirlediniz; Sorumlu kendi şifresiyle bir gün çalışmadan gönderdiğini siz onaylayamazsınız. Başka bir Yetkili onaylayabilir ya da “Geri Gönder” ile daha sonra yeniden gönderilmesini isteyebilirsiniz."
            }
            Self::PreApplicationOpen => "Önce Ön Başvuru tamamlanmalıdır.",
            Self::NotPreApplication => "Başvuru, Ön Başvuru durumunda değildir.",
            Self::DocumentsMissing => "Başvuru Belgeleri tamamlanmamıştır.",
            Self::FilesMissing => "Önce getirilen belgeler “Dosya Ekle” ile eklenmelidir.",
            Self::PreApplicationLapsed => {
                "Ön Başvuru süresi dolmuştur; başvuru süre aşımı nedeniyle kapatılmaktadır."
            }
            Self::UnknownDocument => "Bu hizmet için böyle bir belge tanımlı değildir.",
            Self::AnswerMissing => "Önce cevap yazılmalı ya da resmi evrak eklenmelidir.",
            Self::TextMissing => "Açıklama boş bırakılamaz.",
            Self::TextTooLong => "Metin en fazla 20.000 karakter olabilir.",
            Self::DocumentUnfit => "Dosyanın adı ya da türü çok uzundur.",
            Self::ApplicationFull => {
                "Başvuruda bunun için yer kalmamıştır; başvuru mevcut bilgilerle sonuçlandırılabilir."
            }
            Self::TooLarge => "Başvuru izin verilenden büyüktür.",
            Self::TargetUnfit => "Havale için başka bir birim seçilmelidir.",
            Self::NotRoutable => "Hizmet ya da birim katalogda bulunamadı.",
            Self::NotDue => "Süre henüz dolmamıştır.",
        }
    }
}
