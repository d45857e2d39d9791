//! `/yetkimi-paylas`: a Yetkili lends the own authority to one Sorumlu of the unit, for a
//! time, and takes it back at once (requirement 14, decision f).

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use ebasvuru_workflow::domain::ids::UserName;
use ebasvuru_workflow::domain::user::{Delegation, User, UserCommandBody};
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use minijinja::context;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::form::{ask, command_id};
use crate::app::App;
use crate::choice::{Choice, sorted};
use crate::form::Submitted;
use crate::guard::Viewer;
use crate::i18n::tr;
use crate::labels;
use crate::page::{Shell, value};
use crate::problem::Problem;

/// What was done just now.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Params {
    oldu: String,
}

/// What stands in the form: days and times of Turkey.
#[derive(Debug, Default, Serialize)]
struct Filled {
    to: String,
    from_day: String,
    from_time: String,
    until_day: String,
    until_time: String,
}

impl Filled {
    /// From now until the end of the working day.
    fn proposed(now: Timestamp) -> Self {
        let now = now.to_zoned(labels::istanbul());
        let day = now.strftime("%Y-%m-%d").to_string();
        Self {
            to: String::new(),
            from_day: day.clone(),
            from_time: now.strftime("%H:%M").to_string(),
            until_day: day,
            until_time: "23:59".into(),
        }
    }

    fn typed(form: &Submitted) -> Self {
        Self {
            to: form.text("kime"),
            from_day: form.text("baslangic-gun"),
            from_time: form.text("baslangic-saat"),
            until_day: form.text("bitis-gun"),
            until_time: form.text("bitis-saat"),
        }
    }

    fn delegation(&self) -> Result<Delegation, &'static str> {
        let to: UserName = self.to.parse().map_err(|_| tr("Yetkinizi paylaşacağınız Sorumluyu seçiniz."))?;
        let starts_at = moment(&self.from_day, &self.from_time)
            .ok_or_else(|| tr("Başlangıç gününü ve saatini giriniz."))?;
        let ends_at = moment(&self.until_day, &self.until_time)
            .ok_or_else(|| tr("Bitiş gününü ve saatini giriniz."))?;
        if ends_at <= starts_at {
            return Err(tr("Bitiş, başlangıçtan sonra olmalıdır."));
        }
        Ok(Delegation { to, starts_at, ends_at })
    }
}

/// A day and a time of Turkey.
fn moment(day: &str, time: &str) -> Option<Timestamp> {
    let (day, time) = (day.parse::<Date>().ok()?, time.parse::<Time>().ok()?);
    Some(day.to_datetime(time).to_zoned(labels::istanbul()).ok()?.timestamp())
}

/// `GET /yetkimi-paylas`
pub async fn form(
    State(app): State<App>,
    viewer: Viewer,
    Query(params): Query<Params>,
) -> Result<Response, Problem> {
    let notice = match params.oldu.as_str() {
        "paylas" => tr("Yetkiniz paylaşıldı."),
        "geri-al" => tr("Paylaştığınız yetki geri alındı; bu andan itibaren geçersizdir."),
        _ => "",
    };
    show(&app, &viewer, &Filled::proposed(app.clock.now()), notice, "")
}

/// `POST /yetkimi-paylas`
pub async fn submit(State(app): State<App>, viewer: Viewer, form: Submitted) -> Result<Response, Problem> {
    let filled = Filled::typed(&form);
    let again = |error: &str| show(&app, &viewer, &filled, "", error);
    let delegation = match filled.delegation() {
        Ok(delegation) => delegation,
        Err(sentence) => return again(sentence),
    };
    let body = UserCommandBody::Delegate { delegation };
    match ask(&app, &viewer, &form, command_id(&form), viewer.user.name.clone(), body).await? {
        Ok(()) => Ok(Redirect::to("/yetkimi-paylas?oldu=paylas").into_response()),
        Err(sentence) => again(&sentence),
    }
}

/// `GET /yetkimi-paylas/geri-al`
pub async fn confirm(State(app): State<App>, viewer: Viewer) -> Result<Response, Problem> {
    match lent(&app, &viewer) {
        None => Ok(Redirect::to("/yetkimi-paylas").into_response()),
        Some(lent) => {
            let html = Shell::new(&app, &viewer, tr("Yetkiyi Geri Al")).page(
                "user/revoke.html",
                context! {
                    lent => value(lent), version => viewer.user.version,
                    command => Uuid::now_v7().to_string(),
                },
            )?;
            Ok(html.into_response())
        }
    }
}

/// `POST /yetkimi-paylas/geri-al`
pub async fn revoke(State(app): State<App>, viewer: Viewer, form: Submitted) -> Result<Response, Problem> {
    let (name, body) = (viewer.user.name.clone(), UserCommandBody::RevokeDelegation);
    match ask(&app, &viewer, &form, command_id(&form), name, body).await? {
        Ok(()) => Ok(Redirect::to("/yetkimi-paylas?oldu=geri-al").into_response()),
        Err(sentence) => show(&app, &viewer, &Filled::proposed(app.clock.now()), "", &sentence),
    }
}

#[derive(Serialize)]
struct Lent {
    to: String,
    from: String,
    until: String,
    running: bool,
}

/// The delegation that runs or is to come.
fn lent(app: &App, viewer: &Viewer) -> Option<Lent> {
    let now = app.clock.now();
    viewer.user.delegation.as_ref().filter(|lent| now < lent.ends_at).map(|lent| Lent {
        to: app.gateway.full_name(&lent.to),
        from: labels::date_time(lent.starts_at),
        until: labels::date_time(lent.ends_at),
        running: lent.is_active(now),
    })
}

fn show(app: &App, viewer: &Viewer, filled: &Filled, notice: &str, error: &str) -> Result<Response, Problem> {
    let officers = app.gateway.directory(|users| {
        let officers = viewer.user.profile.unit.iter().flat_map(|unit| users.officers_of(unit));
        let label = |user: &User| format!("{} ({})", user.profile.full_name, user.name);
        sorted(officers.map(|user| Choice::new(&user.name, label(user), &filled.to)))
    });
    let html = Shell::new(app, viewer, tr("Yetkimi Paylaş")).page(
        "user/delegation.html",
        context! {
            lent => value(lent(app, viewer)), filled => value(filled), officers => value(officers),
            notice, error, version => viewer.user.version, command => Uuid::now_v7().to_string(),
        },
    )?;
    let status = if error.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok((status, html).into_response())
}
