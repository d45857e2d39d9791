//! The first step: Ana Başlık, then Alt Başlık, then Valilik.

use std::collections::BTreeMap;

use axum::extract::{Query, Request, State};
use axum::response::{Html, Redirect};
use ebasvuru_workflow::domain::catalog::{Service, Valilik};
use ebasvuru_workflow::domain::turkish::SortKey;
use serde_json::json;

use super::super::error::PortalError;
use super::super::page::render;
use super::super::session::CitizenSession;
use super::super::state::PortalState;
use crate::web::form_body::AcceptedBody;
use crate::web::problem::Problem;

/// `GET /yeni-basvuru`
pub async fn form(
    State(app): State<PortalState>,
    session: CitizenSession,
    Query(chosen): Query<BTreeMap<String, String>>,
) -> Result<Html<String>, PortalError> {
    let chosen = |name: &str| chosen.get(name).cloned().unwrap_or_default();
    let routable = |service: &Service| {
        app.catalog.valilikler().any(|(valilik, _)| app.catalog.route(&service.slug, valilik).is_some())
    };
    let services: Vec<_> = app.catalog.services().filter(|service| routable(service)).collect();
    let mut mains: Vec<_> = services.iter().map(|service| service.main_title.as_str()).collect();
    mains.sort_by_key(|title| SortKey::of(title));
    mains.dedup();
    let main = chosen("ana");
    let mut titles: Vec<_> = services.iter().filter(|service| service.main_title == main).collect();
    titles.sort_by_key(|service| SortKey::of(&service.title));
    let service = titles.iter().find(|service| service.slug.as_str() == chosen("hizmet"));
    let mut places: Vec<_> = app
        .catalog
        .valilikler()
        .filter(|(valilik, _)| service.is_some_and(|s| app.catalog.route(&s.slug, *valilik).is_some()))
        .map(|(valilik, name)| (valilik.plate(), name))
        .collect();
    places.sort_by_key(|(_, name)| SortKey::of(name));
    let data = json!({
        "mains": mains, "main": main, "places": places,
        "titles": titles.iter().map(|s| (s.slug.as_str(), &s.title)).collect::<Vec<_>>(),
        "valilik": app.drafts.get(&session.csrf).map(|draft| draft.valilik.plate()),
        "service": service.map(|s| s.slug.as_str()), "service_title": service.map(|s| &s.title),
    });
    render(&session, "portal/choose.html", "Yeni Başvuru", data)
}

/// `POST /yeni-basvuru`: "Devam Et".
pub async fn submit(
    State(app): State<PortalState>,
    session: CitizenSession,
    request: Request,
) -> Result<Redirect, PortalError> {
    let form = session.form(&app, request, AcceptedBody::Form).await?;
    let service = form.text("hizmet").parse().map_err(|_| Problem::BadRequest)?;
    let plate: u8 = form.text("valilik").parse().map_err(|_| Problem::BadRequest)?;
    let valilik = Valilik::from_plate(plate).ok_or(Problem::BadRequest)?;
    if app.catalog.route(&service, valilik).is_none() {
        return Err(Problem::BadRequest.into());
    }
    app.drafts.begin(&session.csrf, service, valilik);
    app.drafts.change(&session.csrf, |draft| {
        let citizen = &session.citizen;
        for (name, value) in [("telefon", citizen.phone), ("eposta", citizen.email.unwrap_or_default())] {
            draft.typed.entry(name.into()).or_insert_with(|| value.into());
        }
    });
    Ok(Redirect::to("/yeni-basvuru/iletisim"))
}
