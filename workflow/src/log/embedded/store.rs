//! The file: its schema, appending, reading, positions.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use bytes::{Buf, BufMut, Bytes};
use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, OptionalExtension, Transaction, TransactionBehavior, params};

use crate::log::murmur2::partition_of;
use crate::log::{Bounds, LogError, Outgoing, Position, Record, Retention, TopicSpec};

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS topic(
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, partitions INTEGER NOT NULL, retention TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS tail(
    topic INTEGER NOT NULL, partition INTEGER NOT NULL, next INTEGER NOT NULL,
    PRIMARY KEY(topic, partition)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS record(
    topic INTEGER NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL, at INTEGER NOT NULL,
    key BLOB, value BLOB, headers BLOB NOT NULL, compacted INTEGER NOT NULL,
    PRIMARY KEY(topic, partition, offset)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS record_key ON record(topic, partition, key) WHERE compacted = 1;
CREATE TABLE IF NOT EXISTS position(
    grp TEXT NOT NULL, topic INTEGER NOT NULL, partition INTEGER NOT NULL, offset INTEGER NOT NULL,
    metadata TEXT NOT NULL, PRIMARY KEY(grp, topic, partition)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS member(
    grp TEXT NOT NULL, topic INTEGER NOT NULL, slot TEXT NOT NULL, instance TEXT NOT NULL, seen REAL NOT NULL,
    PRIMARY KEY(grp, topic, slot)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS lease(
    grp TEXT NOT NULL, topic INTEGER NOT NULL, partition INTEGER NOT NULL, instance TEXT NOT NULL,
    PRIMARY KEY(grp, topic, partition)) WITHOUT ROWID;
";

/// Rings when this process appended something; other processes are noticed by looking.
#[derive(Default)]
pub struct Bell {
    rung: Mutex<u64>,
    changed: Condvar,
}

impl Bell {
    fn ring(&self) {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.changed.notify_all();
    }

    /// How often it has rung.
    pub fn count(&self) -> u64 {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until it has rung more than `seen` times, at most `wait`.
    pub fn wait(&self, seen: u64, wait: Duration) {
        let rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.changed.wait_timeout_while(rung, wait, |rung| *rung <= seen));
    }
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
    pub bell: Arc<Bell>,
}

/// What SQLite said, as the log's own error: what can be waited out, and what must be mended.
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
            "{file} is no readable log ({e}): restore it, or move it away to begin anew"
        )),
        Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            LogError::Refused(format!("{file} cannot be written ({e}): mend the folder's permissions"))
        }
        _ => LogError::Unavailable(format!("{file}: {e}")),
    }
}

impl Store {
    pub fn open(path: &Path, bell: Arc<Bell>) -> Result<Self, LogError> {
        let wrap = |e: rusqlite::Error| error(path, &e);
        let connection = Connection::open(path).map_err(wrap)?;
        connection.busy_timeout(Duration::from_secs(30)).map_err(wrap)?;
        connection.set_prepared_statement_cache_capacity(64);
        connection
            .execute_batch(
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=4000; PRAGMA cache_size=-16384;",
            )
            .map_err(wrap)?;
        Ok(Self { path: path.to_owned(), connection, topics: HashMap::new(), bell })
    }

    pub fn create(&mut self) -> Result<(), LogError> {
        self.write(|tx| tx.sql(|t| t.execute_batch(SCHEMA)))
    }

