//! The lag of each process, and the dead letters.

use std::collections::BTreeMap;
use std::sync::Arc;

use ebasvuru_workflow::log::lag::lag;
use ebasvuru_workflow::log::{Log, LogError, Start, dead_letter, group, topic};

use super::ReportRequest;
use crate::controllers::report::table::{Cell, Column, Section, Table};
use crate::view::i18n::{current_language, tr, with_language};
use crate::web::problem::Problem;

/// The consumer groups: label, group, topic.
const GROUPS: [(&str, &str, &str); 5] = [
    ("Başvuru alma (ingest)", group::INGEST, topic::SUBMISSIONS),
    ("İş akışı (workflow)", group::WORKFLOW, topic::COMMANDS),
    ("Raporlama: olaylar", group::ANALYTICS_EVENTS, topic::EVENTS),
    ("Raporlama: başvurular", group::ANALYTICS_APPLICATIONS, topic::APPLICATIONS),
    ("Raporlama: sonuçlananlar", group::ANALYTICS_ARCHIVE, topic::ARCHIVE),
];

/// Dead letters are counted by reason among this many newest ones of each partition.
const NEWEST: i64 = 10_000;

pub async fn build(request: &ReportRequest<'_>) -> Result<Vec<Section>, Problem> {
    let log = Arc::clone(&request.app.log);
    let language = current_language();
    let read = tokio::task::spawn_blocking(move || {
        with_language(language, || -> Result<_, LogError> {
            Ok((behind(log.as_ref())?, dead_letters(log.as_ref())?))
        })
    });
    let (behind, dead) = read
        .await
        .map_err(|error| Problem::Internal(error.to_string()))?
        .map_err(|error| Problem::Unavailable("log", error.to_string()))?;
    let table =
        |columns: &[&str], rows| Table { columns: columns.iter().map(|c| Column::of(c)).collect(), rows };
    Ok(vec![
        Section {
            slug: "gecikme",
            title: tr("İşlenmeyi bekleyen kayıtlar").into(),
            definition: "Her sürecin okuduğu konuda henüz işlemediği kayıt sayısı. Sürekli büyüyen bir sayı, sürecin durduğunu ya da yetişemediğini gösterir.",
            chart: None,
            folded: false,
            table: table(&["Süreç", "Konu", "Bekleyen", "En eskisi"], behind),
        },
        Section {
            slug: "kabul-edilmeyen",
            title: tr("Kabul edilmeyen iletiler").into(),
            definition: "e-Devletten gelip kabul edilemeyen iletiler (edevlet.submissions.dlq), nedenine göre; her bölümün son 10.000 iletisi. Hiçbiri silinmez: `ebasvuru dlq list` gösterir, `ebasvuru dlq replay` yeniden işletir.",
            chart: None,
            folded: false,
            table: table(&["Neden", "İleti", "Son ileti"], dead),
        },
    ])
}

fn behind(log: &dyn Log) -> Result<Vec<Vec<Cell>>, LogError> {
    GROUPS
        .iter()
        .map(|(label, group, topic)| {
            let lag = lag(log, group, topic)?;
            let waiting = lag.iter().map(|lag| u64::try_from(lag.records).unwrap_or(0)).sum();
            let oldest = lag.iter().filter_map(|lag| lag.oldest).min();
            let oldest = oldest.map_or(Cell::None, |at| Cell::Text(crate::view::labels::date_time(at)));
            Ok(vec![Cell::text(tr(label)), Cell::text(*topic), Cell::count(waiting), oldest])
        })
        .collect()
}

fn dead_letters(log: &dyn Log) -> Result<Vec<Vec<Cell>>, LogError> {
    let mut reasons: BTreeMap<String, (u64, jiff::Timestamp)> = BTreeMap::new();
    for bounds in log.bounds(topic::DLQ)? {
        let offset = bounds.low.max(bounds.high - NEWEST);
        let mut reader = log.reader(topic::DLQ, Start::At { partition: bounds.partition, offset })?;
        reader.catch_up(&mut |record| {
            let reason = record.headers.iter().find(|(name, _)| name == dead_letter::REASON);
            let reason =
                reason.map_or_else(String::new, |(_, value)| String::from_utf8_lossy(value).into_owned());
            let entry = reasons.entry(reason).or_insert((0, record.timestamp));
            entry.0 += 1;
            entry.1 = entry.1.max(record.timestamp);
        })?;
    }
    let row = |(reason, (count, last)): (String, (u64, jiff::Timestamp))| {
        vec![Cell::Text(reason), Cell::count(count), Cell::Text(crate::view::labels::date_time(last))]
    };
    Ok(reasons.into_iter().map(row).collect())
}
