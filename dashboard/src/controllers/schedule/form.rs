//! The form of a scheduled report.

use axum::response::Response;
use ebasvuru_workflow::budget;
use ebasvuru_workflow::domain::calendar::day_of;
use ebasvuru_workflow::domain::schedule::{BadRecipient, Recipient, Schedule, ScheduleTerms, Timing};
use ebasvuru_workflow::domain::text;
use jiff::civil::Time;
use serde::Serialize;
use uuid::Uuid;

use super::command::OFF;
use super::list::next;
use super::words::{self, OutcomeView};
use crate::controllers::report::{ReportQuery, period_of};
use crate::view::i18n::{say, tr};
use crate::view::{Choice, labels};
use crate::web::app::App;
use crate::web::form::{FormError, SubmittedForm};
use crate::web::guard::Viewer;
use crate::web::page::{form_page, render};
use crate::web::problem::Problem;

/// The fields of the form.
#[derive(Debug, Serialize)]
pub struct ScheduleFields {
    /// The address of the report with its filters.
    report: String,
    name: String,
    period: String,
    cadence: String,
    time: String,
    /// One on each line.
    recipients: String,
}

impl ScheduleFields {
    /// The proposal for a report: the week before, on Mondays.
    pub fn proposed(report: &str) -> Self {
        Self {
            report: report.into(),
            name: String::new(),
            period: "gecen-hafta".into(),
            cadence: "hafta-1".into(),
            time: "08:30".into(),
            recipients: String::new(),
        }
    }

    /// As they were typed.
    pub fn typed(form: &SubmittedForm) -> Self {
        Self {
            report: form.text("rapor"),
            name: text::line(&form.text("ad")),
            period: form.text("donem"),
            cadence: form.text("siklik"),
            time: form.text("saat"),
            recipients: form.text("alicilar"),
        }
    }

    /// As they are kept.
    pub fn of(schedule: &Schedule) -> Self {
        let terms = &schedule.terms;
        Self {
            report: terms.report.to_string(),
            name: terms.name.clone(),
            period: words::period_slug(terms.period).into(),
            cadence: words::cadence_slug(terms.timing.cadence),
            time: terms.timing.time.strftime("%H:%M").to_string(),
            recipients: terms.recipients.iter().map(Recipient::as_str).collect::<Vec<_>>().join("\n"),
        }
    }

    /// What they say.
    ///
    /// # Errors
    /// The sentence that says what is wrong.
    pub fn terms(&self, app: &App) -> Result<ScheduleTerms, FormError> {
        let Some(mailer) = &app.mailer else { return Err(FormError::refused(OFF)) };
        let query = ReportQuery::parse(&self.report).ok_or_else(|| FormError::refused(NO_REPORT))?;
        query.check(app, day_of(app.clock.now())).map_err(FormError::Refused)?;
        if self.name.is_empty() {
            return Err(FormError::refused("Ad boş bırakılamaz."));
        }
        let too_long = labels::too_long(tr("Ad"), &self.name, budget::SCHEDULE_NAME_CHARS);
        too_long.map_or(Ok(()), |sentence| Err(FormError::Refused(sentence)))?;
        let time: Time =
            self.time.parse().map_err(|_| FormError::refused("Saati giriniz, örneğin 08:30."))?;
        let recipients = self.recipients().map_err(|BadRecipient(typed)| {
            FormError::Refused(say!(
                "“{typed}” bir e-posta adresi değildir; her satıra bir adres yazınız.",
                typed = typed
            ))
        })?;
        if let Some(other) = recipients.iter().find(|recipient| !mailer.allows(recipient)) {
            let sentence = say!(
                "{recipient} adresine gönderilemez; izin verilen alan adları: {domains}.",
                recipient = other,
                domains = mailer.domains().join(", ")
            );
            return Err(FormError::Refused(sentence));
        }
        Ok(ScheduleTerms {
            name: self.name.clone(),
            report: query.address().ok_or_else(|| FormError::refused(NO_REPORT))?,
            period: words::parse_period(&self.period).ok_or_else(|| FormError::refused("Dönemi seçiniz."))?,
            timing: Timing {
                cadence: words::parse_cadence(&self.cadence)
                    .ok_or_else(|| FormError::refused("Sıklığı seçiniz."))?,
                time,
            },
            recipients,
        })
    }

    fn recipients(&self) -> Result<Vec<Recipient>, BadRecipient> {
        let typed = self.recipients.split(['\n', ',', ';']).map(text::trim).filter(|typed| !typed.is_empty());
        typed.map(str::parse).collect()
    }
}

/// Said of an address that is no report's.
const NO_REPORT: &str =
    "Zamanlanacak rapor bulunamadı; raporun sayfasındaki “Zamanla” bağlantısını kullanınız.";

/// The data of `schedule/form.html`.
#[derive(Serialize)]
struct FormPage<'a> {
    fields: &'a ScheduleFields,
    /// The report and its filters, and the address of its page.
    report: String,
    page: String,
    periods: Vec<Choice>,
    cadences: Vec<Choice>,
    domains: String,
    most: usize,
    name_chars: usize,
    notice: &'a str,
    error: &'a str,
    /// Said if no mail server is configured.
    off: &'static str,
    /// The schedule; none for a new one.
    kept: Option<Kept>,
    command: String,
    command_send: String,
}

/// A schedule that exists.
#[derive(Serialize)]
struct Kept {
    id: String,
    version: u64,
    active: bool,
    next: String,
    sending: bool,
    last: Option<OutcomeView>,
}

/// The page with the form of `schedule`; `None` for a new one.
pub fn page(
    app: &App,
    viewer: &Viewer,
    schedule: Option<&Schedule>,
    fields: &ScheduleFields,
    notice: &str,
    error: &str,
) -> Result<Response, Problem> {
    let now = app.clock.now();
    let query = ReportQuery::parse(&fields.report);
    let period = words::parse_period(&fields.period);
    let address = |query: &ReportQuery| period.map(|it| query.address_of(period_of(it, day_of(now))));
    let data = FormPage {
        fields,
        report: query.as_ref().map_or_else(|| fields.report.clone(), |query| query.words(app)),
        page: query.as_ref().and_then(address).unwrap_or_default(),
        periods: words::period_choices(&fields.period),
        cadences: words::cadence_choices(&fields.cadence),
        domains: app.mailer.as_ref().map(|mailer| mailer.domains().join(", ")).unwrap_or_default(),
        most: budget::RECIPIENTS,
        name_chars: budget::SCHEDULE_NAME_CHARS,
        notice,
        error,
        off: if app.mailer.is_some() { "" } else { tr(OFF) },
        kept: schedule.map(|schedule| Kept {
            id: schedule.id.to_string(),
            version: schedule.edited_version,
            active: schedule.active,
            next: next(app, schedule, now),
            sending: schedule.is_sending(now),
            last: schedule.sending.as_ref().map(|sending| words::outcome(app, sending, now)),
        }),
        command: Uuid::now_v7().to_string(),
        command_send: Uuid::now_v7().to_string(),
    };
    let title = tr(schedule.map_or("Raporu zamanla", |_| "Zamanlanmış rapor"));
    let html = render(app, viewer, title, "schedule/form.html", data)?;
    Ok(form_page(error, html))
}
