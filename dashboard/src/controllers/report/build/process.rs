//! The statuses of applications, and how long each takes.

use ebasvuru_analytics::read::{Figure, Figures, STAGE_TIME_DEFINITION_TR, Wanted};

use super::ReportRequest;
use crate::controllers::report::chart;
use crate::controllers::report::filter::Params;
use crate::controllers::report::table::{Cell, Column, Section, TOTAL, Table, figure_cell};
use crate::view::i18n::{say, tr};
use crate::view::labels;
use crate::web::problem::Problem;

/// The statuses in order, then the outcomes.
const STEPS: [&str; 7] =
    ["unassigned", "assigned", "awaiting_approval", "positive", "negative", "lapsed", "withdrawn"];

pub async fn build(request: &ReportRequest<'_>) -> Result<Vec<Section>, Problem> {
    let filter = request.params.filter(request.period);
    let (figures, times) = tokio::try_join!(
        request.app.read.figures(Wanted::Counts, &filter, request.now),
        request.app.read.status_times(&filter)
    )?;
    let narrow = request.params.carried().of(request.period);
    let steps: Vec<&Figure> = STEPS.iter().filter_map(|key| Figure::named(key)).collect();
    let share = |key| match figures.total {
        0 => Cell::None,
        total => Cell::Share(figures.get(key) as f64 / total as f64),
    };
    let standing = Table {
        columns: ["Aşama", "Başvuru", "Pay"].map(Column::of).into(),
        rows: steps
            .iter()
            .map(|step| {
                vec![Cell::text(tr(step.label_tr)), figure_cell(step, &narrow, &figures), share(step.key)]
            })
            .collect(),
        total: Figure::named("total").map(|total| {
            vec![Cell::text(tr(TOTAL)), figure_cell(total, &narrow, &figures), share(total.key)]
        }),
        ..Table::default()
    };
    let bar = |step: &&Figure| {
        chart::Bar::new(tr(step.label_tr).to_owned(), figures.get(step.key), narrow.behind(step.key))
    };
    let bars: Vec<_> = steps.iter().map(bar).collect();
    let sentence = say!(
        "Dönemde gelen {total} başvurudan hâlâ açık: {open}.",
        total = labels::thousands(figures.total),
        open = labels::thousands(figures.open)
    );
    let caption =
        chart::Caption { id: "surec-grafik", title: tr("Aşamalara dağılım"), sentence: &sentence };
    let taken = Table {
        columns: ["Aşama", "Çıkış sayısı", "Süre (ortanca)", "Süre (%90)"].map(Column::of).into(),
        rows: times
            .iter()
            .map(|time| {
                vec![
                    Cell::text(labels::status(time.status, None)),
                    Cell::count(time.times),
                    Cell::Time(time.median_ms),
                    Cell::Time(time.p90_ms),
                ]
            })
            .collect(),
        ..Table::default()
    };
    Ok(vec![
        funnel(&figures, &narrow)?,
        Section {
            slug: "nerede",
            title: caption.title.into(),
            definition: "Dönemde gelen başvuruların şu anda bulundukları aşama.",
            chart: Some(chart::bars(&caption, &bars)?),
            folded: true,
            table: standing,
        },
        Section {
            slug: "adimlar",
            title: tr("Aşamaların süresi").into(),
            definition: STAGE_TIME_DEFINITION_TR,
            chart: None,
            folded: false,
            table: taken,
        },
    ])
}

/// How far the applications have come: each step counts those that are in it or beyond it.
fn funnel(figures: &Figures, narrow: &Params) -> Result<Section, Problem> {
    let proposed = figures.awaiting_approval + figures.answered;
    let steps = [
        ("Gelen", figures.total, narrow.behind("total")),
        ("Bir Sorumluya ulaşmış", figures.assigned + proposed, String::new()),
        ("Onaya ulaşmış", proposed, String::new()),
        ("Cevaplanmış", figures.answered, narrow.behind("answered")),
    ];
    let part = |count: u64| count as f64 / figures.total.max(1) as f64;
    let bar = |(name, count, behind): &(&str, u64, String)| {
        chart::Bar::new(tr(name).to_owned(), *count, behind.clone())
    };
    let bars: Vec<_> = steps.iter().map(bar).collect();
    let sentence = say!(
        "Gelen {total} başvurudan cevaplanmış: {n}.",
        total = labels::thousands(figures.total),
        n = labels::thousands(figures.answered)
    );
    let caption = chart::Caption { id: "huni-grafik", title: tr("Aşama ilerlemesi"), sentence: &sentence };
    let row = |(name, count, behind): (&str, u64, String)| {
        vec![Cell::text(tr(name)), Cell::Count(count, behind), Cell::Share(part(count))]
    };
    Ok(Section {
        slug: "huni",
        title: caption.title.into(),
        definition: "Her satır, o aşamada olan ya da onu geçmiş başvuruları sayar. Geri çekilip yeniden “Teslim Bekliyor” olanlar, vazgeçilenler ve süre aşımıyla kapatılanlar yalnızca ilk satırdadır.",
        chart: Some(chart::bars(&caption, &bars)?),
        folded: true,
        table: Table {
            columns: ["Aşama", "Başvuru", "Pay"].map(Column::of).into(),
            rows: steps.into_iter().map(row).collect(),
            ..Table::default()
        },
    })
}
