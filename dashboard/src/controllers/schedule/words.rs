//! Scheduled reports in words: when, which days, what became of the last sending.

use ebasvuru_workflow::domain::actor::Actor;
use ebasvuru_workflow::domain::schedule::{Cadence, MonthDay, ReportPeriod, Sending, Timing};
use jiff::Timestamp;
use jiff::civil::Weekday;
use serde::Serialize;

use crate::view::i18n::{say, tr};
use crate::view::{Choice, labels};
use crate::web::app::App;

const WEEK: [(Weekday, &str); 7] = [
    (Weekday::Monday, "Her pazartesi"),
    (Weekday::Tuesday, "Her salı"),
    (Weekday::Wednesday, "Her çarşamba"),
    (Weekday::Thursday, "Her perşembe"),
    (Weekday::Friday, "Her cuma"),
    (Weekday::Saturday, "Her cumartesi"),
    (Weekday::Sunday, "Her pazar"),
];

/// The days of a schedule.
fn cadence(cadence: Cadence) -> String {
    match cadence {
        Cadence::Day => tr("Her gün").to_owned(),
        Cadence::Week { on } => {
            let named = WEEK.iter().find(|(day, _)| *day == on);
            tr(named.map_or("", |(_, words)| words)).to_owned()
        }
        Cadence::Month { on } => match i8::from(on) {
            day @ ..=28 => say!("Her ayın {day}. günü", day = day),
            31 => tr("Her ayın son günü").to_owned(),
            day => say!("Her ayın {day}. günü, kısa aylarda son günü", day = day),
        },
    }
}

/// When: "Her pazartesi 08:30".
pub fn timing(timing: Timing) -> String {
    format!("{} {}", cadence(timing.cadence), timing.time.strftime("%H:%M"))
}

/// The value of a cadence in forms.
pub fn cadence_slug(cadence: Cadence) -> String {
    match cadence {
        Cadence::Day => "gun".to_owned(),
        Cadence::Week { on } => format!("hafta-{}", on.to_monday_one_offset()),
        Cadence::Month { on } => format!("ay-{}", i8::from(on)),
    }
}

/// The cadences of forms.
fn cadences() -> impl Iterator<Item = Cadence> {
    let month = (1..=31).filter_map(|day| Some(Cadence::Month { on: MonthDay::try_from(day).ok()? }));
    std::iter::once(Cadence::Day).chain(WEEK.map(|(on, _)| Cadence::Week { on })).chain(month)
}

/// The cadence of a form's value.
pub fn parse_cadence(slug: &str) -> Option<Cadence> {
    cadences().find(|known| cadence_slug(*known) == slug)
}

/// The choices of the cadence.
pub fn cadence_choices(chosen: &str) -> Vec<Choice> {
    cadences().map(|known| Choice::new(cadence_slug(known), cadence(known), chosen)).collect()
}

/// The value of a period in forms, and its words.
const fn period_words(period: ReportPeriod) -> (&'static str, &'static str) {
    match period {
        ReportPeriod::Yesterday => ("dun", "Dün"),
        ReportPeriod::Last7Days => ("son-7-gun", "Son 7 gün (gönderildiği gün dâhil)"),
        ReportPeriod::Last30Days => ("son-30-gun", "Son 30 gün (gönderildiği gün dâhil)"),
        ReportPeriod::ThisWeek => ("bu-hafta", "Bu hafta (pazartesiden gönderildiği güne)"),
        ReportPeriod::LastWeek => ("gecen-hafta", "Geçen hafta"),
        ReportPeriod::ThisMonth => ("bu-ay", "Bu ay (ayın başından gönderildiği güne)"),
        ReportPeriod::LastMonth => ("gecen-ay", "Geçen ay"),
        ReportPeriod::ThisYear => ("bu-yil", "Bu yıl (yılın başından gönderildiği güne)"),
    }
}

/// A period in words.
pub fn period(period: ReportPeriod) -> &'static str {
    tr(period_words(period).1)
}

/// The value of a period in forms.
pub fn period_slug(period: ReportPeriod) -> &'static str {
    period_words(period).0
}

/// The period of a form's value.
pub fn parse_period(slug: &str) -> Option<ReportPeriod> {
    ReportPeriod::ALL.into_iter().find(|period| period_slug(*period) == slug)
}

/// The choices of the period.
pub fn period_choices(chosen: &str) -> Vec<Choice> {
    ReportPeriod::ALL.map(|it| Choice::new(period_slug(it), period(it), chosen)).into()
}

/// What became of a sending.
#[derive(Serialize)]
pub struct OutcomeView {
    /// In words.
    words: String,
    /// Whether it was broken off without an outcome.
    unknown: bool,
    /// The CSS class of the words.
    class: &'static str,
    /// When it was sent, or began.
    at: String,
    /// Who pressed "Şimdi Gönder".
    by: String,
    /// Said if earlier occurrences were missed.
    missed: String,
    /// Who got none, and why.
    undelivered: Vec<(String, String)>,
}

/// What became of a sending, at `now`.
pub fn outcome(app: &App, sending: &Sending, now: Timestamp) -> OutcomeView {
    let (words, class) = match &sending.outcome {
        None if !sending.is_over(now) => (tr("Gönderiliyor").to_owned(), "soon"),
        None => (tr("Sonucu bilinmiyor").to_owned(), "late"),
        Some(outcome) => match (outcome.delivered, outcome.undelivered.len()) {
            (n, 0) => (say!("{n} alıcıya gönderildi", n = n), "fine"),
            (0, _) => (tr("Gönderilemedi").to_owned(), "late"),
            (n, failed) => {
                let words = say!("{n} gönderildi, {failed} gönderilemedi", n = n, failed = failed);
                (words, "late")
            }
        },
    };
    let undelivered = sending.outcome.iter().flat_map(|outcome| &outcome.undelivered);
    OutcomeView {
        words,
        unknown: sending.outcome.is_none() && sending.is_over(now),
        class,
        at: labels::date_time(sending.outcome.as_ref().map_or(sending.started_at, |outcome| outcome.at)),
        by: match &sending.actor {
            Actor::Staff(name) => app.users.full_name(name),
            _ => String::new(),
        },
        missed: match sending.missed {
            0 => String::new(),
            n => say!("Bundan önceki {n} gönderim kaçırıldı; yalnızca sonuncusu gönderildi.", n = n),
        },
        undelivered: undelivered.map(|it| (it.to.to_string(), tr(&it.reason).to_owned())).collect(),
    }
}
