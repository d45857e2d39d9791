//! "Geri Gönder": the Yetkili sends a proposal back to the Sorumlu, with a reason.

use ebasvuru_workflow::domain::application::{Application, CommandBody};
use ebasvuru_workflow::seal::Field;

use super::fields::{Fields, sealed_text, text_left};
use crate::view::i18n::tr;
use crate::web::app::App;
use crate::web::form::{FormError, SubmittedForm};

/// The reason.
pub fn fields() -> Fields {
    Fields { limits: vec![text_left()], ..Fields::text(tr("Geri Gönderme Sebebi")) }
}

/// The proposal sent back.
pub fn command(app: &App, application: &Application, form: &SubmittedForm) -> Result<CommandBody, FormError> {
    Ok(CommandBody::SendBack { reason: sealed_text(app, application, Field::SendBackReason, form)? })
}
