//! Access to the file: appending, reading, positions.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, OptionalExtension, Transaction, TransactionBehavior, params};

use super::schema::{OFFSET_BITS, SCHEMA, VERSION, address, decode_headers, encode_headers, offset_of};
use crate::log::murmur2::partition_of;
use crate::log::{Bounds, LogError, Outgoing, Position, Record, Retention, TopicSpec};

/// How often the file is checked for writes of other processes.
const CHECK_EVERY: Duration = Duration::from_millis(20);

/// Wakes the readers of this process after it has written. Writes of other processes are found by
/// checking the file.
#[derive(Default)]
pub struct WriteNotifier {
    writes: Mutex<u64>,
    written: Condvar,
}

impl WriteNotifier {
    fn notify(&self) {
        *self.writes.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.written.notify_all();
    }

    fn writes(&self) -> u64 {
        *self.writes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until there have been more than `seen` writes, at most `wait`.
    fn wait(&self, seen: u64, wait: Duration) {
        let writes = self.writes.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.written.wait_timeout_while(writes, wait, |writes| *writes <= seen));
    }
}

/// The state of the file, to find out whether it was written since.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Version {
    /// The writes of this process.
    writes: u64,
    /// SQLite's `data_version`, which changes with the writes of others.
    data: i64,
}

/// A topic as the file has it.
#[derive(Clone, Copy, Debug)]
pub struct TopicRow {
    pub id: i64,
    pub partitions: i32,
    compacted: bool,
}

/// One connection to the file.
pub struct Store {
    path: PathBuf,
    connection: Connection,
    topics: HashMap<String, TopicRow>,
    notifier: Arc<WriteNotifier>,
}

/// The error of the log for an error of SQLite: what passes by itself, and what a person must fix.
pub fn error(path: &Path, e: &rusqlite::Error) -> LogError {
    let file = path.display();
    match e.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            LogError::Unavailable(format!("another process holds {file}: {e}"))
        }
        Some(ErrorCode::DiskFull) => {
            LogError::Unavailable(format!("the disk under {file} is full: make room, work goes on by itself"))
        }
        Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => LogError::Refused(format!(
            "{file} is not a readable log ({e}): restore it, or move it away to start with an empty log"
        )),
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            LogError::Refused(format!("{file} cannot be written ({e}): fix the folder's permissions"))
        }
        _ => LogError::Unavailable(format!("{file}: {e}")),
    }
}

impl Store {
    pub fn open(path: &Path, notifier: Arc<WriteNotifier>) -> Result<Self, LogError> {
        let wrap = |e: rusqlite::Error| error(path, &e);
        let connection = Connection::open(path).map_err(wrap)?;
        connection.busy_timeout(Duration::from_secs(30)).map_err(wrap)?;
        connection.set_prepared_statement_cache_capacity(64);
        connection
            .execute_batch(
                "PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=2000; PRAGMA cache_size=-16384; PRAGMA journal_size_limit=67108864;",
            )
            .map_err(wrap)?;
        Ok(Self { path: path.to_owned(), connection, topics: HashMap::new(), notifier })
    }

    pub fn create(&mut self) -> Result<(), LogError> {
        let version: i64 = self.read(|c| c.query_row("PRAGMA user_version", [], |r| r.get(0)))?;
        if version != 0 && version != VERSION {
            return Err(LogError::Refused(format!(
                "{} is of version {version}, this program writes version {VERSION}: use the program that wrote it",
                self.path.display()
            )));
        }
        self.write(|tx| tx.sql(|t| t.execute_batch(SCHEMA)))
    }

