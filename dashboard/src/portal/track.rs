//! Başvurularım: where each stands, from what the citizen was told alone; and "Vazgeç".

use std::time::Duration;

use axum::extract::{Path, Request, State};
use axum::response::{Html, IntoResponse, Redirect};
use ebasvuru_workflow::domain::catalog::Valilik;
use ebasvuru_workflow::message::{CitizenStatus, Notification};
use serde_json::{Value, json};

use super::citizen::Visit;
use super::contract;
use super::records::Entry;
use super::serve::{App, Fault, show};
use crate::controllers::application::download::hand_out;
use crate::form::Takes;
use crate::labels;
use crate::problem::Problem;

/// How often, and how far apart, a page looks for the first notification: a second in all.
const LOOKS: (u32, Duration) = (20, Duration::from_millis(50));

/// `GET /basvurularim`.
pub async fn list(State(app): State<App>, visit: Visit) -> Result<Html<String>, Fault> {
    let entries: Vec<_> =
        app.records.of(&visit.citizen.tckn).iter().map(|entry| summary(&app, entry)).collect();
    show(&visit, "portal/list.html", "Başvurularım", entries)
}

/// `GET /basvurularim/{no}`.
pub async fn detail(
    State(app): State<App>,
    visit: Visit,
    Path(no): Path<String>,
) -> Result<Html<String>, Fault> {
    let mut entry = own(&app, &visit, &no)?;
    for _ in 0..LOOKS.0 {
        if !entry.told.is_empty() {
            break;
        }
        tokio::time::sleep(LOOKS.1).await;
        entry = own(&app, &visit, &no)?;
    }
    show(&visit, "portal/show.html", "Başvuru", summary(&app, &entry))
}

/// A document of the answer, for the citizen alone whose answer it is.
pub async fn download(
    State(app): State<App>,
    visit: Visit,
    Path((no, sha256)): Path<(String, String)>,
) -> Result<impl IntoResponse, Fault> {
    let entry = own(&app, &visit, &no)?;
    let answers = entry.told.iter().filter_map(|told| told.answer.as_ref());
    let document = answers.flat_map(|answer| &answer.documents).find(|document| document.sha256 == sha256);
    let document = document.ok_or(Problem::NotFound)?;
    let opened = app.files.open(&document.sha256).await.map_err(Problem::from)?;
    Ok(hand_out(opened, &document.name, true))
}

/// "Vazgeç": asks first.
pub async fn withdraw_form(
    State(app): State<App>,
    visit: Visit,
    Path(no): Path<String>,
) -> Result<Html<String>, Fault> {
    let entry = own(&app, &visit, &no)?;
    show(&visit, "portal/withdraw.html", "Vazgeç", summary(&app, &entry))
}

/// Publishes the withdrawal of an application that is open.
pub async fn withdraw(
    State(app): State<App>,
    visit: Visit,
    Path(no): Path<String>,
    request: Request,
) -> Result<Redirect, Fault> {
    let form = visit.form(&app, request, Takes::Text).await?;
    let entry = own(&app, &visit, &no)?;
    if open(&entry) {
        let message = contract::withdrawal(entry.id, &form.text("neden"), app.clock.now());
        app.publish(entry.id.to_string(), &message).await?;
    }
    Ok(Redirect::to(&format!("/basvurularim/{}", entry.id)))
}

fn own(app: &App, visit: &Visit, no: &str) -> Result<Entry, Fault> {
    Ok(app.records.find(&visit.citizen.tckn, no).ok_or(Problem::NotFound)?)
}

fn open(entry: &Entry) -> bool {
    use CitizenStatus::{Answered, Lapsed, Withdrawn};
    let closed = |told: &Notification| matches!(told.status, Answered | Lapsed | Withdrawn);
    !entry.withdrawing && !entry.told.is_empty() && !entry.told.iter().any(closed)
}

const fn status(status: CitizenStatus) -> &'static str {
    match status {
        CitizenStatus::Received => "Alındı",
        CitizenStatus::PreApplicationCompleted => "Ön başvuru tamamlandı",
        CitizenStatus::Referred => "Havale edildi",
        CitizenStatus::Answered => "Cevaplandı",
        CitizenStatus::Lapsed => "Süresinde tamamlanmadı",
        CitizenStatus::Withdrawn => "Vazgeçildi",
    }
}

fn summary(app: &App, entry: &Entry) -> Value {
    let last = entry.told.last();
    let service = entry.service.parse().map_or_else(
        |_| entry.service.clone(),
        |slug| {
            app.catalog.service(&slug).map_or_else(|| entry.service.clone(), |service| service.title.clone())
        },
    );
    let told = entry.told.iter().map(|told| {
        json!({ "at": labels::date_time(told.at), "status": status(told.status), "text": told.text_tr })
    });
    let valilik = Valilik::from_plate(entry.valilik).map(|valilik| app.catalog.valilik_name(valilik));
    json!({
        "id": entry.id, "no": last.map(|told| told.application_no.as_str()), "service": service,
        "valilik": valilik, "at": labels::date_time(entry.at), "open": open(entry),
        "withdrawing": entry.withdrawing && last.is_none_or(|told| told.status != CitizenStatus::Withdrawn),
        "status": last.map_or("Gönderildi, alındı bildirimi bekleniyor", |told| status(told.status)),
        "told": told.collect::<Vec<_>>(),
        "answer": entry.told.iter().rev().find_map(|told| told.answer.as_ref()),
    })
}
