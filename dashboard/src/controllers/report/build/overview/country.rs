//! The map of the country: a tile for each valilik, with a choice of the number that it shows.

use std::collections::HashMap;

use ebasvuru_analytics::read::figure::days;
use ebasvuru_analytics::read::overview::{
    Happened, Measure, ON_TIME_RATE_DEFINITION_TR, ON_TIME_RATE_TR, RESPONSE_MEDIAN_DEFINITION_TR,
    RESPONSE_MEDIAN_TR, Standing,
};
use ebasvuru_workflow::domain::catalog::Valilik;

use super::{Overview, ReportRequest};
use crate::controllers::report::filter::Params;
use crate::controllers::report::kind::ReportKind;
use crate::controllers::report::map;
use crate::controllers::report::table::{Cell, Column, Section, Table, share_cell};
use crate::view::i18n::{say, tr};
use crate::view::labels;
use crate::web::problem::Problem;

/// A number that the map shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Received,
    Open,
    Overdue,
    OnTime,
    Response,
}

impl Shown {
    const ALL: [Self; 5] = [Self::Received, Self::Open, Self::Overdue, Self::OnTime, Self::Response];

    /// Its name in the address; none for the first.
    const fn slug(self) -> &'static str {
        match self {
            Self::Received => "",
            Self::Open => "acik",
            Self::Overdue => "suresi-gecmis",
            Self::OnTime => "oran",
            Self::Response => "sure",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::OnTime => tr(ON_TIME_RATE_TR),
            Self::Response => tr(RESPONSE_MEDIAN_TR),
            _ => self.measure().map_or("", |measure| tr(measure.label_tr)),
        }
    }

    fn definition(self) -> &'static str {
        match self {
            Self::OnTime => ON_TIME_RATE_DEFINITION_TR,
            Self::Response => RESPONSE_MEDIAN_DEFINITION_TR,
            _ => self.measure().map_or("", |measure| measure.definition_tr),
        }
    }

    /// What it counts; none for what is no count.
    fn measure(self) -> Option<Measure> {
        let key = match self {
            Self::Received => "total",
            Self::Open => "open_now",
            Self::Overdue => "overdue_now",
            Self::OnTime | Self::Response => return None,
        };
        Measure::named(key)
    }

    fn of(self, happened: &Happened, standing: &Standing) -> Option<f64> {
        match self {
            Self::Received => Some(happened.received as f64),
            Self::Open => Some(standing.open as f64),
            Self::Overdue => Some(standing.overdue as f64),
            // As shown, with one decimal: what looks equal has one colour.
            Self::OnTime => happened.on_time_rate().map(|rate| (rate * 1000.0).round() / 1000.0),
            Self::Response => happened.response_median().map(|ms| (days(ms) * 10.0).round() / 10.0),
        }
    }

    fn words(self, value: f64) -> String {
        match self {
            // No count comes near 2^53.
            Self::Received | Self::Open | Self::Overdue => labels::thousands(value as u64),
            Self::OnTime => labels::share(value),
            Self::Response => labels::decimal(value, 1),
        }
    }
}

pub fn section(request: &ReportRequest<'_>, overview: &Overview) -> Result<Section, Problem> {
    let shown = Shown::ALL.into_iter().find(|shown| shown.slug() == request.params.olcu);
    let shown = shown.unwrap_or(Shown::Received);
    let narrow = request.params.carried().of(request.period);
    let happened: HashMap<Valilik, Happened> = overview.happenings.by_valilik.iter().copied().collect();
    let of = |valilik: &Valilik| {
        let happened = happened.get(valilik).copied().unwrap_or_default();
        (happened, overview.stands.by_valilik.get(valilik).copied().unwrap_or_default())
    };
    let place = |(valilik, name): (Valilik, _)| {
        let (happened, standing) = of(&valilik);
        let there = Params { valilik: valilik.plate().to_string(), ..narrow.clone() };
        let href = there.address(ReportKind::Overview.path());
        map::Place { valilik, name, value: shown.of(&happened, &standing), href }
    };
    let places: Vec<_> = request.app.catalog.valilikler().map(place).collect();
    let on_map = map::Shown {
        label: shown.label(),
        unit: if shown == Shown::Response { tr("gün") } else { "" },
        words: &|value| shown.words(value),
        is_count: shown.measure().is_some(),
        choices: choices(request, &narrow, shown),
    };
    Ok(Section {
        slug: "harita",
        title: say!("Valilik haritası: {measure}", measure = shown.label()),
        definition: map::COLOURS,
        chart: Some(map::render(&on_map, &places)?),
        folded: true,
        table: table(request, &narrow, &of),
    })
}

/// The numbers that the map can show: address, name, and whether it is this one.
fn choices(request: &ReportRequest<'_>, narrow: &Params, shown: Shown) -> Vec<(String, &'static str, bool)> {
    let choice = |other: Shown| {
        let params =
            Params { olcu: other.slug().to_owned(), sirala: request.params.sirala.clone(), ..narrow.clone() };
        (format!("{}#harita", params.address(ReportKind::Overview.path())), other.label(), other == shown)
    };
    Shown::ALL.map(choice).into()
}

fn table(
    request: &ReportRequest<'_>,
    narrow: &Params,
    of: &dyn Fn(&Valilik) -> (Happened, Standing),
) -> Table {
    let column = |shown: Shown| Column { definition: shown.definition(), ..Column::of(shown.label()) };
    let columns = std::iter::once(Column::of("Valilik")).chain(Shown::ALL.map(column)).collect();
    let rows = request.app.catalog.valilikler().map(|(valilik, name)| {
        let (happened, standing) = of(&valilik);
        let there = Params { valilik: valilik.plate().to_string(), ..narrow.clone() };
        let cells = Shown::ALL.map(|shown| match (shown, shown.measure()) {
            (Shown::Response, _) => happened.response_median().map_or(Cell::None, Cell::Time),
            (_, None) => share_cell(happened.on_time_rate()),
            (_, Some(measure)) => {
                let count = shown.of(&happened, &standing).unwrap_or_default();
                Cell::Count(count as u64, there.behind(measure.key))
            }
        });
        std::iter::once(Cell::text(name)).chain(cells).collect()
    });
    Table { columns, rows: rows.collect(), ..Table::default() }
}