    /// Runs `f` in one transaction, which is synced when this returns, and wakes waiting readers.
    pub fn write<T>(&mut self, f: impl FnOnce(&mut Tx<'_>) -> Result<T, LogError>) -> Result<T, LogError> {
        let path = &self.path;
        let wrap = |e: rusqlite::Error| error(path, &e);
        let inner =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(wrap)?;
        let mut tx = Tx { inner, path, topics: &mut self.topics };
        let out = f(&mut tx)?;
        tx.inner.commit().map_err(wrap)?;
        self.notifier.notify();
        Ok(out)
    }

    /// The present state of the file.
    pub fn version(&self) -> Result<Version, LogError> {
        let writes = self.notifier.writes();
        let data = self.read(|c| c.prepare_cached("PRAGMA data_version")?.query_row([], |r| r.get(0)))?;
        Ok(Version { writes, data })
    }

    /// Waits for a write since `seen`; false if there was none until `until`.
    pub fn await_change(&self, seen: Version, until: Instant) -> Result<bool, LogError> {
        loop {
            let left = until.saturating_duration_since(Instant::now());
            self.notifier.wait(seen.writes, left.min(CHECK_EVERY));
            if self.version()? != seen {
                return Ok(true);
            }
            if left.is_zero() {
                return Ok(false);
            }
        }
    }

    pub fn topic(&mut self, name: &str) -> Result<TopicRow, LogError> {
        lookup(&self.connection, &self.path, &mut self.topics, name)
    }

    pub fn ensure_topics(&mut self, specs: &[TopicSpec]) -> Result<Vec<String>, LogError> {
        let mut differences = Vec::new();
        self.write(|tx| {
            for spec in specs {
                let retention = match spec.retention {
                    Retention::Compact => "compact".to_owned(),
                    Retention::Days(days) => days.to_string(),
                    Retention::Forever => "forever".to_owned(),
                };
                tx.sql(|t| {
                    t.execute(
                        "INSERT INTO topic(name, partitions, retention) VALUES(?1, ?2, ?3)
                         ON CONFLICT(name) DO UPDATE SET retention = excluded.retention",
                        params![spec.name, spec.partitions, retention],
                    )
                })?;
                let row = tx.topic(spec.name)?;
                if row.partitions != spec.partitions {
                    differences.push(format!(
                        "{} has {} partitions, the configuration says {}",
                        spec.name, row.partitions, spec.partitions
                    ));
                }
            }
            Ok(())
        })?;
        Ok(differences)
    }

    pub fn bounds(&mut self, topic: &str) -> Result<Vec<Bounds>, LogError> {
        let row = self.topic(topic)?;
        self.read(|c| {
            let mut low =
                c.prepare_cached("SELECT min(address) FROM record WHERE address >= ?1 AND address < ?2")?;
            let mut high = c.prepare_cached("SELECT next FROM tail WHERE topic = ?1 AND partition = ?2")?;
            (0..row.partitions)
                .map(|partition| {
                    let high: i64 =
                        high.query_row(params![row.id, partition], |r| r.get(0)).optional()?.unwrap_or(0);
                    let (from, to) = (address(row.id, partition, 0), address(row.id, partition + 1, 0));
                    let low: Option<i64> = low.query_row([from, to], |r| r.get(0))?;
                    Ok(Bounds { partition, low: low.map_or(high, offset_of), high })
                })
                .collect()
        })
    }

    pub fn positions(&mut self, group: &str, topic: &str) -> Result<Vec<Position>, LogError> {
        let row = self.topic(topic)?;
        self.read(|c| {
            c.prepare_cached(
                "SELECT partition, offset, metadata FROM position WHERE grp = ?1 AND topic = ?2 ORDER BY partition",
            )?
            .query_map(params![group, row.id], |r| {
                Ok(Position { partition: r.get(0)?, offset: r.get(1)?, metadata: r.get(2)? })
            })?
            .collect()
        })
    }

    /// Records of one partition from `offset` on: up to `max`, and no more once they have reached
    /// `max_bytes`.
    pub fn records(
        &mut self,
        name: &Arc<str>,
        partition: i32,
        offset: i64,
        max: usize,
        max_bytes: usize,
    ) -> Result<Vec<Record>, LogError> {
        let row = self.topic(name)?;
        let (from, to) = (address(row.id, partition, offset.max(0)), address(row.id, partition + 1, 0));
        self.read(|c| {
            let mut statement = c.prepare_cached(
                "SELECT address, at, key, value, headers FROM record
                 WHERE address >= ?1 AND address < ?2 ORDER BY address LIMIT ?3",
            )?;
            let rows = statement.query_map([from, to, i64::try_from(max).unwrap_or(i64::MAX)], |r| {
                Ok(Record {
                    topic: Arc::clone(name),
                    partition,
                    offset: offset_of(r.get(0)?),
                    timestamp: Timestamp::from_millisecond(r.get(1)?).unwrap_or(Timestamp::UNIX_EPOCH),
                    key: r.get::<_, Option<Vec<u8>>>(2)?.map(Bytes::from),
                    value: r.get::<_, Option<Vec<u8>>>(3)?.map(Bytes::from),
                    headers: r
                        .get::<_, Option<Vec<u8>>>(4)?
                        .map_or_else(Vec::new, |h| decode_headers(h.into())),
                })
            })?;
            let (mut records, mut bytes) = (Vec::new(), 0);
            for record in rows {
                let record: Record = record?;
                bytes += record.bytes();
                records.push(record);
                if bytes >= max_bytes {
                    break;
                }
            }
            Ok(records)
        })
    }

    pub fn read<T>(&self, f: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, LogError> {
        f(&self.connection).map_err(|e| error(&self.path, &e))
    }
}

fn lookup(
    connection: &Connection,
    path: &Path,
    cache: &mut HashMap<String, TopicRow>,
    name: &str,
) -> Result<TopicRow, LogError> {
    if let Some(row) = cache.get(name) {
        return Ok(*row);
    }
    let row = connection
        .query_row("SELECT id, partitions, retention FROM topic WHERE name = ?1", [name], |r| {
            Ok(TopicRow {
                id: r.get(0)?,
                partitions: r.get(1)?,
                compacted: r.get::<_, String>(2)? == "compact",
            })
        })
        .optional()
        .map_err(|e| error(path, &e))?
        .ok_or_else(|| LogError::Refused(format!("there is no topic {name}: run `ebasvuru topics`")))?;
    cache.insert(name.to_owned(), row);
    Ok(row)
}

/// An open transaction.
pub struct Tx<'a> {
    inner: Transaction<'a>,
    path: &'a Path,
    topics: &'a mut HashMap<String, TopicRow>,
}

impl Tx<'_> {
    pub fn sql<T>(&self, f: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, LogError> {
        f(&self.inner).map_err(|e| error(self.path, &e))
    }

    pub fn topic(&mut self, name: &str) -> Result<TopicRow, LogError> {
        lookup(&self.inner, self.path, self.topics, name)
    }

    /// Appends in order and returns the partition and offset of each record.
    pub fn append(&mut self, records: &[Outgoing]) -> Result<Vec<(i32, i64)>, LogError> {
        let mut appended = Vec::with_capacity(records.len());
        let mut next = HashMap::<(i64, i32), i64>::new();
        for (i, record) in records.iter().enumerate() {
            record.fits()?;
            let row = self.topic(record.topic)?;
            let partition = match (record.partition, &record.key) {
                (Some(partition), _) => partition,
                (None, Some(key)) => partition_of(key, row.partitions),
                // Records without a key are spread over the partitions; truncation does no harm.
                (None, None) => (i as i32 & 0x7fff_ffff) % row.partitions,
            };
            if !(0..row.partitions).contains(&partition) {
                return Err(LogError::Refused(format!("{} has no partition {partition}", record.topic)));
            }
            let offset = match next.get(&(row.id, partition)) {
                Some(offset) => *offset,
                None => self.sql(|t| {
                    t.prepare_cached("SELECT next FROM tail WHERE topic = ?1 AND partition = ?2")?
                        .query_row(params![row.id, partition], |r| r.get(0))
                        .optional()
                        .map(|next| next.unwrap_or(0))
                })?,
            };
            next.insert((row.id, partition), offset + 1);
            if row.compacted && record.key.is_none() {
                return Err(LogError::Refused(format!(
                    "{} is compacted: a record needs a key",
                    record.topic
                )));
            }
            let address = address(row.id, partition, offset);
            self.sql(|t| {
                if row.compacted {
                    t.prepare_cached(
                        "DELETE FROM record WHERE address >> 40 = ?1 AND key = ?2 AND compacted = 1",
                    )?
                    .execute(params![address >> OFFSET_BITS, record.key.as_deref()])?;
                }
                t.prepare_cached(
                    "INSERT INTO record(address, at, key, value, headers, compacted)
                     VALUES(?1, CAST(unixepoch('subsec') * 1000 AS INTEGER), ?2, ?3, ?4, ?5)",
                )?
                .execute(params![
                    address,
                    record.key.as_deref(),
                    record.value.as_deref(),
                    encode_headers(&record.headers),
                    row.compacted
                ])
            })?;
            appended.push((partition, offset));
        }
        for ((topic, partition), next) in next {
            self.sql(|t| {
                t.prepare_cached(
                    "INSERT INTO tail(topic, partition, next) VALUES(?1, ?2, ?3)
                     ON CONFLICT(topic, partition) DO UPDATE SET next = excluded.next",
                )?
                .execute(params![topic, partition, next])
            })?;
        }
        Ok(appended)
    }

    pub fn set_position(&mut self, group: &str, topic: &str, position: &Position) -> Result<(), LogError> {
        let row = self.topic(topic)?;
        self.sql(|t| {
            t.prepare_cached(
                "INSERT INTO position(grp, topic, partition, offset, metadata) VALUES(?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT(grp, topic, partition) DO UPDATE SET offset = excluded.offset, metadata = excluded.metadata",
            )?
            .execute(params![group, row.id, position.partition, position.offset, position.metadata])
        })?;
        Ok(())
    }
}
