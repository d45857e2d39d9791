//! Yeni Başvuru, one file for each step of the guide. Every step keeps what was typed in the draft,
//! right or wrong, and leads on only when it is right.

pub mod choose;
pub mod confirm;
pub mod contact;
pub mod details;
pub mod files;

use std::collections::BTreeMap;

use axum::response::{IntoResponse, Redirect, Response};
use ebasvuru_workflow::domain::catalog::{FieldKind, Service};
use serde_json::{Value, json};

use super::draft::{Draft, field_id};
use super::error::PortalError;
use super::page::render;
use super::session::CitizenSession;
use super::state::PortalApp;
use crate::view::labels;
use crate::web::form::SubmittedForm;
use crate::web::problem::Problem;

/// What is wrong in a step: a sentence for each field.
type Errors = BTreeMap<String, String>;

/// The fields that every step's template may read.
const FIELDS: [&str; 7] = ["telefon", "eposta", "adres", "ilce", "konu", "aciklama", "onay"];

/// What people read beside the fields that every service has.
const NAMES: [(&str, &str); 9] = [
    ("telefon", "Cep Telefonu"),
    ("eposta", "E-posta"),
    ("adres", "Adres"),
    ("ilce", "İlçe"),
    ("konu", "Konu"),
    ("aciklama", "Açıklama"),
    ("supporting", "Dosya Yükle"),
    ("application", "Başvuru Belgeniz"),
    ("onay", "Onay Kutusu"),
];

/// The draft of a session, with its service.
fn draft<'a>(app: &'a PortalApp, session: &CitizenSession) -> Result<(Draft, &'a Service), PortalError> {
    let draft = app.drafts.get(&session.csrf).ok_or(Problem::NotFound)?;
    let service = app.catalog.service(&draft.service).ok_or(Problem::NotFound)?;
    Ok((draft, service))
}

/// Keeps the named fields in the draft and checks it.
fn keep(
    app: &PortalApp,
    session: &CitizenSession,
    form: &SubmittedForm,
    names: &[&str],
    check: impl Fn(&Draft) -> Errors,
) -> Result<Errors, PortalError> {
    app.drafts.change(&session.csrf, |draft| {
        draft.typed.extend(names.iter().map(|name| ((*name).to_owned(), form.text(name))));
    });
    Ok(check(&draft(app, session)?.0))
}

/// The step `to`, or this step again with its errors.
fn next(
    app: &PortalApp,
    session: &CitizenSession,
    template: &str,
    errors: &Errors,
    to: &str,
) -> Result<Response, PortalError> {
    if errors.is_empty() {
        Ok(Redirect::to(to).into_response())
    } else {
        step(app, session, template, errors)
    }
}

/// The page of a step with all that the draft holds; without a draft, the first step.
fn step(
    app: &PortalApp,
    session: &CitizenSession,
    template: &str,
    errors: &Errors,
) -> Result<Response, PortalError> {
    let Ok((draft, service)) = draft(app, session) else {
        return Ok(Redirect::to("/yeni-basvuru").into_response());
    };
    let mut typed: BTreeMap<_, _> = FIELDS.map(|name| (name.to_owned(), String::new())).into();
    typed.extend(draft.typed.clone());
    let fields: Vec<Value> = service
        .form_fields
        .iter()
        .map(|field| {
            let id = field_id(&field.name);
            let typed = draft.typed.get(&id).cloned().unwrap_or_default();
            let day = typed.parse().ok().filter(|_| field.kind == FieldKind::Date).map(labels::day);
            json!({ "id": id, "label": field.label, "kind": field.kind, "required": field.required,
                    "options": field.options, "shown": day.as_ref().unwrap_or(&typed), "typed": typed })
        })
        .collect();
    let files: Vec<Value> = draft
        .files
        .iter()
        .map(|file| json!({ "name": file.name, "kind": file.kind, "shown_size": labels::size(file.size as u64) }))
        .collect();
    let own = service.form_fields.iter().map(|field| (field_id(&field.name), field.label.as_str()));
    let names: BTreeMap<_, _> =
        NAMES.map(|(id, name)| (id.to_owned(), name)).into_iter().chain(own).collect();
    let required = service.pre_application_days.is_some().then_some(&service.required_documents);
    let required: Vec<_> = required.into_iter().flatten().map(|document| &document.title).collect();
    let data = json!({
        "service": service.title, "main": service.main_title,
        "valilik": app.catalog.valilik_name(draft.valilik), "typed": typed, "fields": fields,
        "files": files, "errors": errors, "names": names, "required": required,
    });
    Ok(render(session, template, "Yeni Başvuru", data)?.into_response())
}
