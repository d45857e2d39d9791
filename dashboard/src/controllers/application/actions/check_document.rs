//! "Belge Kontrol": ticks one document of the checklist "Başvuru Belgeleri", or unticks it.

use ebasvuru_workflow::domain::application::{CommandBody, Refusal};

use super::fields::Fields;
use crate::web::form::{FormError, SubmittedForm};

/// The label of the checklist.
pub const LABEL: &str = "Başvuru Belgeleri";

/// The checklist, which the page shows with the application.
pub fn fields() -> Fields {
    Fields { kind: "checklist", ..Fields::default() }
}

/// The tick.
pub fn command(form: &SubmittedForm) -> Result<CommandBody, FormError> {
    match form.text("belge").parse() {
        Ok(document) => Ok(CommandBody::CheckDocument { document, present: form.text("var") == "1" }),
        Err(_) => Err(FormError::refused(Refusal::UnknownDocument.text_tr())),
    }
}
