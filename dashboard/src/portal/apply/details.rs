//! The step Başvuru Bilgileri: the subject, the text, and the fields of the service.

use axum::extract::{Request, State};
use axum::response::Response;
use ebasvuru_workflow::budget::{MIDDLE_CHARS, SHORT_CHARS};
use ebasvuru_workflow::domain::catalog::{FieldKind, Service};

use super::super::draft::{Draft, field_id};
use super::super::error::PortalError;
use super::super::session::CitizenSession;
use super::super::state::PortalState;
use super::{Errors, draft, keep, next, step};
use crate::view::labels::too_long;
use crate::web::form_body::AcceptedBody;

const TEMPLATE: &str = "portal/details.html";

/// `GET /yeni-basvuru/bilgiler`
pub async fn form(State(app): State<PortalState>, session: CitizenSession) -> Result<Response, PortalError> {
    step(&app, &session, TEMPLATE, &Errors::new())
}

/// `POST /yeni-basvuru/bilgiler`
pub async fn submit(
    State(app): State<PortalState>,
    session: CitizenSession,
    request: Request,
) -> Result<Response, PortalError> {
    let form = session.form(&app, request, AcceptedBody::Form).await?;
    let (_, service) = draft(&app, &session)?;
    let own: Vec<_> = service.form_fields.iter().map(|field| field_id(&field.name)).collect();
    let names: Vec<_> = own.iter().map(String::as_str).chain(["konu", "aciklama"]).collect();
    let errors = keep(&app, &session, &form, &names, |draft| errors(draft, service))?;
    next(&app, &session, TEMPLATE, &errors, "/yeni-basvuru/belgeler")
}

/// What is wrong in this step.
pub fn errors(draft: &Draft, service: &Service) -> Errors {
    let typed = |name: &str| draft.typed.get(name).map_or("", String::as_str);
    let mut errors = Errors::new();
    for (name, label, most) in [("konu", "Konu", SHORT_CHARS), ("aciklama", "Açıklama", MIDDLE_CHARS)] {
        let error = if typed(name).is_empty() {
            Some(format!("{label} boş bırakılamaz."))
        } else {
            too_long(label, typed(name), most)
        };
        errors.extend(error.map(|error| (name.into(), error)));
    }
    for field in &service.form_fields {
        let id = field_id(&field.name);
        let value = typed(&id);
        let error = if value.is_empty() {
            field.required.then(|| format!("{} boş bırakılamaz.", field.label))
        } else {
            let valid = match field.kind {
                FieldKind::Text | FieldKind::LongText => true,
                FieldKind::Number => value.parse::<i64>().is_ok(),
                FieldKind::Date => value.parse::<jiff::civil::Date>().is_ok(),
                FieldKind::Select => field.options.iter().any(|option| option == value),
            };
            let wrong = (!valid).then(|| format!("{}: geçerli bir değer giriniz.", field.label));
            wrong.or_else(|| too_long(&field.label, value, MIDDLE_CHARS))
        };
        errors.extend(error.map(|error| (id, error)));
    }
    errors
}
