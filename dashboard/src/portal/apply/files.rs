//! The step with "Dosya Yükle" and "Başvuru Belgeniz".

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use ebasvuru_workflow::domain::document_name::DocumentName;

use super::super::draft::{Draft, UploadedFile};
use super::super::error::PortalError;
use super::super::session::CitizenSession;
use super::super::state::PortalState;
use super::{Errors, draft, next, step};
use crate::files::saved_name;
use crate::web::form_body::AcceptedBody;

const TEMPLATE: &str = "portal/files.html";
const PATH: &str = "/yeni-basvuru/belgeler";
/// The most files of one application.
const MAX_FILES: usize = 10;

/// `GET /yeni-basvuru/belgeler`
pub async fn form(State(app): State<PortalState>, session: CitizenSession) -> Result<Response, PortalError> {
    step(&app, &session, TEMPLATE, &Errors::new())
}

/// `POST /yeni-basvuru/belgeler`: adds a file, removes one, or leads on.
pub async fn submit(
    State(app): State<PortalState>,
    session: CitizenSession,
    request: Request,
) -> Result<Response, PortalError> {
    let form = session.form(&app, request, AcceptedBody::FormWithFile).await?;
    let (before, _) = draft(&app, &session)?;
    let mut errors = Errors::new();
    let again = || Ok(Redirect::to(PATH).into_response());
    if let Some(at) = form.text("kaldir").parse::<usize>().ok().filter(|at| *at < before.files.len()) {
        app.drafts.change(&session.csrf, |draft| drop(draft.files.remove(at)));
        return again();
    }
    let kind = match form.text("tur").as_str() {
        "application" => "application",
        "supporting" => "supporting",
        _ => {
            let errors = self::errors(&before);
            return next(&app, &session, TEMPLATE, &errors, "/yeni-basvuru/onay");
        }
    };
    let error = match form.file().map(|file| (file, file.kind)) {
        None => "Önce bir dosya seçiniz.",
        Some((_, None)) => {
            "Bu tür dosya kabul edilmiyor: PDF, PNG, JPEG, TIFF ya da Office belgesi yükleyiniz."
        }
        Some(_) if before.files.len() >= MAX_FILES => "En fazla 10 dosya yükleyebilirsiniz.",
        Some((file, Some(content))) => {
            // Not scanned here: the documents of e-Devlet arrive unscanned, and are scanned when
            // staff open them.
            app.files.store(file).await?;
            let name = saved_name(&DocumentName::of(&file.name), Some(content)).to_string();
            let (media_type, sha256) = (content.media_type(), file.sha256.clone());
            let added = UploadedFile { kind, name, media_type, size: file.size, sha256 };
            app.drafts.change(&session.csrf, |draft| {
                if kind == "application" {
                    draft.files.retain(|file| file.kind != kind);
                }
                draft.files.push(added);
            });
            return again();
        }
    };
    errors.insert(kind.into(), error.into());
    next(&app, &session, TEMPLATE, &errors, "")
}

/// What is wrong in this step.
pub fn errors(draft: &Draft) -> Errors {
    let has = draft.files.iter().any(|file| file.kind == "application");
    (!has)
        .then(|| ("application".into(), "Başvuru Belgeniz yüklenmeden devam edilemez.".into()))
        .into_iter()
        .collect()
}
