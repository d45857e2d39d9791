//! Renews the name indexes of rows that a former version received, so that they are found by every
//! spelling that finds a new one.
//!
//! The log keeps what that version wrote; the sink, which has no key, copies it. Whoever has the key ring
//! therefore runs this beside the sink. A row is written again with its own version, and of two rows of
//! one version ClickHouse keeps the later; a newer version wins over both.

use clickhouse::Client;
use clickhouse::error::Error;
use ebasvuru_workflow::domain::application::Application;
use ebasvuru_workflow::seal::{CURRENT_NAME_INDEX, Sealer};

use crate::sink::insert::append;
use crate::sink::row::ApplicationRow;
use crate::sweep::{PersonRow, SnapshotRow};

/// Rows are written again in blocks of about this many bytes of snapshots.
const BLOCK_BYTES: usize = 8 << 20;
/// And of this many rows at most.
const BLOCK_ROWS: usize = 2_000;

/// What [`renew_name_indexes`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Renewed {
    /// Rows with a new index.
    pub renewed: u64,
    /// Rows that keep their former index, because their content cannot be opened. They are found as
    /// before the upgrade.
    pub kept: u64,
}

/// The months with rows of a former index, superseded ones too.
const MONTHS: &str = "SELECT toYYYYMM(received_at) AS month FROM open_applications
     WHERE NOT startsWith(name_index[1], ?) GROUP BY month ORDER BY month SETTINGS max_threads = 1";

/// The current rows of a month with a former index. Their keys are looked up in any version first,
/// without FINAL, which would read all rows of the month.
const ROWS: &str = "SELECT ?fields FROM open_applications FINAL
     WHERE toYYYYMM(received_at) = ? AND NOT startsWith(name_index[1], ?)
     AND (valilik, service, id) IN (SELECT valilik, service, id FROM open_applications
         WHERE toYYYYMM(received_at) = ? AND NOT startsWith(name_index[1], ?))
     SETTINGS max_threads = 1";

/// The closed applications that are found by a former index alone.
const CLOSED: &str = "SELECT ?fields FROM closed_snapshots WHERE (unit, received_at, id) IN (
         SELECT unit, received_at, id FROM closed_people WHERE former)
     AND (unit, received_at, id) NOT IN (
         SELECT unit, received_at, id FROM closed_people WHERE NOT former AND startsWith(person, ?)
         AND (unit, received_at, id) IN (SELECT unit, received_at, id FROM closed_people WHERE former))
     ORDER BY no LIMIT 1 BY no";

/// Renews every row with a former index; costs one reading of one column where there is none.
///
/// # Errors
/// ClickHouse's. Run it again to continue.
pub async fn renew_name_indexes(client: &Client, sealer: &Sealer) -> Result<Renewed, Error> {
    let months: Vec<u32> = client.query(MONTHS).bind(CURRENT_NAME_INDEX).fetch_all().await?;
    let mut done = Renewed::default();
    for month in months {
        renew_month(client, sealer, month, &mut done).await?;
    }
    let former: u64 = client.query("SELECT count() FROM closed_people WHERE former").fetch_one().await?;
    if former > 0 {
        renew_closed(client, sealer, &mut done).await?;
    }
    Ok(done)
}

/// A closed application is found by further rows; its mask stays as it was.
async fn renew_closed(client: &Client, sealer: &Sealer, done: &mut Renewed) -> Result<(), Error> {
    let mut rows = client.query(CLOSED).bind(CURRENT_NAME_INDEX).fetch::<SnapshotRow>()?;
    let mut people = Vec::new();
    while let Some(row) = rows.next().await? {
        let application: Option<Application> = serde_json::from_str(&row.snapshot).ok();
        let Some(applicant) = application.and_then(|application| sealer.renewed_applicant(&application))
        else {
            done.kept += 1;
            continue;
        };
        done.renewed += 1;
        people.extend(applicant.name_index.into_iter().map(|person| PersonRow {
            person,
            unit: row.unit.clone(),
            received_at: row.received_at,
            id: row.id,
            former: false,
        }));
        if people.len() >= BLOCK_ROWS {
            append(client, "closed_people", people.drain(..)).await?;
        }
    }
    append(client, "closed_people", people.drain(..)).await
}

