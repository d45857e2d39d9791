//! The filters of reports, as their addresses hold them: period, service, unit, valilik.

use std::collections::BTreeMap;
use std::str::FromStr;

use ebasvuru_analytics::read::overview::Measure;
use ebasvuru_analytics::read::{Moment, ReportFilter};
use ebasvuru_workflow::domain::catalog::{ServiceSlug, UnitId, Valilik};
use ebasvuru_workflow::domain::schedule::ReportPeriod;
use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::bucket::Bucket;
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
    /// The plate code of the valilik whose units they are in, wherever they were made.
    pub il: String,
    /// A kind of unit.
    pub tur: String,
    /// An officer; for the list only.
    pub sorumlu: String,
    /// A measure or figure; for the list only.
    pub rakam: String,
    /// A part of it, as a chart divides it; for the list only.
    pub dilim: String,
    /// The table and column to sort by: `table.column`, or `table.-column` for descending.
    pub sirala: String,
    /// The number that a map shows, or the cells of a cross table.
    pub olcu: String,
    /// The group of rows that is unfolded.
    pub ac: String,
    /// The table to export as CSV.
    pub tablo: String,
    /// The row after which a page of the list begins.
    pub sonra: String,
    /// The row before which a page of the list ends.
    pub once: String,
    /// The number of a page of the list.
    pub sayfa: String,
    /// The report that one came from to the list.
    pub geri: String,
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

