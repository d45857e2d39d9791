//! Why a command on a scheduled report is refused.

/// Why not. The code is stable; the sentence may be reworded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScheduleRefusal {
    /// No such schedule.
    ScheduleNotFound,
    /// It is defined already.
    ScheduleExists,
    /// It changed after the actor saw it.
    VersionConflict,
    /// The command does not say which version the actor saw.
    VersionMissing,
    /// The actor is not an active user.
    NotActive,
    /// The actor is no Yönetici, or the command is one of the product's own.
    NotAllowed,
    /// The name is empty.
    NameMissing,
    /// The name is longer than [`crate::budget::SCHEDULE_NAME_CHARS`].
    NameTooLong,
    /// Nobody would get it.
    RecipientsMissing,
    /// More than [`crate::budget::RECIPIENTS`].
    TooManyRecipients,
    /// There are [`crate::budget::SCHEDULES`] already.
    TooManySchedules,
    /// Nothing would change.
    Unchanged,
    /// The last sending is on its way.
    SendingInProgress,
    /// The occurrence is not the one that is due, or it was claimed by another process.
    NotDue,
    /// There is no such sending without an outcome.
    NotSending,
}

impl ScheduleRefusal {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::ScheduleNotFound => "schedule_not_found",
            Self::ScheduleExists => "schedule_exists",
            Self::VersionConflict => "version_conflict",
            Self::VersionMissing => "version_missing",
            Self::NotActive => "not_active",
            Self::NotAllowed => "not_allowed",
            Self::NameMissing => "name_missing",
            Self::NameTooLong => "name_too_long",
            Self::RecipientsMissing => "recipients_missing",
            Self::TooManyRecipients => "too_many_recipients",
            Self::TooManySchedules => "too_many_schedules",
            Self::Unchanged => "unchanged",
            Self::SendingInProgress => "sending_in_progress",
            Self::NotDue => "not_due",
            Self::NotSending => "not_sending",
        }
    }

    /// The sentence for the person who gave the command.
    #[must_use]
    pub const fn text_tr(self) -> &'static str {
        match self {
            Self::ScheduleNotFound => "Böyle bir zamanlanmış rapor bulunamadı; silinmiş olabilir.",
            Self::ScheduleExists => "Bu zamanlanmış rapor kaydedilmiştir.",
            Self::VersionConflict => "Zamanlanmış rapor bu arada değişti. Güncel hâlini inceleyiniz.",
            Self::VersionMissing => {
                "İşlemin hangi sürüm üzerinde yapıldığı belirtilmemiş. Sayfayı yenileyiniz."
            }
            Self::NotActive => "Kullanıcınız aktif değildir.",
            Self::NotAllowed => "Bu işlemi yalnızca Yönetici yapabilir.",
            Self::NameMissing => "Ad boş bırakılamaz.",
            Self::NameTooLong => "Ad en fazla 100 karakter olabilir.",
            Self::RecipientsMissing => "En az bir alıcı giriniz.",
            Self::TooManyRecipients => "En fazla 20 alıcı girilebilir.",
            Self::TooManySchedules => "En fazla 200 zamanlanmış rapor olabilir; kullanılmayanları siliniz.",
            Self::Unchanged => "Değişen bir bilgi yoktur.",
            Self::SendingInProgress => "Bu rapor şu anda gönderilmektedir; sonucu bekleyiniz.",
            Self::NotDue => "Bu gönderimin zamanı değildir.",
            Self::NotSending => "Sonucu beklenen böyle bir gönderim yoktur.",
        }
    }
}
