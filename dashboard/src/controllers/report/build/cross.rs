//! Each service in each unit: for the country the units of each governorate together, for a
//! governorate or a kind of unit each unit.

use std::collections::{BTreeMap, HashMap};

use ebasvuru_analytics::read::{Figure, Figures, GroupRow, Totals, Wanted};
use ebasvuru_workflow::domain::catalog::{ServiceSlug, UnitId, Valilik};
use ebasvuru_workflow::domain::turkish::SortKey;

use super::ReportRequest;
use crate::controllers::report::filter::Params;
use crate::controllers::report::kind::ReportKind;
use crate::controllers::report::table::{Cell, Column, Section, TOTAL, Table, figure_cell};
use crate::view::Choice;
use crate::view::i18n::{say, tr};
use crate::web::problem::Problem;

/// What the cells show.
struct CrossValue {
    /// Its name in addresses.
    slug: &'static str,
    label: &'static str,
    kind: Kind,
}

enum Kind {
    /// A figure.
    Figure(&'static str),
    /// The part of one figure that another is.
    Share(&'static str, &'static str),
}

use Kind::{Figure as Of, Share};

/// The first is shown where none is chosen.
const VALUES: [CrossValue; 11] = [
    CrossValue { slug: "basvuru", label: "Gelen", kind: Of("total") },
    CrossValue { slug: "acik", label: "Hâlâ açık", kind: Of("open") },
    CrossValue { slug: "cevaplanan", label: "Cevaplanmış", kind: Of("answered") },
    CrossValue { slug: "olumlu", label: "Olumlu", kind: Of("positive") },
    CrossValue { slug: "olumsuz", label: "Olumsuz", kind: Of("negative") },
    CrossValue { slug: "olumlu-orani", label: "Olumlu oranı", kind: Share("positive", "answered") },
    CrossValue { slug: "olumsuz-orani", label: "Olumsuz oranı", kind: Share("negative", "answered") },
    CrossValue { slug: "sure", label: "Cevaplanmışlarda süre (ortanca)", kind: Of("response_median_ms") },
    CrossValue {
        slug: "suresinde-orani",
        label: "Süresinde cevaplanmış oranı",
        kind: Share("on_time", "judged"),
    },
    CrossValue { slug: "suresi-gecen", label: "Süresi geçmiş", kind: Of("overdue") },
    CrossValue { slug: "suresi-gecen-acik", label: "Süresi geçmiş, açık", kind: Of("overdue_open") },
];

impl CrossValue {
    fn chosen(params: &Params) -> &'static Self {
        VALUES.iter().find(|value| value.slug == params.olcu).unwrap_or(&VALUES[0])
    }

    /// Whether it is a response time.
    fn is_time(&self) -> bool {
        matches!(self.kind, Of(key) if key.ends_with("_ms"))
    }

    /// The cell of these figures, to which the query is narrowed, with the list behind it.
    fn cell(&self, params: &Params, figures: &Figures) -> Cell {
        match self.kind {
            Of(key) => {
                Figure::named(key).map_or(Cell::None, |figure| match figure_cell(figure, params, figures) {
                    Cell::Time(ms) => Cell::Time(ms).linked(params.behind("answered")),
                    cell => cell,
                })
            }
            Share(part, whole) => match figures.get(whole) {
                0 => Cell::None,
                n => Cell::Share(figures.get(part) as f64 / n as f64).linked(params.behind(part)),
            },
        }
    }
}

/// The values to choose from.
pub fn choices(params: &Params) -> Vec<Choice> {
    let chosen = CrossValue::chosen(params).slug;
    VALUES.iter().map(|value| Choice::new(value.slug, tr(value.label), chosen)).collect()
}

/// What a row is of.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Row {
    Home(Valilik),
    Unit(UnitId),
}

impl Row {
    fn of(row: &GroupRow) -> Option<Self> {
        row.unit.clone().map(Self::Unit).or_else(|| row.valilik.map(Self::Home))
    }

    fn name(&self, request: &ReportRequest<'_>) -> String {
        match self {
            Self::Home(valilik) => request.app.catalog.valilik_name(*valilik).to_owned(),
            Self::Unit(unit) => request.app.unit_name(unit),
        }
    }

