//! Where applications stand, and how long each step takes.

use ebasvuru_analytics::read::{Figure, STAGE_TIME_DEFINITION_TR};

use super::Asked;
use crate::controllers::report::chart;
use crate::controllers::report::table::{Cell, Column, Section, Table, figure_cell};
use crate::labels;
use crate::problem::Problem;

/// The way of an application, step by step, then its ends.
const STEPS: [&str; 7] =
    ["unassigned", "assigned", "awaiting_approval", "positive", "negative", "lapsed", "withdrawn"];

pub async fn build(asked: &Asked<'_>) -> Result<Vec<Section>, Problem> {
    let filter = asked.params.filter(asked.period);
    let (figures, times) =
        tokio::try_join!(asked.app.read.figures(&filter, asked.now), asked.app.read.stage_times(&filter))?;
    let narrow = asked.params.carried().of(asked.period);
    let steps: Vec<&Figure> = STEPS.iter().filter_map(|key| Figure::named(key)).collect();
    #[expect(clippy::cast_precision_loss, reason = "a share")]
    let share = |key| match figures.total {
        0 => Cell::None,
        total => Cell::Share(figures.get(key) as f64 / total as f64),
    };
    let standing = Table {
        columns: ["Aşama", "Başvuru", "Pay"].map(Column::of).into(),
        rows: steps
            .iter()
            .map(|step| {
                vec![Cell::text(step.label_tr), figure_cell(step, &narrow, &figures), share(step.key)]
            })
            .collect(),
    };
    #[expect(clippy::cast_precision_loss, reason = "a bar")]
    let bars: Vec<_> =
        steps.iter().map(|step| (step.label_tr.to_owned(), figures.get(step.key) as f64)).collect();
    let sentence = format!("{} başvurunun {} tanesi açık.", figures.total, figures.open);
    let words = chart::Words { id: "surec-grafik", title: "Başvurular nerede", sentence: &sentence };
    let taken = Table {
        columns: ["Aşama", "Çıkış sayısı", "Süre (ortanca)", "Süre (%90)"].map(Column::of).into(),
        rows: times
            .iter()
            .map(|time| {
                vec![
                    Cell::text(labels::stage(time.stage, None)),
                    Cell::count(time.times),
                    Cell::Time(time.median_ms),
                    Cell::Time(time.p90_ms),
                ]
            })
            .collect(),
    };
    Ok(vec![
        Section {
            slug: "nerede",
            title: words.title.into(),
            definition: "Dönemde alınan başvuruların şu anda bulundukları aşama.",
            chart: Some(chart::bars(&words, &bars)?),
            folded: false,
            table: standing,
        },
        Section {
            slug: "adimlar",
            title: "Her aşama ne kadar sürüyor".into(),
            definition: STAGE_TIME_DEFINITION_TR,
            chart: None,
            folded: false,
            table: taken,
        },
    ])
}
