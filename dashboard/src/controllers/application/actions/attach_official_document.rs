//! "Resmi Evrak Ekle": adds an official document, which the citizen gets with the answer.

use ebasvuru_workflow::budget;
use ebasvuru_workflow::domain::application::{Application, CommandBody};

use super::attach_document::keep_file;
use super::fields::{Fields, documents_left};
use crate::web::app::App;
use crate::web::form::{FormError, SubmittedForm};

/// A file.
pub fn fields(application: &Application) -> Fields {
    Fields::file(documents_left(application.official_documents.len(), budget::OFFICIAL_DOCUMENTS))
}

/// The official document, once the file is in the store.
pub async fn command(
    app: &App,
    application: &Application,
    form: &SubmittedForm,
) -> Result<CommandBody, FormError> {
    Ok(CommandBody::AttachOfficialDocument { document: keep_file(app, application, form).await? })
}
