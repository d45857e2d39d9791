//! What a report is about, as its address says it: period, service, unit, governorate.

use ebasvuru_analytics::read::ReportFilter;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;

use crate::app::AppState;
use crate::choice::{Choice, sorted};
use crate::i18n::tr;
use crate::labels;
use crate::page::percent;

/// The longest period, in days: two years.
const LONGEST: i32 = 731;

/// The address of a report.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Params {
    /// The first day.
    pub bas: String,
    /// The last day.
    pub son: String,
    /// A service.
    pub hizmet: String,
    /// A unit.
    pub birim: String,
    /// A governorate's plate code.
    pub valilik: String,
    /// An officer; only of the list behind a number.
    pub sorumlu: String,
    /// A figure; only of the list behind a number.
    pub rakam: String,
    /// By which column of which table: `table.column`, descending with `-` before.
    pub sirala: String,
    /// Which table is taken out as CSV.
    pub tablo: String,
    /// Behind which row of a list.
    pub sonra: String,
    /// Before which row of a list.
    pub once: String,
}

/// A period in days, Turkey's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub from: Date,
    /// The last day.
    pub last: Date,
}

impl Period {
    /// So many days.
    pub fn days(self) -> i32 {
        self.from.until(self.last).map_or(0, |span| span.get_days()) + 1
    }

    /// The period of the same length just before.
    pub fn before(self) -> Self {
        let days = self.days().days();
        Self { from: self.from.saturating_sub(days), last: self.last.saturating_sub(days) }
    }

    /// Every day of it.
    pub fn each(self) -> impl Iterator<Item = Date> {
        self.from.series(1.day()).take_while(move |day| *day <= self.last)
    }
}

impl Params {
    /// The period asked for, and what was wrong with it: then it is the last 30 days.
    pub fn period(&self, today: Date) -> (Period, &'static str) {
        let usual = Period { from: today.saturating_sub(29.days()), last: today };
        if self.bas.is_empty() && self.son.is_empty() {
            return (usual, "");
        }
        let asked =
            self.bas.parse().ok().zip(self.son.parse().ok()).map(|(from, last)| Period { from, last });
        match asked {
            Some(period) if period.from <= period.last && period.days() <= LONGEST => (period, ""),
            _ => (usual, tr("Dönem en fazla iki yıl olmalı ve başlangıcı sonundan sonra gelmemelidir.")),
        }
    }

    /// The filter of a period of this place.
    pub fn filter(&self, period: Period) -> ReportFilter {
        let midnight = |day: Date| day.to_zoned(labels::istanbul()).ok().map(|start| start.timestamp());
        ReportFilter {
            from: midnight(period.from),
            until: period.last.tomorrow().ok().and_then(midnight),
            service: self.hizmet.parse().ok(),
            unit: self.birim.parse().ok(),
            valilik: self.valilik.parse::<u8>().ok().and_then(|plate| plate.try_into().ok()),
        }
    }

    /// The same about another period, in addresses.
    pub fn of(&self, period: Period) -> Self {
        Self { bas: period.from.to_string(), son: period.last.to_string(), ..self.clone() }
    }

    /// An address with these parameters.
    pub fn address(&self, path: &str) -> String {
        let parts: Vec<String> = [
            ("bas", &self.bas),
            ("son", &self.son),
            ("hizmet", &self.hizmet),
            ("birim", &self.birim),
            ("valilik", &self.valilik),
            ("sorumlu", &self.sorumlu),
            ("rakam", &self.rakam),
            ("sirala", &self.sirala),
            ("tablo", &self.tablo),
            ("sonra", &self.sonra),
            ("once", &self.once),
        ]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={}", percent(value)))
        .collect();
        if parts.is_empty() { path.to_owned() } else { format!("{path}?{}", parts.join("&")) }
    }

    /// The same list from its first row.
    pub fn first(&self) -> Self {
        Self { sonra: String::new(), once: String::new(), ..self.clone() }
    }

    /// The list of exactly what a figure counts.
    pub fn behind(&self, figure: &str) -> String {
        let bare = Self { sirala: String::new(), tablo: String::new(), ..self.first() };
        Self { rakam: figure.to_owned(), ..bare }.address("/raporlama/basvurular")
    }

    /// Only what narrows: what goes along from one report to the next.
    pub fn carried(&self) -> Self {
        Self {
            rakam: String::new(),
            sorumlu: String::new(),
            sirala: String::new(),
            tablo: String::new(),
            ..self.first()
        }
    }
}

/// Services, units (of the governorate, if one is chosen) and governorates, each in Turkish order.
pub fn choices(app: &AppState, params: &Params) -> [Vec<Choice>; 3] {
    let catalog = &app.catalog;
    let services = catalog.services().map(|s| Choice::new(&s.slug, &s.title, &params.hizmet));
    let of = params.valilik.parse::<u8>().ok();
    let units = catalog.units().filter(|unit| of.is_none_or(|plate| unit.valilik.plate() == plate));
    let units = units.map(|unit| Choice::new(&unit.id, &unit.title, &params.birim));
    let valilikler = catalog.valilikler();
    let valilikler = valilikler.map(|(valilik, name)| Choice::new(valilik.plate(), name, &params.valilik));
    [sorted(services), sorted(units), sorted(valilikler)]
}
