//! The table of all actions, and what leads from an action to its file.

use ebasvuru_workflow::domain::actor::Role;
use ebasvuru_workflow::domain::application::{Action, Application, CommandBody};
use ebasvuru_workflow::domain::user::User;

use super::fields::Fields;
use super::{
    add_answer, assign, attach_document, attach_official_document, check_document, propose_referral,
    send_back,
};
use crate::view::i18n::{say, tr};
use crate::web::app::App;
use crate::web::form::{FormError, SubmittedForm};
use crate::web::form_body::AcceptedBody;

/// What the web adds to an action of the domain.
#[derive(Clone, Copy, Debug)]
pub struct StaffAction {
    /// The action.
    pub action: Action,
    /// The roles whose users may ever do it. A Sorumlu may do a Yetkili's work by shared authority;
    /// whether a certain user may is decided by the domain.
    pub roles: &'static [Role],
    /// What its form may send.
    pub body: AcceptedBody,
    /// What the next page says, in Turkish.
    pub done: &'static str,
}

const OFFICER: &[Role] = &[Role::Officer];
/// Whether a Sorumlu has the authority of a Yetkili now is decided by the domain.
const SUPERVISOR_OR_DELEGATE: &[Role] = &[Role::Supervisor, Role::Officer];

/// Every action with an address of its own, in the order of the page. "Cevap Ekle" is one address
/// with two meanings (decision b): see [`add_answer`].
pub const TABLE: [StaffAction; 13] = [
    row(Action::Claim, OFFICER, "Başvuruyu üzerinize aldınız."),
    row(Action::Assign, SUPERVISOR_OR_DELEGATE, "Başvuru seçilen Sorumluya teslim edildi."),
    row(Action::CheckDocument, OFFICER, "Başvuru Belgeleri güncellendi."),
    row_with_file(Action::AttachDocument, OFFICER, "Dosya eklendi."),
    row(Action::CompletePreApplication, OFFICER, "Ön Başvuru tamamlandı; cevaplanma süresi başladı."),
    row_with_file(Action::AttachOfficialDocument, OFFICER, "Resmi evrak eklendi."),
    row(Action::AddAnswer, SUPERVISOR_OR_DELEGATE, "Cevap eklendi."),
    row(Action::SubmitForApproval, OFFICER, "Başvuru Yetkilinin onayına gönderildi."),
    row(Action::SubmitForRejection, OFFICER, "Başvuru Yetkilinin Red Onayına gönderildi."),
    row(Action::ProposeReferral, OFFICER, "Havale önerisi Yetkilinin onayına gönderildi."),
    row(Action::Approve, SUPERVISOR_OR_DELEGATE, "Cevap onaylandı, vatandaşa gönderildi."),
    row(Action::SendBack, SUPERVISOR_OR_DELEGATE, "Başvuru Sorumluya geri gönderildi."),
    row(Action::TakeBack, SUPERVISOR_OR_DELEGATE, "Başvuru Sorumlunun üzerinden geri çekildi."),
];

const fn row(action: Action, roles: &'static [Role], done: &'static str) -> StaffAction {
    StaffAction { action, roles, body: AcceptedBody::Form, done }
}

const fn row_with_file(action: Action, roles: &'static [Role], done: &'static str) -> StaffAction {
    StaffAction { action, roles, body: AcceptedBody::FormWithFile, done }
}

/// The action that an address stands for, when this user asks for it.
pub fn meant(action: Action, user: &User, application: &Application) -> Action {
    if action == Action::AddAnswer { add_answer::meant(user, application) } else { action }
}

/// What the form of an action asks for; `chosen` is what was chosen in it before.
pub fn fields(app: &App, application: &Application, action: Action, chosen: &str) -> Fields {
    match action {
        Action::Assign => assign::fields(app, application, chosen),
        Action::CheckDocument => check_document::fields(),
        Action::AttachDocument => attach_document::fields(application),
        Action::AttachOfficialDocument => attach_official_document::fields(application),
        Action::AddAnswer | Action::AddNote => add_answer::fields(application, action),
        Action::SendBack => send_back::fields(),
        Action::ProposeReferral => propose_referral::fields(app, application, chosen),
        Action::Claim
        | Action::TakeBack
        | Action::CompletePreApplication
        | Action::SubmitForApproval
        | Action::SubmitForRejection
        | Action::Approve => Fields::button(),
    }
}

/// The command of a submitted form.
pub async fn command(
    app: &App,
    user: &User,
    application: &Application,
    action: Action,
    form: &SubmittedForm,
) -> Result<CommandBody, FormError> {
    match action {
        Action::Assign => assign::command(form),
        Action::CheckDocument => check_document::command(form),
        Action::AttachDocument => attach_document::command(app, application, form).await,
        Action::AttachOfficialDocument => attach_official_document::command(app, application, form).await,
        Action::AddAnswer | Action::AddNote => add_answer::command(app, user, application, form),
        Action::SendBack => send_back::command(app, application, form),
        Action::ProposeReferral => propose_referral::command(app, application, form),
        Action::Claim => Ok(CommandBody::Claim),
        Action::TakeBack => Ok(CommandBody::TakeBack),
        Action::CompletePreApplication => Ok(CommandBody::CompletePreApplication),
        Action::SubmitForApproval => Ok(CommandBody::SubmitForApproval),
        Action::SubmitForRejection => Ok(CommandBody::SubmitForRejection),
        Action::Approve => Ok(CommandBody::Approve),
    }
}

/// What the next page says after a havale was approved: nothing was answered.
const REFERRED: &str = "Havale onaylandı.";

/// What the application's page says after the action with this slug.
#[must_use]
pub fn done_on(slug: &str, application: &Application) -> &'static str {
    let referred = slug == Action::Approve.slug() && !application.status.is_closed();
    if referred { tr(REFERRED) } else { done(slug) }
}

/// What the next page says after the action with this slug; empty for any other slug.
fn done(slug: &str) -> &'static str {
    TABLE.iter().find(|row| row.action.slug() == slug).map_or("", |row| tr(row.done))
}

/// What the list says after an action on `count` applications.
#[must_use]
pub fn done_to(slug: &str, count: &str) -> String {
    match count.parse::<u32>() {
        Ok(count) if slug == Action::Assign.slug() => {
            say!("{n} başvuru seçilen Sorumluya teslim edildi.", n = count)
        }
        // Only an approved havale leads to the list.
        _ if slug == Action::Approve.slug() => tr(REFERRED).to_owned(),
        _ => done(slug).to_owned(),
    }
}