    fn narrow(&self, params: &Params) -> Params {
        match self {
            Self::Home(valilik) => params.in_units_of(*valilik),
            Self::Unit(unit) => Params { birim: unit.to_string(), ..params.clone() },
        }
    }

    /// Where it leads: from a governorate to its units, from a unit to its services.
    fn href(&self, params: &Params) -> String {
        let narrow = self.narrow(params);
        match self {
            Self::Home(_) => Params { olcu: params.olcu.clone(), ..narrow }.address(ReportKind::Cross.path()),
            Self::Unit(_) => narrow.carried().address(ReportKind::Services.path()),
        }
    }
}

pub async fn build(request: &ReportRequest<'_>) -> Result<Vec<Section>, Problem> {
    let params = request.params;
    let is_narrow = [&params.il, &params.birim, &params.tur].iter().any(|it| !it.is_empty());
    let totals = if is_narrow { Totals::UnitAndService } else { Totals::HomeAndService };
    let value = CrossValue::chosen(params);
    let wanted = if value.is_time() { Wanted::All } else { Wanted::Counts };
    let found = request.app.read.totals(totals, wanted, &params.filter(request.period), request.now).await?;
    Ok(vec![Section {
        slug: "capraz",
        title: say!("Hizmet × Birim: {value}", value = tr(value.label)),
        definition: "Her hücre, satırın birimlerinde o hizmetin dönemde gelen başvurularından hesaplanan göstergedir. Başvuru, şu an bulunduğu birimde sayılır. Toplamlar kendi başvurularından hesaplanır: ortanca, ortancaların ortalaması değildir. Hücre ne kadar koyuysa (koyu temada ne kadar açıksa) sayı o kadar büyüktür.",
        chart: None,
        folded: false,
        table: table(request, is_narrow, value, &found),
    }])
}

fn table(request: &ReportRequest<'_>, of_units: bool, value: &CrossValue, found: &[GroupRow]) -> Table {
    let narrow = Params { olcu: request.params.olcu.clone(), ..request.params.carried().of(request.period) };
    let mut cells = HashMap::<(Option<Row>, Option<&ServiceSlug>), &Figures>::new();
    for row in found {
        cells.insert((Row::of(row), row.service.as_ref()), &row.figures);
    }
    let mut rows: Vec<Row> = found.iter().filter_map(Row::of).collect();
    rows.sort_unstable();
    rows.dedup();
    rows.sort_by_cached_key(|row| SortKey::of(&row.name(request)));
    let services: BTreeMap<_, _> =
        found.iter().filter_map(|row| row.service.as_ref()).map(|it| (it, ())).collect();
    let mut services: Vec<&ServiceSlug> = services.into_keys().collect();
    services.sort_by_cached_key(|service| SortKey::of(&request.app.service_name(service)));

    let line = |row: Option<&Row>, head: Cell| {
        let of_row = row.map_or_else(|| narrow.clone(), |row| row.narrow(&narrow));
        let whole = std::iter::once((None, of_row.clone()));
        let each = services
            .iter()
            .map(|service| (Some(*service), Params { hizmet: service.to_string(), ..of_row.clone() }));
        let cell = |(service, params): (Option<&ServiceSlug>, Params)| {
            let figures = cells.get(&(row.cloned(), service)).copied();
            figures.map_or(Cell::None, |figures| value.cell(&params, figures))
        };
        std::iter::once(head).chain(whole.chain(each).map(cell)).collect::<Vec<_>>()
    };
    let column = |service: &&ServiceSlug| Column {
        label: request.app.service_name(service),
        href: Params { hizmet: service.to_string(), ..narrow.carried() }.address(ReportKind::Units.path()),
        ..Column::of("")
    };
    let first = Column::of(if of_units { "Birim" } else { "Valilik" });
    Table {
        columns: [first, Column::of(TOTAL)].into_iter().chain(services.iter().map(column)).collect(),
        total: (!rows.is_empty()).then(|| line(None, Cell::text(tr(TOTAL)))),
        rows: rows
            .iter()
            .map(|row| line(Some(row), Cell::text(row.name(request)).linked(row.href(&narrow))))
            .collect(),
        // After the name of the row and its total.
        shaded_from: Some(2),
        ..Table::default()
    }
}
