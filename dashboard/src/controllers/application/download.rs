//! A document of an application, as a download: nothing that was uploaded is ever rendered
//! under our address.

use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use ebasvuru_analytics::read::Access;

use super::load;
use crate::app::App;
use crate::files::FileError;
use crate::guard::Viewer;
use crate::page::percent;
use crate::problem::Problem;

/// `GET /basvurular/{no}/belge/{sha256}`
pub async fn show(
    State(app): State<App>,
    viewer: Viewer,
    Path((no, sha256)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let application = load::application(&app, &viewer.user, &no).await?;
    let all = application.documents.iter().chain(&application.official_documents);
    let document = all.into_iter().find(|d| d.sha256 == sha256).ok_or(Problem::NotFound)?;
    let name = app
        .sealer
        .open_text(&application.id.to_string(), &document.name)
        .map_err(|error| Problem::Internal(error.to_string()))?;
    app.read
        .log_access(&Access {
            application: application.id,
            no: application.no.clone(),
            user: viewer.user.name.clone(),
            at: app.clock.now(),
            what: "document",
            reason: String::new(),
        })
        .await?;
    let bytes = app.files.get(&sha256).await.map_err(|error| match error {
        FileError::Missing(_) => Problem::NotFound,
        FileError::Corrupt(_) => Problem::Internal(error.to_string()),
        FileError::Store(_) => Problem::Unavailable("object store", error.to_string()),
    })?;
    Ok((
        [
            (CONTENT_TYPE, "application/octet-stream".to_owned()),
            (CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{}", percent(&name))),
            (CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".to_owned()),
        ],
        bytes,
    )
        .into_response())
}
