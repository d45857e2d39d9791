//! What each officer holds now, and what has become of what they held.

use ebasvuru_analytics::read::{Figures, GroupRow, Totals, Wanted};

use super::{ReportRequest, by_home};
use crate::controllers::report::filter::Params;
use crate::controllers::report::table::{Cell, Column, Line, ON_TIME_RATE, Section, Shown};
use crate::view::i18n::{say, tr};
use crate::web::problem::Problem;

/// What became of the applications of the period.
const AFTERWARDS: [&str; 8] = [
    "total",
    "open",
    "positive",
    "negative",
    "overdue_open",
    "overdue_closed",
    ON_TIME_RATE,
    "response_median_ms",
];

pub async fn build(request: &ReportRequest<'_>) -> Result<Vec<Section>, Problem> {
    let filter = request.params.filter(request.period);
    let of_all_periods = filter.clone().of_all_periods();
    let read = &request.app.read;
    let (held, of_period) = tokio::try_join!(
        read.totals(Totals::OfficerInHome, Wanted::Open, &of_all_periods, request.now),
        read.totals(Totals::OfficerInHome, Wanted::All, &filter, request.now)
    )?;
    let size = |n| say!("{n} Sorumlu", n = n);
    let line = |narrow: &Params, row: &GroupRow| officer(request, narrow, row);
    let label = "Valilik|Sorumlu|Birim";
    let load = of_officers(Shown { columns: Box::new(load_columns), cells: Box::new(load_cells) });
    let afterwards = of_officers(Shown::figures(&AFTERWARDS));
    Ok(vec![
        Section {
            slug: "uzerinde",
            title: tr("Sorumluların şu an üzerindeki başvurular").into(),
            definition: "Bu anda bir Sorumlunun üzerinde olan bütün başvurular, ne zaman gelmiş olursa olsun. Hiçbir Sorumlunun üzerinde olmayanlar (Teslim Bekliyor) burada yoktur.",
            chart: None,
            folded: false,
            table: by_home::table(request, label, &load, &held, line, size),
        },
        Section {
            slug: "donem",
            title: tr("Dönemde gelenlerden Sorumluların üzerine düşenler").into(),
            definition: "Başvuru, üzerinde olan Sorumluda sayılır; sonuçlanmışsa son üzerinde olan Sorumluda. Hiç teslim edilmemiş başvurular burada yoktur.",
            chart: None,
            folded: false,
            table: by_home::table(request, label, &afterwards, &of_period, line, size),
        },
    ])
}

fn officer(request: &ReportRequest<'_>, narrow: &Params, row: &GroupRow) -> Option<Line> {
    let (officer, unit) = (row.officer.as_ref()?, row.unit.as_ref()?);
    let params = Params { sorumlu: officer.to_string(), birim: unit.to_string(), ..narrow.clone() };
    let home = request.app.catalog.valilik_name(row.valilik?).to_owned();
    Some((vec![home, request.app.users.full_name(officer), request.app.unit_name(unit)], params, row.figures))
}

/// The same, with lists behind the numbers of one officer alone: a list for several would have the
/// applications too that nobody ever held.
fn of_officers(shown: Shown<'_>) -> Shown<'_> {
    let Shown { columns, cells } = shown;
    let cells = Box::new(move |params: &Params, figures: &Figures| {
        let cells = cells(params, figures).into_iter();
        cells.map(|cell| if params.sorumlu.is_empty() { cell.without_list() } else { cell }).collect()
    });
    Shown { columns, cells }
}

fn load_columns() -> Vec<Column> {
    ["Toplam", "Sorumlu Üzerinde", "Onay Bekliyor", "Ön Başvuru", "Şu an süresi geçmiş"]
        .map(Column::of)
        .into()
}

fn load_cells(params: &Params, figures: &Figures) -> Vec<Cell> {
    vec![
        Cell::Count(figures.open, params.behind("open_now")),
        Cell::count(figures.assigned),
        Cell::count(figures.awaiting_approval),
        Cell::count(figures.pre_application),
        Cell::Count(figures.overdue_open, params.behind("overdue_now")),
    ]
}
