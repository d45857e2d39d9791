//! The lag of each process, and the messages that were not accepted.

use std::sync::Arc;

use ebasvuru_workflow::log::lag::lag;
use ebasvuru_workflow::log::{Log, LogError, group, topic};

use super::{ReportRequest, dead_letter};
use crate::controllers::report::table::{Cell, Column, Section, Table};
use crate::view::i18n::{current_language, tr, with_language};
use crate::web::problem::Problem;

/// The consumer groups: label, group, topic.
const GROUPS: [(&str, &str, &str); 6] = [
    ("Başvuru alma (ingest)", group::INGEST, topic::SUBMISSIONS),
    ("İş akışı (workflow)", group::WORKFLOW, topic::COMMANDS),
    ("Raporlama: olaylar", group::ANALYTICS_EVENTS, topic::EVENTS),
    ("Raporlama: başvurular", group::ANALYTICS_APPLICATIONS, topic::APPLICATIONS),
    ("Raporlama: sonuçlananlar", group::ANALYTICS_ARCHIVE, topic::ARCHIVE),
    ("Raporlama: erişim kayıtları", group::ANALYTICS_AUDIT, topic::AUDIT),
];

pub async fn build(request: &ReportRequest<'_>) -> Result<Vec<Section>, Problem> {
    let (log, catalog) = (Arc::clone(&request.app.log), Arc::clone(&request.app.catalog));
    let language = current_language();
    let read = tokio::task::spawn_blocking(move || {
        with_language(language, || -> Result<_, LogError> {
            Ok((behind(log.as_ref())?, dead_letter::sections(log.as_ref(), &catalog)?))
        })
    });
    let (behind, dead) = read.await.map_err(|error| Problem::Internal(error.to_string()))??;
    let columns = ["Süreç", "Kayıt kanalı", "Bekleyen", "En eskisi"].iter().map(|c| Column::of(c)).collect();
    let lag = Section {
        slug: "gecikme",
        title: tr("İşlenmeyi bekleyen kayıtlar").into(),
        definition: "Her sürecin okuduğu kayıt kanalında henüz işlemediği kayıt sayısı. Sürekli büyüyen bir sayı, sürecin durduğunu ya da yetişemediğini gösterir.",
        chart: None,
        folded: false,
        table: Table { columns, rows: behind, ..Table::default() },
    };
    Ok(std::iter::once(lag).chain(dead).collect())
}

fn behind(log: &dyn Log) -> Result<Vec<Vec<Cell>>, LogError> {
    GROUPS
        .iter()
        .map(|(label, group, topic)| {
            let lag = lag(log, group, topic)?;
            let waiting = lag.iter().map(|lag| u64::try_from(lag.records).unwrap_or(0)).sum();
            let oldest = lag.iter().filter_map(|lag| lag.oldest).min();
            let oldest = oldest.map_or(Cell::None, Cell::Moment);
            Ok(vec![Cell::text(tr(label)), Cell::text(*topic), Cell::count(waiting), oldest])
        })
        .collect()
}