async fn renew_month(client: &Client, sealer: &Sealer, month: u32, done: &mut Renewed) -> Result<(), Error> {
    let query = client.query(ROWS).bind(month).bind(CURRENT_NAME_INDEX);
    let mut rows = query.bind(month).bind(CURRENT_NAME_INDEX).fetch::<ApplicationRow>()?;
    let (mut block, mut bytes) = (Vec::new(), 0);
    while let Some(mut row) = rows.next().await? {
        let application: Option<Application> = serde_json::from_str(&row.snapshot).ok();
        let Some(applicant) = application.and_then(|application| sealer.renewed_applicant(&application))
        else {
            done.kept += 1;
            continue;
        };
        // A name without letters has an empty index, now and again.
        if row.name_index == applicant.name_index {
            continue;
        }
        row.masked_name = applicant.masked_name;
        row.name_index = applicant.name_index;
        bytes += row.snapshot.len();
        block.push(row);
        if bytes >= BLOCK_BYTES || block.len() >= BLOCK_ROWS {
            done.renewed += write(client, std::mem::take(&mut block)).await?;
            bytes = 0;
        }
    }
    done.renewed += write(client, block).await?;
    Ok(())
}

async fn write(client: &Client, block: Vec<ApplicationRow>) -> Result<u64, Error> {
    let rows = block.len() as u64;
    append(client, "open_applications", block.into_iter()).await?;
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use ebasvuru_workflow::log::{Position, Record};
    use ebasvuru_workflow::message::Message;
    use ebasvuru_workflow::seal::KeyRing;

    use super::*;
    use crate::read::tests::now;
    use crate::read::{ReadModel, Search, WorklistFilter};
    use crate::sink::Source;
    use crate::sink::tests::{database, number};
    use crate::sweep::sweep;

    /// Five snapshots and their key ring, written by the version before.
    fn former() -> (tempfile::TempDir, Sealer, Vec<Application>) {
        let folder = tempfile::tempdir().unwrap();
        let ring = folder.path().join("keyring.toml");
        let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/former");
        std::fs::copy(kept.join("keyring.toml"), &ring).unwrap();
        std::fs::set_permissions(&ring, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        let snapshots = std::fs::read_to_string(kept.join("applications.jsonl")).unwrap();
        let applications = snapshots.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        (folder, Sealer::new(Arc::new(KeyRing::load(&ring).unwrap())), applications)
    }

    async fn insert(client: &Client, applications: &[Application]) {
        let mut insert = client.insert::<ApplicationRow>("open_applications").await.unwrap();
        for application in applications {
            let record: Record = application.to_record().into_record(0, 0, application.received_at);
            insert.write(&ApplicationRow::of(&record).unwrap()).await.unwrap();
        }
        insert.end().await.unwrap();
    }

    async fn found(read: &ReadModel, sealer: &Sealer, typed: &str) -> Vec<String> {
        let search = Some(Search::NameIndex(sealer.name_search(typed)));
        let filter = WorklistFilter { search, ..WorklistFilter::default() };
        let rows = read.worklist(&filter, 10, now()).await.unwrap().rows;
        rows.into_iter().map(|row| row.masked_name).collect()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_the_version_before_received_is_found_by_every_spelling() {
        let (_folder, sealer, applications) = former();
        let client = database().await;
        insert(&client, &applications).await;
        let read = ReadModel::new(client.clone());
        // Before: as that version found them.
        assert_eq!(found(&read, &sealer, "KÂZIM âdemoğluzade").await.len(), 1);
        assert_eq!(found(&read, &sealer, "Kazim").await.len(), 0);

        let renewed = renew_name_indexes(&client, &sealer).await.unwrap();
        assert_eq!(renewed, Renewed { renewed: 5, kept: 0 });
        for (typed, mask) in [
            ("Kazim", "K*** Â***"),
            ("KAZIM ADEMOĞLUZADE", "K*** Â***"),
            ("Kâzım", "K*** Â***"),
            ("SULE OZTURKMENOGLU", "Ş*** Ö***"),
            ("Şule Öztürkmenoğlu", "Ş*** Ö***"),
            ("Balıkçıoğullarından, Nazlıhan", "N*** B***"),
            ("öztürk", "F*** Y***"),
            ("Fatma Yıldız Öztürk", "F*** Y***"),
            ("cinarcik", "Ç*** Ç***"),
        ] {
            assert_eq!(found(&read, &sealer, typed).await, [mask], "{typed}");
        }
        assert_eq!(
            renew_name_indexes(&client, &sealer).await.unwrap(),
            Renewed::default(),
            "nothing is left"
        );
        assert_eq!(number(&client, "SELECT count() FROM open_applications FINAL").await, 5);

        // The sink of a rebuild writes the old rows again, and they are renewed again.
        client.query("TRUNCATE TABLE open_applications").execute().await.unwrap();
        insert(&client, &applications).await;
        assert_eq!(renew_name_indexes(&client, &sealer).await.unwrap().renewed, 5);
        client.query("OPTIMIZE TABLE open_applications FINAL").execute().await.unwrap();
        assert_eq!(found(&read, &sealer, "sule").await.len(), 1);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_newer_version_stays_and_an_erased_name_keeps_its_former_index() {
        let (folder, sealer, applications) = former();
        let client = database().await;
        insert(&client, &applications).await;
        // The sink writes the next version of one between the reading and the writing.
        let newer = Application {
            version: 2,
            applicant: sealer.renewed_applicant(&applications[0]).unwrap(),
            ..applications[0].clone()
        };
        insert(&client, std::slice::from_ref(&newer)).await;
        renew_name_indexes(&client, &sealer).await.unwrap();
        let read = ReadModel::new(client.clone());
        let stored = read.application(&newer.no).await.unwrap().unwrap();
        assert_eq!((stored.version, stored.application), (2, newer));

        let ring = KeyRing::load(&folder.path().join("keyring.toml")).unwrap();
        assert!(ring.destroy("standart-2026-11").unwrap());
        let sealer = Sealer::new(Arc::new(ring));
        client.query("TRUNCATE TABLE open_applications").execute().await.unwrap();
        insert(&client, &applications).await;
        assert_eq!(renew_name_indexes(&client, &sealer).await.unwrap(), Renewed { renewed: 0, kept: 5 });
        assert_eq!(found(&read, &sealer, "kâzım ÂDEMOĞLUZADE").await.len(), 1);
    }

    /// A closed application that a sweep has brought is renewed, too.
    #[tokio::test(flavor = "multi_thread")]
    async fn what_is_closed_is_found_by_every_spelling() {
        let (_folder, sealer, applications) = former();
        let client = database().await;
        let rows = applications.iter().enumerate().map(|(offset, application)| {
            let record: Record =
                application.to_record().into_record(0, offset as i64, application.received_at);
            let mut row = ApplicationRow::of(&record).unwrap();
            row.topic = Source::Archive.topic().into();
            row.stage = "closed".into();
            row.outcome = "positive".into();
            row.closed_at = Some(row.received_at + 3_600_000);
            row
        });
        append(&client, "open_applications", rows).await.unwrap();
        let committed = [Position { partition: 0, offset: 5, metadata: String::new() }];
        assert_eq!(sweep(&client, &committed, 0).await.unwrap().unwrap().applications, 5);
        client.query("TRUNCATE TABLE open_applications").execute().await.unwrap();
        let read = ReadModel::new(client.clone());
        assert_eq!(found(&read, &sealer, "KÂZIM âdemoğluzade").await.len(), 1);
        assert_eq!(found(&read, &sealer, "Kazim").await.len(), 0);
        assert_eq!(renew_name_indexes(&client, &sealer).await.unwrap(), Renewed { renewed: 5, kept: 0 });
        assert_eq!(found(&read, &sealer, "Kazim").await.len(), 1);
        assert_eq!(found(&read, &sealer, "KAZIM ADEMOĞLUZADE").await.len(), 1);
        assert_eq!(renew_name_indexes(&client, &sealer).await.unwrap(), Renewed::default());
    }
}
