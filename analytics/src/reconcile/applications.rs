//! Compares the latest versions of the applications. An application that was received anew has another
//! number, and counts as another application.

use std::collections::HashMap;

use clickhouse::{Client, Row};
use ebasvuru_workflow::domain::ids::ApplicationNo;
use ebasvuru_workflow::log::{Log, LogError, Position, Record, Start};
use ebasvuru_workflow::message::StateRecord;
use serde::Deserialize;
use tokio::runtime::Handle;
use uuid::Uuid;

use super::{Applications, EXAMPLES, ReconcileError};
use crate::cut::Cut;
use crate::read::sql::{Table, bind_cut};
use crate::sink::Source;

/// Both topics have the same keys and so the same partitions. One partition of both fits in memory.
const SOURCES: [Source; 2] = [Source::Applications, Source::Archive];

/// An application: its id, and the number that it got when it was received.
type ApplicationKey = (Uuid, ApplicationNo);

#[derive(Row, Deserialize)]
struct StoredVersion {
    #[serde(with = "clickhouse::serde::uuid")]
    id: Uuid,
    no: String,
    version: u64,
    /// Whether the sink has committed the record of one of its rows.
    settled: bool,
}

pub fn compare(
    log: &dyn Log,
    client: &Client,
    runtime: &Handle,
) -> Result<Vec<Applications>, ReconcileError> {
    let mut committed = Vec::new();
    for source in SOURCES {
        committed.push((source, log.committed(source.group(), source.topic())?, log.bounds(source.topic())?));
    }
    let count = committed.iter().map(|(_, _, bounds)| bounds.len()).max().unwrap_or(0);
    let mut partitions = Vec::new();
    for partition in 0..i32::try_from(count).unwrap_or(i32::MAX) {
        let mut found = Applications { partition, ..Applications::default() };
        let mut latest = HashMap::new();
        let mut until = Vec::new();
        for (source, positions, bounds) in &committed {
            let Some(bounds) = bounds.iter().find(|b| b.partition == partition) else { continue };
            let position = positions.iter().find(|p: &&Position| p.partition == partition);
            let committed = position.map_or(bounds.low, |p| p.offset);
            found.lag += (bounds.high - committed).max(0);
            until.push(committed);
            read(log, source.topic(), partition, committed, &mut latest)?;
        }
        let [applications, archive] = until[..] else { continue };
        let rows = runtime.block_on(rows(client, partition, applications, archive))?;
        found.add(latest, &rows);
        partitions.push(found);
    }
    Ok(partitions)
}

/// Collects the latest version of every snapshot before `until`.
fn read(
    log: &dyn Log,
    topic: &str,
    partition: i32,
    until: i64,
    latest: &mut HashMap<ApplicationKey, u64>,
) -> Result<(), LogError> {
    let Some(low) = log.bounds(topic)?.iter().find(|b| b.partition == partition).map(|b| b.low) else {
        return Ok(());
    };
    if low >= until {
        return Ok(());
    }
    let mut each = |record: Record| {
        if record.offset >= until || record.value.is_none() {
            return;
        }
        if let Ok(StateRecord::Application(application)) = StateRecord::from_record(&record) {
            let version = latest.entry((application.id.0, application.no)).or_default();
            *version = application.version.max(*version);
        }
    };
    log.reader(topic, Start::at(partition, low))?.catch_up(&mut each)
}

async fn rows(
    client: &Client,
    partition: i32,
    applications: i64,
    archive: i64,
) -> Result<Vec<StoredVersion>, clickhouse::error::Error> {
    let cut = Cut::read(client).await?;
    let sql = format!(
        "SELECT id, no, max(version) AS version,
             max(offset < if(topic = {{archive:String}}, {{archived:Int64}}, {{open:Int64}})) AS settled
         FROM (
             SELECT id, no, version, topic, offset FROM open_applications
             WHERE partition = {{partition:Int32}}
             UNION ALL
             SELECT id, no, version, topic, offset FROM {} AND partition = {{partition:Int32}}
         ) GROUP BY id, no",
        Table::Closed.from()
    );
    bind_cut(client.query_raw(&sql), &cut)
        .param("archive", Source::Archive.topic())
        .param("archived", archive)
        .param("open", applications)
        .param("partition", partition)
        .fetch_all()
        .await
}

impl Applications {
    fn add(&mut self, mut latest: HashMap<ApplicationKey, u64>, rows: &[StoredVersion]) {
        self.in_log = latest.len() as u64;
        self.in_clickhouse = rows.len() as u64;
        for row in rows {
            let key = row.no.parse().ok().map(|no| (row.id, no));
            match key.and_then(|key| latest.remove(&key)) {
                Some(version) if row.version < version => self.behind += 1,
                // The sink wrote it before the log compacted the record away, or somebody else did.
                None if row.settled => self.extra += 1,
                _ => continue,
            }
            self.example(row.id);
        }
        self.missing = latest.len() as u64;
        latest.into_keys().take(EXAMPLES).for_each(|(id, _)| self.example(id));
    }

    fn example(&mut self, id: Uuid) {
        if self.examples.len() < EXAMPLES {
            self.examples.push(id.to_string());
        }
    }
}
