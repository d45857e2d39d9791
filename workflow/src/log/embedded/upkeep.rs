//! Removes expired records, so that the file stays bounded.

use rusqlite::{ToSql, params};

use super::schema::address;
use super::store::Store;
use crate::log::LogError;

/// How many records one statement removes at most, so that other writers do not wait long.
const SWEEP: i64 = 5_000;

impl Store {
    /// Removes expired records, and tombstones older than a day, unless that was done less than `every`
    /// seconds ago.
    pub fn upkeep(&mut self, every: f64) -> Result<(), LogError> {
        let due: bool = self.read(|c| {
            c.prepare_cached("SELECT unixepoch('subsec') - at >= ?1 FROM upkeep")?
                .query_row([every], |r| r.get(0))
        })?;
        if !due {
            return Ok(());
        }
        self.write(|tx| tx.sql(|t| t.execute("UPDATE upkeep SET at = unixepoch('subsec')", [])))?;
        let kept_for_days: Vec<(i64, i32, i64)> = self.read(|c| {
            c.prepare("SELECT id, partitions, CAST(retention AS INTEGER) FROM topic WHERE CAST(retention AS INTEGER) > 0")?
                .query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?
                .collect()
        })?;
        for (topic, partitions, days) in kept_for_days {
            for partition in 0..partitions {
                // The oldest records come first, so a statement that removes less than it may is the
                // last.
                self.sweep(
                    "DELETE FROM record WHERE address IN (
                         SELECT address FROM record WHERE address >= ?1 AND address < ?2 ORDER BY address LIMIT ?3)
                     AND at < (unixepoch('subsec') - ?4 * 86400) * 1000",
                    params![address(topic, partition, 0), address(topic, partition + 1, 0), SWEEP, days],
                )?;
            }
        }
        self.sweep(
            "DELETE FROM record WHERE address IN (
                 SELECT address FROM record WHERE compacted = 1 AND value IS NULL
                 AND at < (unixepoch('subsec') - 86400) * 1000 LIMIT ?1)",
            params![SWEEP],
        )
    }

    fn sweep(&mut self, sql: &str, params: &[&dyn ToSql]) -> Result<(), LogError> {
        while self.write(|tx| tx.sql(|t| t.prepare_cached(sql)?.execute(params)))? as i64 == SWEEP {}
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use bytes::Bytes;

    use crate::log::embedded::EmbeddedLog;
    use crate::log::lag::tell_expired;
    use crate::log::{Log, LogError, Outgoing, Retention, TopicSpec};

    fn sent(topic: &'static str, key: &'static str, value: Option<&'static str>) -> Outgoing {
        let value = value.map(|v| Bytes::from_static(v.as_bytes()));
        Outgoing {
            topic,
            partition: Some(0),
            key: Some(Bytes::from_static(key.as_bytes())),
            value,
            headers: vec![],
        }
    }

    #[test]
    fn only_expired_records_and_old_tombstones_are_removed() {
        let dir = tempfile::tempdir().unwrap();
        let log = EmbeddedLog::open(&dir.path().join("log")).unwrap();
        let spec = |name, retention| TopicSpec { name, partitions: 2, retention };
        log.ensure_topics(&[
            spec("days", Retention::Days(7)),
            spec("ever", Retention::Forever),
            spec("last", Retention::Compact),
        ])
        .unwrap();
        let all = |old: bool| {
            let producer = log.producer().unwrap();
            for i in 0..6_000 / if old { 1 } else { 1_000 } {
                let value = if i % 2 == 0 { "even" } else { "odd" };
                producer.send(vec![sent("days", "k", Some(value)), sent("ever", "k", Some(value))]).unwrap();
            }
            producer.send(vec![sent("last", "kept", Some("1")), sent("last", "gone", None)]).unwrap();
        };
        all(true);
        let mut store = log.store().unwrap();
        store.read(|c| c.execute("UPDATE record SET at = at - 8 * 86400000", [])).unwrap();
        all(false);
        store.upkeep(0.0).unwrap();
        let bounds = |topic| log.bounds(topic).unwrap()[0];
        assert_eq!((bounds("days").low, bounds("days").high), (6_000, 6_006));
        assert_eq!((bounds("ever").low, bounds("ever").high), (0, 6_006));
        // A group that had not read that far is told how many records are gone.
        let read = |offset| crate::log::Position { partition: 0, offset, metadata: String::new() };
        store.write(|tx| tx.set_position("late", "days", &read(5_900))).unwrap();
        store.write(|tx| tx.set_position("in time", "days", &read(6_001))).unwrap();
        assert_eq!(tell_expired(&log, "late", "days").unwrap(), 100);
        assert_eq!(tell_expired(&log, "in time", "days").unwrap(), 0);
        // The compacted topic keeps the last record of each key, including a new tombstone.
        let count: i64 = store
            .read(|c| c.query_row("SELECT count(*) FROM record WHERE compacted = 1", [], |r| r.get(0)))
            .unwrap();
        assert_eq!(count, 2);
        store
            .read(|c| c.execute("UPDATE record SET at = at - 2 * 86400000 WHERE compacted = 1", []))
            .unwrap();
        store.upkeep(0.0).unwrap();
        let keys: Vec<Option<Vec<u8>>> = store
            .read(|c| {
                c.prepare("SELECT key FROM record WHERE compacted = 1")?
                    .query_map([], |r| r.get(0))?
                    .collect()
            })
            .unwrap();
        assert_eq!(keys, [Some(b"kept".to_vec())]);
    }

    #[test]
    fn a_file_that_is_no_log_is_refused_and_not_changed() {
        let dir = tempfile::tempdir().unwrap();
        let refused = |path: &Path| match EmbeddedLog::open(path) {
            Err(LogError::Refused(said)) => said,
            other => panic!("{other:?}"),
        };
        let text = dir.path().join("text");
        std::fs::write(&text, "not a database, but long enough to be looked at".repeat(40)).unwrap();
        assert!(refused(&text).contains("move it away"));
        assert!(std::fs::read_to_string(&text).unwrap().starts_with("not a database"));
        assert!(refused(&dir.path().join("no/such/folder/log")).contains("cannot be"));
        let newer = dir.path().join("newer");
        rusqlite::Connection::open(&newer).unwrap().pragma_update(None, "user_version", 99).unwrap();
        assert!(refused(&newer).contains("version 99"));
    }

    #[test]
    fn a_full_disk_is_reported_and_writing_continues_when_there_is_room() {
        let dir = tempfile::tempdir().unwrap();
        let log = EmbeddedLog::open(&dir.path().join("log")).unwrap();
        log.ensure_topics(&[TopicSpec { name: "t", partitions: 1, retention: Retention::Forever }]).unwrap();
        let mut store = log.store().unwrap();
        let pages: i64 = store.read(|c| c.query_row("PRAGMA page_count", [], |r| r.get(0))).unwrap();
        store
            .read(|c| c.query_row(&format!("PRAGMA max_page_count = {}", pages + 2), [], |_| Ok(())))
            .unwrap();
        let much: Vec<Outgoing> =
            (0..2_000).map(|_| sent("t", "k", Some("a value that takes its place"))).collect();
        match store.write(|tx| tx.append(&much)) {
            Err(LogError::Unavailable(said)) => assert!(said.contains("make room"), "{said}"),
            other => panic!("{other:?}"),
        }
        store.read(|c| c.query_row("PRAGMA max_page_count = 100000", [], |_| Ok(()))).unwrap();
        let places = store.write(|tx| tx.append(&much)).unwrap();
        assert_eq!(places.first(), Some(&(0, 0)));
    }
}
