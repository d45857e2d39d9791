//! "Cevap Ekle": one button with two meanings (decision b). The answer of a Sorumlu is for the
//! citizen; the answer of a Yetkili, or of a Sorumlu who acts for one on an application that
//! another Sorumlu holds, is a note for that Sorumlu.

use ebasvuru_workflow::budget;
use ebasvuru_workflow::domain::actor::Role;
use ebasvuru_workflow::domain::application::{Action, Application, CommandBody};
use ebasvuru_workflow::domain::user::User;
use ebasvuru_workflow::seal::Field;

use super::fields::{Fields, answers_left, sealed_text, text_left};
use crate::view::i18n::tr;
use crate::web::app::App;
use crate::web::form::{FormError, SubmittedForm};

/// [`Action::AddAnswer`] or [`Action::AddNote`].
pub fn meant(user: &User, application: &Application) -> Action {
    let holds = application.status.holder().is_none_or(|holder| *holder == user.name);
    if user.profile.role == Role::Officer && holds { Action::AddAnswer } else { Action::AddNote }
}

/// A text.
pub fn fields(application: &Application, action: Action) -> Fields {
    let (label, rows, left) = if action == Action::AddAnswer {
        ("Vatandaşa gönderilecek cevap", 12, answers_left(application.answers.len(), budget::ANSWERS))
    } else {
        let notes = application.notes_of(&application.unit).count();
        ("Sorumluya cevap (vatandaş görmez)", 5, answers_left(notes, budget::NOTES))
    };
    Fields { rows, limits: vec![text_left(), left], ..Fields::text(tr(label)) }
}

/// The answer or note.
pub fn command(
    app: &App,
    user: &User,
    application: &Application,
    form: &SubmittedForm,
) -> Result<CommandBody, FormError> {
    Ok(match meant(user, application) {
        Action::AddAnswer => {
            CommandBody::AddAnswer { text: sealed_text(app, application, Field::Answer, form)? }
        }
        _ => CommandBody::AddNote { text: sealed_text(app, application, Field::Note, form)? },
    })
}
