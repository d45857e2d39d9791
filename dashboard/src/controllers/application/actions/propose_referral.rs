//! "Havale Et": the Sorumlu proposes to refer the application to another unit, with a reason.

use ebasvuru_workflow::domain::application::{Application, CommandBody};
use ebasvuru_workflow::domain::catalog::Unit;
use ebasvuru_workflow::seal::Field;

use super::fields::{Fields, sealed_text, text_left};
use crate::view::i18n::tr;
use crate::view::{Choice, sorted};
use crate::web::app::App;
use crate::web::form::{FormError, SubmittedForm};

/// The other unit and the reason.
pub fn fields(app: &App, application: &Application, chosen: &str) -> Fields {
    Fields {
        kind: "text_choice",
        limits: vec![text_left()],
        choice_label: tr("İlgili birim"),
        choices: other_units(app, application, chosen),
        ..Fields::text(tr("Havale sebebi"))
    }
}

/// The proposal.
pub fn command(app: &App, application: &Application, form: &SubmittedForm) -> Result<CommandBody, FormError> {
    let reason = sealed_text(app, application, Field::ReferralReason, form);
    match form.text("birim").parse() {
        Ok(target) => Ok(CommandBody::ProposeReferral { target, reason: reason? }),
        Err(_) => Err(FormError::refused("Havale edilecek birimi seçiniz.")),
    }
}

/// All other units; those of the same valilik, where most applications belong, come first.
fn other_units(app: &App, application: &Application, chosen: &str) -> Vec<Choice> {
    let others = app.catalog.units().filter(|unit| unit.id != application.unit);
    let (near, far): (Vec<_>, Vec<_>) = others.partition(|unit| unit.valilik == application.valilik);
    let choice = |unit: &Unit| Choice::new(&unit.id, &unit.title, chosen);
    let [near, far] = [near, far].map(|units| sorted(units.into_iter().map(choice)));
    near.into_iter().chain(far).collect()
}
