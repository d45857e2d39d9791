//! The step İletişim Bilgileri.

use axum::extract::{Request, State};
use axum::response::Response;
use ebasvuru_workflow::budget::{MIDDLE_CHARS, SHORT_CHARS};

use super::super::draft::Draft;
use super::super::error::PortalError;
use super::super::session::CitizenSession;
use super::super::state::PortalState;
use super::{Errors, keep, next, step};
use crate::view::labels::too_long;
use crate::web::form_body::AcceptedBody;

const TEMPLATE: &str = "portal/contact.html";

/// `GET /yeni-basvuru/iletisim`
pub async fn form(State(app): State<PortalState>, session: CitizenSession) -> Result<Response, PortalError> {
    step(&app, &session, TEMPLATE, &Errors::new())
}

/// `POST /yeni-basvuru/iletisim`
pub async fn submit(
    State(app): State<PortalState>,
    session: CitizenSession,
    request: Request,
) -> Result<Response, PortalError> {
    let form = session.form(&app, request, AcceptedBody::Form).await?;
    let errors = keep(&app, &session, &form, &["telefon", "eposta", "adres", "ilce"], errors)?;
    next(&app, &session, TEMPLATE, &errors, "/yeni-basvuru/bilgiler")
}

/// What is wrong in this step.
pub fn errors(draft: &Draft) -> Errors {
    let typed = |name: &str| draft.typed.get(name).map_or("", String::as_str);
    let mut errors = Errors::new();
    let digits = typed("telefon").chars().filter(char::is_ascii_digit).count();
    if !(10..=15).contains(&digits) || typed("telefon").chars().any(char::is_alphabetic) {
        errors.insert("telefon".into(), "Cep Telefonu 10–15 rakam olmalıdır, örneğin +905551112233.".into());
    }
    if !typed("eposta").is_empty() && !typed("eposta").contains('@') {
        errors.insert("eposta".into(), "E-posta adresi ad@ornek.org biçiminde olmalıdır.".into());
    }
    if typed("adres").is_empty() {
        errors.insert("adres".into(), "Adresinizi yazınız.".into());
    }
    for (name, label, most) in [
        ("telefon", "Cep Telefonu", SHORT_CHARS),
        ("eposta", "E-posta", SHORT_CHARS),
        ("ilce", "İlçe", SHORT_CHARS),
        ("adres", "Adres", MIDDLE_CHARS),
    ] {
        errors.extend(too_long(label, typed(name), most).map(|error| (name.into(), error)));
    }
    errors
}
