//! Opens or downloads a document of an application.

use axum::extract::{Path, Query, State};
use axum::response::Response;
use ebasvuru_workflow::message::Opened;
use serde::Deserialize;

use super::load;
use crate::web::app::AppState;
use crate::web::document::{self, at_place};
use crate::web::guard::Viewer;
use crate::web::problem::Problem;

/// The query.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Params {
    /// The document's place in the application, from 1 on: several may have the same content, each with a
    /// name of its own. The first of that content, if there is no such place.
    sira: String,
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
    let wanted = at_place(application.all_documents(), &params.sira, |document| document.sha256 == sha256);
    let wanted = wanted.ok_or(Problem::NotFound)?;
    let name = app.sealer.open_name(&application.id.to_string(), &wanted.name)?;
    app.audit.record(&viewer.user.name, &application, &[Opened::Document]).await?;
    Ok(document::send(app.files.open(&sha256).await?, &name, params.indir == "1"))
}