/// The days of a relative period, seen from `today`.
pub fn period_of(period: ReportPeriod, today: Date) -> Period {
    let (from, last) = period.days(today);
    Period { from, last }
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
        let (Some(from), Some(last)) = (exactly(&self.bas), exactly(&self.son)) else {
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
        let service = || exactly(&self.hizmet).is_some_and(|slug| catalog.service(&slug).is_some());
        let unit = || exactly(&self.birim).is_some_and(|unit| catalog.unit(&unit).is_some());
        let valilik = || exactly(&self.valilik).is_some_and(|plate| Valilik::from_plate(plate).is_some());
        let officer = || exactly(&self.sorumlu).is_some_and(|name| app.users.get(&name).is_some());
        let home = || exactly(&self.il).is_some_and(|plate| Valilik::from_plate(plate).is_some());
        let kind = || exactly(&self.tur).is_some_and(|slug| catalog.unit_type(&slug).is_some());
        let figure = self.measure().map_or("", |measure| measure.key);
        let bucket = || Bucket::named(&self.dilim).is_some_and(|bucket| bucket.divides(figure));
        let checks: [(&'static str, &str, &dyn Fn() -> bool); 8] = [
            ("Hizmet", &self.hizmet, &service),
            ("Birim", &self.birim, &unit),
            ("Valilik", &self.valilik, &valilik),
            ("Birimin valiliği", &self.il, &home),
            ("Birim türü", &self.tur, &kind),
            ("Sorumlu", &self.sorumlu, &officer),
            ("Gösterge", &self.rakam, &|| Measure::named(&self.rakam).is_some()),
            ("Dilim", &self.dilim, &bucket),
        ];
        checks.into_iter().find(|(_, value, known)| !value.is_empty() && !known()).map(|(label, ..)| label)
    }

    /// The measure or figure whose applications are listed.
    pub fn measure(&self) -> Option<Measure> {
        Measure::named(&self.rakam).or_else(|| Measure::named("total"))
    }

    /// The filter for a period.
    pub fn filter(&self, period: Period) -> ReportFilter {
        let midnight = |day: Date| day.to_zoned(labels::istanbul()).ok().map(|start| start.timestamp());
        let valilik = |plate: &str| plate.parse::<u8>().ok().and_then(|plate| plate.try_into().ok());
        ReportFilter {
            from: midnight(period.from),
            until: period.last.tomorrow().ok().and_then(midnight),
            service: self.hizmet.parse().ok(),
            unit: self.birim.parse().ok(),
            home: valilik(&self.il),
            unit_type: self.tur.parse().ok(),
            valilik: valilik(&self.valilik),
            moment: Moment::Received,
        }
    }

    /// The same query for another period.
    pub fn of(&self, period: Period) -> Self {
        Self { bas: period.from.to_string(), son: period.last.to_string(), ..self.clone() }
    }

    /// The same query for the units of a valilik.
    pub fn in_units_of(&self, valilik: Valilik) -> Self {
        Self { il: valilik.plate().to_string(), ..self.clone() }
    }

    /// The same query for a bucket with this name.
    pub fn of_bucket(&self, slug: impl Into<String>) -> Self {
        Self { dilim: slug.into(), ..self.clone() }
    }

    /// Whether a map is shown. Of one governorate, 80 tiles would be empty.
    pub const fn has_map(&self) -> bool {
        self.valilik.is_empty()
    }

    /// The address with this query.
    pub fn address(&self, path: &str) -> String {
        let parameters = [
            ("bas", &self.bas),
            ("son", &self.son),
            ("hizmet", &self.hizmet),
            ("birim", &self.birim),
            ("valilik", &self.valilik),
            ("il", &self.il),
            ("tur", &self.tur),
            ("sorumlu", &self.sorumlu),
            ("rakam", &self.rakam),
            ("dilim", &self.dilim),
            ("olcu", &self.olcu),
            ("sirala", &self.sirala),
            ("ac", &self.ac),
            ("tablo", &self.tablo),
            ("sonra", &self.sonra),
            ("once", &self.once),
            ("sayfa", &self.sayfa),
            ("geri", &self.geri),
        ]
        .map(|(name, value)| (name, value.as_str()));
        with_query(path, parameters)
    }

    /// The first page of the same list.
    pub fn first(&self) -> Self {
        Self { sonra: String::new(), once: String::new(), sayfa: String::new(), ..self.clone() }
    }

    /// The address of the list of what a figure counts.
    pub fn behind(&self, figure: &str) -> String {
        let (sorumlu, dilim) = (self.sorumlu.clone(), self.dilim.clone());
        Self { rakam: figure.to_owned(), sorumlu, dilim, ..self.carried() }.address(LIST_PATH)
    }

    /// Without what is for lists only.
    pub fn without_list(&self) -> Self {
        let (sirala, ac, tablo) = (self.sirala.clone(), self.ac.clone(), self.tablo.clone());
        Self { sirala, ac, tablo, ..self.of_report() }
    }

    /// What the files of the same report need.
    pub fn of_report(&self) -> Self {
        Self { olcu: self.olcu.clone(), ..self.carried() }
    }

    /// The filters only, for the links to other reports.
    pub fn carried(&self) -> Self {
        Self {
            bas: self.bas.clone(),
            son: self.son.clone(),
            hizmet: self.hizmet.clone(),
            birim: self.birim.clone(),
            valilik: self.valilik.clone(),
            il: self.il.clone(),
            tur: self.tur.clone(),
            ..Self::default()
        }
    }
}

/// The value of a text that is written exactly so: an address has one form, which can also stand in the
/// name of a file.
fn exactly<T: FromStr + ToString>(text: &str) -> Option<T> {
    text.parse().ok().filter(|value: &T| value.to_string() == text)
}

/// What the filters can be: the services, the units (of the chosen valilik and kind, if any), the
/// valilikler, the valilikler again for their units, and the kinds of units.
#[derive(Serialize)]
pub struct Choices {
    services: Vec<Choice>,
    units: Vec<Choice>,
    valilikler: Vec<Choice>,
    homes: Vec<Choice>,
    unit_types: Vec<Choice>,
}

impl Choices {
    /// Those of this query.
    pub fn of(app: &App, params: &Params) -> Self {
        let catalog = &app.catalog;
        let services = catalog.services().map(|s| Choice::new(&s.slug, &s.title, &params.hizmet));
        let of = |plate: &str| plate.parse::<u8>().ok();
        let (of_valilik, of_home) = (of(&params.valilik), of(&params.il));
        let units = catalog.units().filter(|unit| {
            [of_valilik, of_home].iter().flatten().all(|plate| unit.valilik.plate() == *plate)
                && (params.tur.is_empty() || unit.unit_type.as_str() == params.tur)
        });
        let units = units.map(|unit| Choice::new(&unit.id, &unit.title, &params.birim));
        let valilikler = |chosen: &str| {
            let all = catalog.valilikler();
            let all = all.map(|(valilik, name)| Choice::new(valilik.plate(), name, chosen));
            with_unlisted(sorted(all), chosen, false, || chosen.to_owned())
        };
        let kinds: BTreeMap<_, _> = catalog
            .units()
            .filter_map(|unit| catalog.unit_type(&unit.unit_type))
            .map(|kind| (kind.slug.as_str(), kind.title.as_str()))
            .collect();
        let kinds = kinds.into_iter().map(|(slug, title)| Choice::new(slug, title, &params.tur));
        let service: Option<ServiceSlug> = params.hizmet.parse().ok();
        let unit: Option<UnitId> = params.birim.parse().ok();
        Self {
            services: with_unlisted(sorted(services), &params.hizmet, service.is_some(), || {
                params.hizmet.clone()
            }),
            units: with_unlisted(sorted(units), &params.birim, unit.is_some(), || {
                unit.map_or_else(|| params.birim.clone(), |unit| app.unit_name(&unit))
            }),
            valilikler: valilikler(&params.valilik),
            homes: valilikler(&params.il),
            unit_types: with_unlisted(sorted(kinds), &params.tur, false, || params.tur.clone()),
        }
    }
}
