//! What has become of those received in the period. Not compared with the period before: its applications
//! have had longer to be answered.

use ebasvuru_analytics::read::figure::{ON_TIME_RATE_TR, part};
use ebasvuru_analytics::read::{FIGURES, Figure};

use super::{Overview, ReportRequest};
use crate::controllers::report::table::{Cell, Column, Section, Table, figure_cell, share_cell};
use crate::view::i18n::tr;

/// The counts with their parts of the whole, and the durations: one unit in each column.
pub fn sections(request: &ReportRequest<'_>, overview: &Overview) -> [Section; 2] {
    let chosen = request.params.carried().of(request.period);
    let figures = &overview.figures;
    let durations = |figure: &&Figure| figure.key.ends_with("_ms");
    let counts = FIGURES.iter().filter(|figure| !durations(figure)).map(|figure| {
        vec![
            Cell::text(tr(figure.label_tr)),
            figure_cell(figure, &chosen, figures),
            share_cell(part(figures.get(figure.key), figures.total)),
        ]
    });
    let rate = vec![Cell::text(tr(ON_TIME_RATE_TR)), Cell::None, share_cell(figures.on_time_rate())];
    let times = FIGURES
        .iter()
        .filter(durations)
        .map(|figure| vec![Cell::text(tr(figure.label_tr)), figure_cell(figure, &chosen, figures)]);
    [
        Section {
            slug: "genel",
            title: tr("Bütün sayılar: dönemde gelenlerin durumu").into(),
            definition: "Dönemde gelen başvurulardan bugüne kadar ne olduğu. Pay, gelenlerin tümüne oranıdır; yalnız “Süresinde cevaplanmış oranı”, süresinde cevaplanmış olanların, cevaplanmış olanlarla süresi geçmiş açık olanların toplamına oranıdır.",
            chart: None,
            folded: true,
            table: Table {
                columns: ["Gösterge", "Seçilen dönem", "Pay"].map(Column::of).into(),
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
                columns: ["Gösterge", "Seçilen dönem"].map(Column::of).into(),
                rows: times.collect(),
                ..Table::default()
            },
        },
    ]
}
