//! The file of "Dosya Ekle" and "Resmi Evrak Ekle" on its way to the store.

use ebasvuru_workflow::domain::application::Application;
use ebasvuru_workflow::domain::document::{Document, store_uri};
use ebasvuru_workflow::seal::Field;

use crate::app::AppState;
use crate::files::{KeepError, saved_name};
use crate::form::Submitted;
use crate::i18n::{say, tr};
use crate::problem::Problem;

/// The document that a form brings, kept in the store; or the sentence that says why not.
pub async fn attach(
    app: &AppState,
    a: &Application,
    form: &Submitted,
) -> Result<Result<Document, String>, Problem> {
    let Some(upload) = form.file() else {
        return Ok(Err(tr("Bir dosya seçiniz.").into()));
    };
    let Some(kind) = upload.kind else {
        return Ok(Err(tr("Dosya PDF, PNG, JPEG, TIFF ya da Office belgesi olmalıdır.").into()));
    };
    match app.files.keep(upload).await {
        Ok(()) => {}
        Err(KeepError::Infected(signature)) => {
            return Ok(Err(say!(
                "Virüs taramasında dosyada zararlı yazılım bulundu ({ad}); dosya eklenmedi.",
                ad = signature
            )));
        }
        Err(KeepError::Store(error)) => return Err(error.into()),
    }
    let name = saved_name(&upload.name, Some(kind));
    let name = app
        .sealer
        .seal_like(&a.content, &a.id.to_string(), Field::DocumentName, name.as_bytes())
        .map_err(|error| Problem::Internal(error.to_string()))?;
    Ok(Ok(Document {
        name,
        media_type: kind.media_type().into(),
        size: upload.size as u64,
        sha256: upload.sha256.clone(),
        uri: store_uri(&upload.sha256),
    }))
}
