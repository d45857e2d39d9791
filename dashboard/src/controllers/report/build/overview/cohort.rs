//! What has become of those received in the period, and in the one before.

use ebasvuru_analytics::read::figure::{ON_TIME_RATE_TR, part};
use ebasvuru_analytics::read::{FIGURES, Figure, Figures};

use super::{Overview, ReportRequest};
use crate::controllers::report::table::{Cell, Column, Section, Table, figure_cell, share_cell};
use crate::view::i18n::tr;

/// The counts with their parts of the whole, and the durations: one unit in each column.
pub fn sections(request: &ReportRequest<'_>, overview: &Overview) -> [Section; 2] {
    let chosen = request.params.carried().of(request.period);
    let before = request.params.carried().of(request.period.before());
    let (now, then) = (&overview.figures, &overview.figures_before);
    let of_whole =
        |figure: &Figure, figures: &Figures| share_cell(part(figures.get(figure.key), figures.total));
    let durations = |figure: &&Figure| figure.key.ends_with("_ms");
    let counts = FIGURES.iter().filter(|figure| !durations(figure)).map(|figure| {
        vec![
            Cell::text(tr(figure.label_tr)),
            figure_cell(figure, &chosen, now),
            of_whole(figure, now),
            figure_cell(figure, &before, then),
            of_whole(figure, then),
        ]
    });
    let rate = vec![
        Cell::text(tr(ON_TIME_RATE_TR)),
        Cell::None,
        share_cell(now.on_time_rate()),
        Cell::None,
        share_cell(then.on_time_rate()),
    ];
    let times = FIGURES.iter().filter(durations).map(|figure| {
        vec![
            Cell::text(tr(figure.label_tr)),
            figure_cell(figure, &chosen, now),
            figure_cell(figure, &before, then),
        ]
    });
    let columns = ["Gösterge", "Seçilen dönem", "Pay", "Önceki dönem", "Önceki dönem, pay"];
    [
        Section {
            slug: "genel",
            title: tr("Bütün sayılar: dönemde gelenlerin durumu").into(),
            definition: "Bir dönemde gelen başvurulardan bugüne kadar ne olduğu. Pay, gelenlerin tümüne oranıdır; yalnız “Süresinde cevaplanmış oranı”, süresinde cevaplanmış olanların, cevaplanmış olanlarla süresi geçmiş açık olanların toplamına oranıdır. Önceki dönem, seçilen dönemden hemen önceki aynı uzunluktaki dönemdir.",
            chart: None,
            folded: true,
            table: Table {
                columns: columns.map(Column::of).into(),
                rows: counts.chain([rate]).collect(),
                ..Table::default()
            },
        },
        Section {
            slug: "sureler",
            title: tr("Dönemde gelenlerden cevaplanmış olanların süresi").into(),
            definition: Figure::named("response_median_ms").map_or("", |figure| figure.definition_tr),
            chart: None,
            folded: true,
            table: Table {
                columns: ["Gösterge", "Seçilen dönem", "Önceki dönem"].map(Column::of).into(),
                rows: times.collect(),
                ..Table::default()
            },
        },
    ]
}
