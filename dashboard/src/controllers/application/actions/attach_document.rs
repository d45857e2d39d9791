//! "Dosya Ekle": adds a document to the application.

use ebasvuru_workflow::budget;
use ebasvuru_workflow::domain::application::{Application, CommandBody};
use ebasvuru_workflow::domain::document::{Document, store_uri};
use ebasvuru_workflow::domain::document_name::DocumentName;

use super::fields::{Fields, documents_left};
use crate::files::{KeepError, saved_name};
use crate::view::i18n::say;
use crate::web::app::App;
use crate::web::form::{FormError, SubmittedForm};

/// A file.
pub fn fields(application: &Application) -> Fields {
    Fields::file(documents_left(application.documents.len(), budget::DOCUMENTS))
}

/// The document, once the file is in the store.
pub async fn command(
    app: &App,
    application: &Application,
    form: &SubmittedForm,
) -> Result<CommandBody, FormError> {
    Ok(CommandBody::AttachDocument { document: keep_file(app, application, form).await? })
}

/// Keeps the file of a form in the store.
pub async fn keep_file(
    app: &App,
    application: &Application,
    form: &SubmittedForm,
) -> Result<Document, FormError> {
    let Some(upload) = form.file() else {
        return Err(FormError::refused("Bir dosya seçiniz."));
    };
    let Some(kind) = upload.kind else {
        return Err(FormError::refused("Dosya PDF, PNG, JPEG, TIFF ya da Office belgesi olmalıdır."));
    };
    app.files.keep(upload).await.map_err(|error| match error {
        KeepError::Infected(signature) => FormError::Refused(say!(
            "Virüs taramasında dosyada zararlı yazılım bulundu ({ad}); dosya eklenmedi.",
            ad = signature
        )),
        KeepError::Store(error) => error.into(),
    })?;
    let name = saved_name(&DocumentName::of(&upload.name), Some(kind));
    let name = app.sealer.seal_name_like(&application.content, &application.id.to_string(), &name)?;
    Ok(Document {
        name,
        media_type: kind.media_type().into(),
        size: upload.size as u64,
        sha256: upload.sha256.clone(),
        uri: store_uri(&upload.sha256),
    })
}
