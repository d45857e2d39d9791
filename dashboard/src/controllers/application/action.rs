//! What the web adds to the domain's actions: which roles may ever ask, and what the next
//! page says.

use ebasvuru_workflow::domain::actor::Role;
use ebasvuru_workflow::domain::application::Action;

use crate::form::Takes;
use crate::i18n::{say, tr};

/// One action for each address, in the order of the page. "Cevap Ekle" is one address with
/// two meanings (decision b), told apart when it is asked for.
pub const ADDRESSES: [Action; 13] = [
    Action::Claim,
    Action::Assign,
    Action::CheckDocument,
    Action::AttachDocument,
    Action::CompletePreApplication,
    Action::AttachOfficialDocument,
    Action::AddAnswer,
    Action::SubmitForApproval,
    Action::SubmitForRejection,
    Action::ProposeReferral,
    Action::Approve,
    Action::SendBack,
    Action::TakeBack,
];

/// Roles whose users may ever do it. A Sorumlu may do a Yetkili's work by shared authority;
/// whether this one may is for the domain to decide.
#[must_use]
pub const fn roles(action: Action) -> &'static [Role] {
    match action {
        Action::Assign
        | Action::TakeBack
        | Action::AddAnswer
        | Action::AddNote
        | Action::Approve
        | Action::SendBack => &[Role::Supervisor, Role::Officer],
        Action::Claim
        | Action::CheckDocument
        | Action::AttachDocument
        | Action::CompletePreApplication
        | Action::AttachOfficialDocument
        | Action::SubmitForApproval
        | Action::SubmitForRejection
        | Action::ProposeReferral => &[Role::Officer],
    }
}

/// What its form may bring.
#[must_use]
pub const fn takes(action: Action) -> Takes {
    match action {
        Action::AttachDocument | Action::AttachOfficialDocument => Takes::File,
        _ => Takes::Text,
    }
}

/// What the list says when something was done to several.
#[must_use]
pub fn done_to(slug: &str, count: &str) -> String {
    match count.parse::<u32>() {
        Ok(count) if slug == Action::Assign.slug() => {
            say!("{n} başvuru seçilen Sorumluya teslim edildi.", n = count)
        }
        _ => done(slug).to_owned(),
    }
}

/// What the next page says when the action with this name is done; nothing for any other text.
#[must_use]
pub fn done(slug: &str) -> &'static str {
    let Some(action) = ADDRESSES.into_iter().find(|action| action.slug() == slug) else { return "" };
    tr(match action {
        Action::Assign => "Başvuru seçilen Sorumluya teslim edildi.",
        Action::Claim => "Başvuruyu üzerinize aldınız.",
        Action::TakeBack => "Başvuru Sorumlunun üzerinden geri çekildi.",
        Action::CheckDocument => "Başvuru Belgeleri güncellendi.",
        Action::AttachDocument => "Dosya eklendi.",
        Action::CompletePreApplication => "Ön Başvuru tamamlandı; cevap süresi başladı.",
        Action::AttachOfficialDocument => "Resmi evrak eklendi.",
        Action::AddAnswer | Action::AddNote => "Cevap eklendi.",
        Action::SubmitForApproval => "Başvuru Yetkilinin onayına gönderildi.",
        Action::SubmitForRejection => "Başvuru Yetkilinin red onayına gönderildi.",
        Action::ProposeReferral => "Havale önerisi Yetkilinin onayına gönderildi.",
        Action::Approve => "İşlem onaylandı.",
        Action::SendBack => "Başvuru Sorumluya geri gönderildi.",
    })
}