    /// Runs `f` in one transaction, synced when this returns; rings the bell.
    pub fn write<T>(&mut self, f: impl FnOnce(&mut Tx<'_>) -> Result<T, LogError>) -> Result<T, LogError> {
        let path = &self.path;
        let wrap = |e: rusqlite::Error| error(path, &e);
        let inner =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(wrap)?;
        let mut tx = Tx { inner, path, topics: &mut self.topics };
        let out = f(&mut tx)?;
        tx.inner.commit().map_err(wrap)?;
        self.bell.ring();
        Ok(out)
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
                if let Retention::Days(days) = spec.retention {
                    tx.sql(|t| {
                        t.execute(
                            "DELETE FROM record WHERE topic = ?1 AND at < (unixepoch('subsec') - ?2 * 86400) * 1000",
                            params![row.id, days],
                        )
                    })?;
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
                c.prepare_cached("SELECT min(offset) FROM record WHERE topic = ?1 AND partition = ?2")?;
            let mut high = c.prepare_cached("SELECT next FROM tail WHERE topic = ?1 AND partition = ?2")?;
            (0..row.partitions)
                .map(|partition| {
                    let high: i64 =
                        high.query_row(params![row.id, partition], |r| r.get(0)).optional()?.unwrap_or(0);
                    let low: Option<i64> = low.query_row(params![row.id, partition], |r| r.get(0))?;
                    Ok(Bounds { partition, low: low.unwrap_or(high), high })
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

    /// Up to `max` records of one partition from `offset` on.
    pub fn records(
        &mut self,
        name: &Arc<str>,
        partition: i32,
        offset: i64,
        max: usize,
    ) -> Result<Vec<Record>, LogError> {
        let row = self.topic(name)?;
        self.read(|c| {
            c.prepare_cached(
                "SELECT offset, at, key, value, headers FROM record
                 WHERE topic = ?1 AND partition = ?2 AND offset >= ?3 ORDER BY offset LIMIT ?4",
            )?
            .query_map(params![row.id, partition, offset, i64::try_from(max).unwrap_or(i64::MAX)], |r| {
                Ok(Record {
                    topic: Arc::clone(name),
                    partition,
                    offset: r.get(0)?,
                    timestamp: Timestamp::from_millisecond(r.get(1)?).unwrap_or(Timestamp::UNIX_EPOCH),
                    key: r.get::<_, Option<Vec<u8>>>(2)?.map(Bytes::from),
                    value: r.get::<_, Option<Vec<u8>>>(3)?.map(Bytes::from),
                    headers: decode_headers(r.get::<_, Vec<u8>>(4)?.into()),
                })
            })?
            .collect()
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

    /// Appends in order and returns where each record stands.
    pub fn append(&mut self, records: &[Outgoing]) -> Result<Vec<(i32, i64)>, LogError> {
        let mut places = Vec::with_capacity(records.len());
        let mut next = HashMap::<(i64, i32), i64>::new();
        for (i, record) in records.iter().enumerate() {
            let row = self.topic(record.topic)?;
            let partition = match (record.partition, &record.key) {
                (Some(partition), _) => partition,
                (None, Some(key)) => partition_of(key, row.partitions),
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_possible_wrap,
                    reason = "spread, not counted"
                )]
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
            self.sql(|t| {
                if row.compacted {
                    t.prepare_cached(
                        "DELETE FROM record WHERE topic = ?1 AND partition = ?2 AND key = ?3 AND compacted = 1",
                    )?
                    .execute(params![row.id, partition, record.key.as_deref()])?;
                }
                t.prepare_cached(
                    "INSERT INTO record(topic, partition, offset, at, key, value, headers, compacted)
                     VALUES(?1, ?2, ?3, CAST(unixepoch('subsec') * 1000 AS INTEGER), ?4, ?5, ?6, ?7)",
                )?
                .execute(params![
                    row.id,
                    partition,
                    offset,
                    record.key.as_deref(),
                    record.value.as_deref(),
                    encode_headers(&record.headers),
                    row.compacted
                ])
            })?;
            places.push((partition, offset));
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
        Ok(places)
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

/// Length-prefixed names and values.
fn encode_headers(headers: &[(String, Bytes)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, value) in headers {
        for part in [name.as_bytes(), value] {
            out.put_u32_le(u32::try_from(part.len()).unwrap_or(u32::MAX));
            out.put_slice(part);
        }
    }
    out
}

fn decode_headers(mut bytes: Bytes) -> Vec<(String, Bytes)> {
    let mut part = || {
        let len = bytes.try_get_u32_le().ok()? as usize;
        (len <= bytes.len()).then(|| bytes.split_to(len))
    };
    let mut headers = Vec::new();
    while let (Some(name), Some(value)) = (part(), part()) {
        headers.push((String::from_utf8_lossy(&name).into_owned(), value));
    }
    headers
}
