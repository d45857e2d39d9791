//! The filters of reports, as their addresses hold them: period, service, unit, valilik.

use ebasvuru_analytics::read::{Figure, ReportFilter};
use ebasvuru_workflow::domain::catalog::{ServiceSlug, UnitId, Valilik};
use jiff::ToSpan;
use jiff::civil::Date;
use serde::Deserialize;

use crate::view::address::with_query;
use crate::view::i18n::{fill, tr};
use crate::view::labels;
use crate::view::{Choice, sorted, with_unlisted};
use crate::web::app::App;

/// The path of the list behind a figure.
pub const LIST_PATH: &str = "/raporlama/basvurular";
/// The longest period, in days: two years.
const MAX_DAYS: i32 = 731;

/// The query of a report, and of the list behind a figure.
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
    /// A valilik's plate code.
    pub valilik: String,
    /// An officer; for the list only.
    pub sorumlu: String,
    /// A figure; for the list only.
    pub rakam: String,
    /// The table and column to sort by: `table.column`, or `table.-column` for descending.
    pub sirala: String,
    /// The table to export as CSV.
    pub tablo: String,
    /// The row after which a page of the list begins.
    pub sonra: String,
    /// The row before which a page of the list ends.
    pub once: String,
}

/// A period of days in Turkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first day.
    pub from: Date,
    /// The last day.
    pub last: Date,
}

impl Period {
    /// Its number of days.
    pub fn days(self) -> i32 {
        self.from.until(self.last).map_or(0, |span| span.get_days()) + 1
    }

    /// The period of the same length before it.
    pub fn before(self) -> Self {
        let days = self.days().days();
        Self { from: self.from.saturating_sub(days), last: self.last.saturating_sub(days) }
    }

    /// Its days.
    pub fn each(self) -> impl Iterator<Item = Date> {
        self.from.series(1.day()).take_while(move |day| *day <= self.last)
    }
}

impl Params {
    /// The requested period; the last 30 days if none is requested.
    ///
    /// # Errors
    /// The sentence for a period that cannot be, and for a filter that names nothing: without it, the
    /// numbers would be those of another question.
    pub fn period(&self, app: &App, today: Date) -> Result<Period, String> {
        if let Some(unknown) = self.unknown(app) {
            let sentence = "{filter}: listede olmayan bir değer seçilmiş.";
            return Err(fill(sentence, &[("filter", &tr(unknown))]));
        }
        if self.bas.is_empty() && self.son.is_empty() {
            return Ok(Period { from: today.saturating_sub(29.days()), last: today });
        }
        let (Ok(from), Ok(last)) = (self.bas.parse(), self.son.parse()) else {
            return Err(tr("Başlangıç ve bitiş tarihini giriniz.").to_owned());
        };
        let period = Period { from, last };
        if from > last {
            Err(tr("Başlangıç tarihi bitiş tarihinden sonra olamaz.").to_owned())
        } else if period.days() > MAX_DAYS {
            Err(tr("Dönem en fazla iki yıl olabilir.").to_owned())
        } else {
            Ok(period)
        }
    }

    /// The label of the first filter whose value names nothing.
    fn unknown(&self, app: &App) -> Option<&'static str> {
        let catalog = &app.catalog;
        let service = || self.hizmet.parse().is_ok_and(|slug| catalog.service(&slug).is_some());
        let unit = || self.birim.parse().is_ok_and(|unit| catalog.unit(&unit).is_some());
        let valilik = || self.valilik.parse().is_ok_and(|plate| Valilik::from_plate(plate).is_some());
        let officer = || self.sorumlu.parse().is_ok_and(|name| app.users.get(&name).is_some());
        let checks: [(&'static str, &str, &dyn Fn() -> bool); 5] = [
            ("Hizmet", &self.hizmet, &service),
            ("Birim", &self.birim, &unit),
            ("Valilik", &self.valilik, &valilik),
            ("Sorumlu", &self.sorumlu, &officer),
            ("Gösterge", &self.rakam, &|| Figure::named(&self.rakam).is_some()),
        ];
        checks.into_iter().find(|(_, value, known)| !value.is_empty() && !known()).map(|(label, ..)| label)
    }

    /// The figure whose applications are listed.
    pub fn figure(&self) -> Option<&'static Figure> {
        Figure::named(&self.rakam).or_else(|| Figure::named("total"))
    }

    /// The filter for a period.
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

    /// The same query for another period.
    pub fn of(&self, period: Period) -> Self {
        Self { bas: period.from.to_string(), son: period.last.to_string(), ..self.clone() }
    }

    /// The address with this query.
    pub fn address(&self, path: &str) -> String {
        let parameters = [
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
        .map(|(name, value)| (name, value.as_str()));
        with_query(path, parameters)
    }

    /// The first page of the same list.
    pub fn first(&self) -> Self {
        Self { sonra: String::new(), once: String::new(), ..self.clone() }
    }

    /// The address of the list of what a figure counts.
    pub fn behind(&self, figure: &str) -> String {
        let bare = Self { sirala: String::new(), tablo: String::new(), ..self.first() };
        Self { rakam: figure.to_owned(), ..bare }.address(LIST_PATH)
    }

    /// The filters only, for the links to other reports.
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

/// The services, the units (of the chosen valilik, if any) and the valilikler.
pub fn choices(app: &App, params: &Params) -> [Vec<Choice>; 3] {
    let catalog = &app.catalog;
    let services = catalog.services().map(|s| Choice::new(&s.slug, &s.title, &params.hizmet));
    let of = params.valilik.parse::<u8>().ok();
    let units = catalog.units().filter(|unit| of.is_none_or(|plate| unit.valilik.plate() == plate));
    let units = units.map(|unit| Choice::new(&unit.id, &unit.title, &params.birim));
    let valilikler = catalog.valilikler();
    let valilikler = valilikler.map(|(valilik, name)| Choice::new(valilik.plate(), name, &params.valilik));
    let service: Option<ServiceSlug> = params.hizmet.parse().ok();
    let unit: Option<UnitId> = params.birim.parse().ok();
    [
        with_unlisted(sorted(services), &params.hizmet, service.is_some(), || params.hizmet.clone()),
        with_unlisted(sorted(units), &params.birim, unit.is_some(), || {
            unit.map_or_else(|| params.birim.clone(), |unit| app.unit_name(&unit))
        }),
        with_unlisted(sorted(valilikler), &params.valilik, false, || params.valilik.clone()),
    ]
}
