//! Başvurularım: the status of each application, known from notifications only.

use std::time::Duration;

use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse};
use ebasvuru_workflow::domain::catalog::Valilik;
use ebasvuru_workflow::domain::document_name::DocumentName;
use ebasvuru_workflow::message::{AwaitedDocuments, CitizenDocument, CitizenStatus, Notification};
use futures_util::future::join_all;
use serde::Deserialize;
use serde_json::{Value, json};

use super::error::PortalError;
use super::page::render;
use super::records::SubmissionRecord;
use super::session::CitizenSession;
use super::state::{PortalApp, PortalState};
use crate::files::InStore;
use crate::view::labels;
use crate::web::document::{self, at_place};
use crate::web::problem::Problem;

/// How often, and after which pauses, a page polls for the first notification: one second in all.
const POLLS: (u32, Duration) = (20, Duration::from_millis(50));

/// `GET /basvurularim`
pub async fn list(
    State(app): State<PortalState>,
    session: CitizenSession,
) -> Result<Html<String>, PortalError> {
    let summaries: Vec<_> =
        app.records.of(&session.citizen.tckn).iter().map(|record| summary(&app, record)).collect();
    render(&session, "portal/list.html", "Başvurularım", summaries)
}

/// `GET /basvurularim/{no}`
pub async fn detail(
    State(app): State<PortalState>,
    session: CitizenSession,
    Path(no): Path<String>,
) -> Result<Html<String>, PortalError> {
    let mut record = find(&app, &session, &no)?;
    for _ in 0..POLLS.0 {
        if !record.notifications.is_empty() {
            break;
        }
        tokio::time::sleep(POLLS.1).await;
        record = find(&app, &session, &no)?;
    }
    let mut data = summary(&app, &record);
    data["documents"] = documents(&app, &record).await.into();
    render(&session, "portal/show.html", "Başvuru", data)
}

/// The documents of the answer, and whether the store has them.
async fn documents(app: &PortalApp, record: &SubmissionRecord) -> Vec<Value> {
    let answered = answered(record).enumerate().map(async |(i, document)| {
        let missing = app.files.info(&document.sha256).await.content == InStore::Missing;
        json!({ "name": document.name, "sha256": document.sha256, "place": i + 1, "missing": missing })
    });
    join_all(answered).await
}

/// The documents of the answer, in order.
fn answered(record: &SubmissionRecord) -> impl Iterator<Item = &CitizenDocument> {
    let answers = record.notifications.iter().filter_map(|notification| notification.answer.as_ref());
    answers.flat_map(|answer| &answer.documents)
}

/// The query.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Params {
    /// The document's place in the answer, from 1 on, which tells documents of the same content apart.
    sira: String,
}

/// `GET /basvurularim/{no}/belge/{sha256}`: a document of the answer, for the citizen of the
/// application only.
pub async fn download(
    State(app): State<PortalState>,
    session: CitizenSession,
    Path((no, sha256)): Path<(String, String)>,
    Query(params): Query<Params>,
) -> Result<impl IntoResponse, PortalError> {
    let record = find(&app, &session, &no)?;
    let wanted = at_place(answered(&record), &params.sira, |document| document.sha256 == sha256);
    let wanted = wanted.ok_or(Problem::NotFound)?;
    let opened = app.files.open(&wanted.sha256).await?;
    Ok(document::send(opened, &DocumentName::of(&wanted.name), true))
}

/// The citizen's application.
pub fn find(app: &PortalApp, session: &CitizenSession, no: &str) -> Result<SubmissionRecord, PortalError> {
    Ok(app.records.find(&session.citizen.tckn, no).ok_or(Problem::NotFound)?)
}

/// Whether the application can be withdrawn.
pub fn is_open(record: &SubmissionRecord) -> bool {
    use CitizenStatus::{Answered, Lapsed, Withdrawn};
    let closed = |notification: &Notification| matches!(notification.status, Answered | Lapsed | Withdrawn);
    !record.withdrawing && !record.notifications.is_empty() && !record.notifications.iter().any(closed)
}

const fn status_label(status: CitizenStatus) -> &'static str {
    match status {
        CitizenStatus::Received => "Alındı",
        CitizenStatus::PreApplicationCompleted => "Ön Başvuru tamamlandı",
        CitizenStatus::Referred => "Havale edildi",
        CitizenStatus::Answered => "Cevaplandı",
        CitizenStatus::Lapsed => "Süre Aşımı",
        CitizenStatus::Withdrawn => "Vazgeçildi",
    }
}

/// How the application stands after its last notification.
const fn state_label(last: &Notification) -> &'static str {
    match last.status {
        CitizenStatus::Received | CitizenStatus::Referred if last.awaited.is_some() => {
            "Ön Başvuru, belgeleriniz bekleniyor"
        }
        status => status_label(status),
    }
}

/// The documents to bring, where to and until when.
fn awaited(awaited: &AwaitedDocuments) -> Value {
    json!({ "documents": awaited.documents, "unit": awaited.unit, "until": labels::date(awaited.until) })
}

/// The data of a page about an application.
pub fn summary(app: &PortalApp, record: &SubmissionRecord) -> Value {
    let last = record.notifications.last();
    let service = record.service.parse().map_or_else(
        |_| record.service.clone(),
        |slug| {
            app.catalog.service(&slug).map_or_else(|| record.service.clone(), |service| service.title.clone())
        },
    );
    let notifications = record.notifications.iter().map(|notification| {
        let (at, status) = (labels::date_time(notification.at), status_label(notification.status));
        json!({ "at": at, "status": status, "text": notification.text_tr })
    });
    let valilik = Valilik::from_plate(record.valilik).map(|valilik| app.catalog.valilik_name(valilik));
    json!({
        "id": record.id, "no": last.map(|told| told.application_no.as_str()), "service": service,
        "valilik": valilik, "at": labels::date_time(record.at), "open": is_open(record),
        "withdrawing": record.withdrawing && last.is_none_or(|told| told.status != CitizenStatus::Withdrawn),
        "status": last.map_or("Gönderildi, alındı bildirimi bekleniyor", state_label),
        "awaited": last.filter(|_| is_open(record)).and_then(|told| told.awaited.as_ref()).map(awaited),
        "told": notifications.collect::<Vec<_>>(),
        "just_received": is_open(record) && record.notifications.len() == 1,
        "answer": record.notifications.iter().rev().find_map(|notification| notification.answer.as_ref()),
    })
}
