//! Why a command on a user is refused.

use serde::{Deserialize, Serialize};

use crate::error_code::ErrorCode;

/// Why not. The code is stable; the sentence may be reworded. [`ErrorCode`] says how codes of
/// refusals and those with a page relate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserRefusal {
    /// No such user.
    UserNotFound,
    /// The name is taken.
    UserExists,
    /// It changed after the actor saw it.
    VersionConflict,
    /// The command does not say which version the actor saw.
    VersionMissing,
    /// The actor is not an active user.
    NotActive,
    /// The actor may not manage this user, this role or this unit.
    NotAllowed,
    /// The unit is missing, unknown, or does not go with the role.
    UnitUnfit,
    /// The full name is empty.
    FullNameMissing,
    /// The full name is longer than [`crate::budget::FULL_NAME_CHARS`].
    FullNameTooLong,
    /// The sealed password hash is too long to be one.
    PasswordUnfit,
    /// Nothing would change.
    Unchanged,
    /// Nobody sets themselves pasif, or changes their own role.
    Oneself,
    /// The last active Yönetici stays.
    LastAdministrator,
    /// The delegate is not an active Sorumlu of the same unit.
    DelegateUnfit,
    /// The end is not after the start, or has passed, or is more than a year away.
    PeriodUnfit,
    /// There is an active delegation already; it must be revoked first.
    AlreadyDelegated,
    /// There is no delegation.
    NotDelegated,
    /// There was one login with the one-time password already.
    OneTimePasswordUsed,
    /// The one-time password is too old.
    OneTimePasswordExpired,
}

impl UserRefusal {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::UserNotFound => "user_not_found",
            Self::UserExists => "user_exists",
            Self::VersionConflict => "version_conflict",
            Self::VersionMissing => "version_missing",
            Self::NotActive => "not_active",
            Self::NotAllowed => "not_allowed",
            Self::UnitUnfit => "unit_unfit",
            Self::FullNameMissing => "full_name_missing",
            Self::FullNameTooLong => "full_name_too_long",
            Self::PasswordUnfit => "password_unfit",
            Self::Unchanged => "unchanged",
            Self::Oneself => "oneself",
            Self::LastAdministrator => "last_administrator",
            Self::DelegateUnfit => "delegate_unfit",
            Self::PeriodUnfit => "period_unfit",
            Self::AlreadyDelegated => "already_delegated",
            Self::NotDelegated => "not_delegated",
            Self::OneTimePasswordUsed => ErrorCode::OneTimePasswordUsed.as_str(),
            Self::OneTimePasswordExpired => ErrorCode::OneTimePasswordExpired.as_str(),
        }
    }

    /// The sentence for the person who gave the command.
    #[must_use]
    pub const fn text_tr(self) -> &'static str {
        match self {
            Self::UserNotFound => "Böyle bir kullanıcı bulunamadı.",
            Self::UserExists => "Bu kullanıcı adı kullanılmaktadır.",
            Self::VersionConflict => "Kullanıcı bilgileri bu arada değişti. Güncel hâlini inceleyiniz.",
            Self::VersionMissing => {
                "İşlemin hangi sürüm üzerinde yapıldığı belirtilmemiş. Sayfayı yenileyiniz."
            }
            Self::NotActive => "Kullanıcınız aktif değildir.",
            Self::NotAllowed => "Bu kullanıcı üzerinde işlem yapma yetkiniz bulunmamaktadır.",
            Self::UnitUnfit => "Seçilen birim bu rol için uygun değildir.",
            Self::FullNameMissing => "Ad ve soyad boş bırakılamaz.",
            Self::FullNameTooLong => "Ad ve soyad en fazla 100 karakter olabilir.",
            Self::PasswordUnfit => "Şifre bu biçimde kaydedilemez.",
            Self::Unchanged => "Değişen bir bilgi yoktur.",
            Self::Oneself => "Bu işlemi kendi kullanıcınız üzerinde yapamazsınız.",
            Self::LastAdministrator => "Son aktif Yönetici pasife çekilemez ya da rolü değiştirilemez.",
            Self::DelegateUnfit => "Yetki yalnızca aynı birimin aktif bir Sorumlusu ile paylaşılabilir.",
            Self::PeriodUnfit => "Başlangıç ve bitiş tarihleri uygun değildir.",
            Self::AlreadyDelegated => {
                "Yetkiniz hâlihazırda bir kişiyle paylaşılmıştır; önce onu geri alınız."
            }
            Self::NotDelegated => "Paylaşılmış bir yetki yoktur.",
            Self::OneTimePasswordUsed => {
                "Tek kullanımlık şifreniz ile bir kez giriş yapılmıştır; ikinci kez kullanılamaz. Yöneticinizden yeni bir tek kullanımlık şifre isteyiniz. İlk girişi siz yapmadıysanız bunu da bildiriniz."
            }
            Self::OneTimePasswordExpired => {
                "Tek kullanımlık şifrenizin 24 saatlik süresi dolmuştur. Yöneticinizden yeni bir tek kullanımlık şifre isteyiniz."
            }
        }
    }
}
