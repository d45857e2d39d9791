//! "Teslim Et": the Yetkili assigns the application to a Sorumlu of the unit.

use ebasvuru_workflow::domain::application::{Application, CommandBody};

use super::fields::Fields;
use crate::controllers::application::officers::assignees;
use crate::view::i18n::tr;
use crate::web::app::App;
use crate::web::form::{FormError, SubmittedForm};

/// The choice of a Sorumlu.
pub fn fields(app: &App, application: &Application, chosen: &str) -> Fields {
    Fields {
        kind: "choice",
        choice_label: tr("Sorumlu"),
        choices: assignees(app, Some(&application.unit), chosen),
        ..Fields::default()
    }
}

/// The assignment to the chosen Sorumlu.
pub fn command(form: &SubmittedForm) -> Result<CommandBody, FormError> {
    match form.text("sorumlu").parse() {
        Ok(officer) => Ok(CommandBody::Assign { officer }),
        Err(_) => Err(FormError::refused("Bir Sorumlu seçiniz.")),
    }
}
