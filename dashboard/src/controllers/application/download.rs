//! Opens or downloads a document of an application.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use ebasvuru_analytics::read::Access;
use ebasvuru_workflow::seal::Field;
use serde::Deserialize;

use super::load;
use crate::web::app::AppState;
use crate::web::document;
use crate::web::guard::Viewer;
use crate::web::problem::Problem;

/// The query.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Params {
    /// `1` to download a document that browsers can show.
    indir: String,
}

/// `GET /basvurular/{no}/belge/{sha256}`
pub async fn show(
    State(app): State<AppState>,
    viewer: Viewer,
    Path((no, sha256)): Path<(String, String)>,
    Query(params): Query<Params>,
) -> Result<Response, Problem> {
    let application = load::application(&app, &viewer.user, &no).await?;
    let all = application.documents.iter().chain(&application.official_documents);
    let wanted = all.into_iter().find(|d| d.sha256 == sha256).ok_or(Problem::NotFound)?;
    let context = application.id.to_string();
    let name = app.sealer.open_text(&context, Field::DocumentName, &wanted.name)?;
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
    Ok(document::send(app.files.open(&sha256).await?, &name, params.indir == "1"))
}
