//! `/yetkimi-paylas`: a Yetkili shares their authority with one Sorumlu of the unit for some time
//! (requirement 14, decision f).

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use ebasvuru_workflow::domain::ids::UserName;
use ebasvuru_workflow::domain::user::{Delegation, User, UserCommandBody};
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::command::execute;
use crate::view::address::with_query;
use crate::view::i18n::tr;
use crate::view::labels;
use crate::view::{Choice, sorted};
use crate::web::app::{App, AppState};
use crate::web::form::{FormError, SubmittedForm};
use crate::web::guard::Viewer;
use crate::web::page::{form_page, render};
use crate::web::problem::Problem;
use crate::web::unsent::UnsentForm;

/// The path of the page.
pub const PATH: &str = "/yetkimi-paylas";

/// The query.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Params {
    /// The act that led here.
    oldu: String,
}

/// The fields of the form: days and times in Turkey.
#[derive(Debug, Default, Serialize)]
pub struct DelegationFields {
    to: String,
    from_day: String,
    from_time: String,
    until_day: String,
    until_time: String,
}

impl DelegationFields {
    /// The proposal: from now until the end of the day.
    pub fn proposed(now: Timestamp) -> Self {
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

    fn typed(form: &SubmittedForm) -> Self {
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
        let starts_at = timestamp(&self.from_day, &self.from_time)
            .ok_or_else(|| tr("Başlangıç gününü ve saatini giriniz."))?;
        let ends_at = timestamp(&self.until_day, &self.until_time)
            .ok_or_else(|| tr("Bitiş gününü ve saatini giriniz."))?;
        if ends_at <= starts_at {
            return Err(tr("Bitiş, başlangıçtan sonra olmalıdır."));
        }
        Ok(Delegation { to, starts_at, ends_at })
    }
}

/// A day and a time in Turkey.
fn timestamp(day: &str, time: &str) -> Option<Timestamp> {
    let (day, time) = (day.parse::<Date>().ok()?, time.parse::<Time>().ok()?);
    Some(day.to_datetime(time).to_zoned(labels::istanbul()).ok()?.timestamp())
}

/// The viewer's delegation, as pages show it.
#[derive(Serialize)]
pub struct CurrentDelegation {
    to: String,
    from: String,
    until: String,
    /// Whether it is in force now.
    running: bool,
}

/// The viewer's delegation that is in force or is to come.
pub fn current(app: &App, viewer: &Viewer) -> Option<CurrentDelegation> {
    let now = app.clock.now();
    viewer.user.delegation.as_ref().filter(|lent| now < lent.ends_at).map(|lent| CurrentDelegation {
        to: app.users.full_name(&lent.to),
        from: labels::date_time(lent.starts_at),
        until: labels::date_time(lent.ends_at),
        running: lent.is_active(now),
    })
}

/// `GET /yetkimi-paylas`
pub async fn form(
    State(app): State<AppState>,
    viewer: Viewer,
    Query(params): Query<Params>,
) -> Result<Response, Problem> {
    let notice = match params.oldu.as_str() {
        "paylas" => tr("Yetkiniz paylaşıldı."),
        "geri-al" => tr("Paylaştığınız yetki geri alındı; bu andan itibaren geçersizdir."),
        _ => "",
    };
    page(&app, &viewer, &DelegationFields::proposed(app.clock.now()), notice, "")
}

/// `POST /yetkimi-paylas`
pub async fn submit(
    State(app): State<AppState>,
    viewer: Viewer,
    form: SubmittedForm,
) -> Result<Response, Problem> {
    let fields = DelegationFields::typed(&form);
    let delegation = match fields.delegation() {
        Ok(delegation) => delegation,
        Err(sentence) => return page(&app, &viewer, &fields, "", sentence),
    };
    let (name, body) = (viewer.user.name.clone(), UserCommandBody::Delegate { delegation });
    match execute(&app, &viewer, &form, form.command_id(), name, body).await {
        Ok(()) => Ok(Redirect::to(&with_query(PATH, [("oldu", "paylas")])).into_response()),
        Err(FormError::Refused(sentence)) => page(&app, &viewer, &fields, "", &sentence),
        Err(FormError::Problem(problem)) => Err(problem),
    }
}

/// The page with a form that was not executed.
pub async fn again(
    State(app): State<AppState>,
    viewer: Viewer,
    UnsentForm { form, why }: UnsentForm,
) -> Result<Response, Problem> {
    page(&app, &viewer, &DelegationFields::typed(&form), "", &why)
}

/// The data of `user/delegate.html`.
#[derive(Serialize)]
struct DelegatePage<'a> {
    /// The current delegation.
    lent: Option<CurrentDelegation>,
    fields: &'a DelegationFields,
    officers: Vec<Choice>,
    notice: &'a str,
    error: &'a str,
    version: u64,
    command: String,
}

/// The page with the form.
pub fn page(
    app: &App,
    viewer: &Viewer,
    fields: &DelegationFields,
    notice: &str,
    error: &str,
) -> Result<Response, Problem> {
    let officers = app.users.read(|users| {
        let officers = viewer.user.profile.unit.iter().flat_map(|unit| users.officers_of(unit));
        let label = |user: &User| format!("{} ({})", user.profile.full_name, user.name);
        sorted(officers.map(|user| Choice::new(&user.name, label(user), &fields.to)))
    });
    let data = DelegatePage {
        lent: current(app, viewer),
        fields,
        officers,
        notice,
        error,
        version: viewer.user.version,
        command: Uuid::now_v7().to_string(),
    };
    let html = render(app, viewer, tr("Yetkimi Paylaş"), "user/delegate.html", data)?;
    Ok(form_page(error, html))
}
