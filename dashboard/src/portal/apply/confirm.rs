//! The last step: the summary and the Onay Kutusu.

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Redirect, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ebasvuru_workflow::budget;
use ebasvuru_workflow::domain::document::store_uri;
use serde_json::{Value, json};

use super::super::contract::{self, MAX_INLINE};
use super::super::draft::Draft;
use super::super::error::PortalError;
use super::super::session::CitizenSession;
use super::super::state::{PortalApp, PortalState};
use super::{Errors, contact, details, draft, files, keep, next, step};
use crate::web::form_body::AcceptedBody;

const TEMPLATE: &str = "portal/confirm.html";
/// The most bytes, before base64, that one message carries inline: with every text at its longest, a
/// message stays below the limit of ingest.
const MAX_INLINE_TOTAL: usize = budget::SUBMISSION / 4;

/// `GET /yeni-basvuru/onay`
pub async fn form(State(app): State<PortalState>, session: CitizenSession) -> Result<Response, PortalError> {
    step(&app, &session, TEMPLATE, &Errors::new())
}

/// `POST /yeni-basvuru/onay`: publishes the application once everything is right and EVET is typed.
pub async fn submit(
    State(app): State<PortalState>,
    session: CitizenSession,
    request: Request,
) -> Result<Response, PortalError> {
    let form = session.form(&app, request, AcceptedBody::Form).await?;
    let mut errors = keep(&app, &session, &form, &["onay"], |draft| {
        let wrong = draft.typed.get("onay").is_none_or(|typed| typed != "EVET");
        wrong
            .then(|| ("onay".into(), "Başvuruyu tamamlamak için kutuya EVET yazınız.".into()))
            .into_iter()
            .collect()
    })?;
    let (draft, service) = draft(&app, &session)?;
    let earlier = [contact::errors(&draft), details::errors(&draft, service), files::errors(&draft)];
    if earlier.iter().any(|errors| !errors.is_empty()) {
        errors.insert("adimlar".into(), "Önceki adımlarda eksik bilgi var; geri dönüp tamamlayınız.".into());
    }
    if !errors.is_empty() {
        return next(&app, &session, TEMPLATE, &errors, "");
    }
    let now = app.clock.now();
    let mut at = now;
    app.drafts.change(&session.csrf, |draft| at = *draft.confirmed_at.get_or_insert(now));
    let documents = documents(&app, &draft).await?;
    let message = contract::submission(&session.citizen, &draft, service, documents, at);
    app.publish(draft.id.to_string(), &message).await?;
    app.drafts.end(&session.csrf);
    Ok(Redirect::to(&format!("/basvurularim/{}", draft.id)).into_response())
}

/// The documents of the message: small ones inline, the others by reference.
async fn documents(app: &PortalApp, draft: &Draft) -> Result<Vec<Value>, PortalError> {
    let (mut documents, mut inline) = (Vec::new(), 0);
    for file in &draft.files {
        let mut document = json!({
            "kind": file.kind, "name": file.name, "media_type": file.media_type,
            "size": file.size, "sha256": file.sha256,
        });
        if file.size <= MAX_INLINE && inline + file.size <= MAX_INLINE_TOTAL {
            inline += file.size;
            let bytes = app.files.bytes(&file.sha256).await?;
            document["data"] = STANDARD.encode(bytes).into();
        } else {
            document["uri"] = store_uri(&file.sha256).into();
        }
        documents.push(document);
    }
    Ok(documents)
}
