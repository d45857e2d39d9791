//! Keeping the file bounded: what is past its retention goes.

use rusqlite::{ToSql, params};

use super::schema::address;
use super::store::Store;
use crate::log::LogError;

/// How many records one step of the upkeep removes, so that nobody waits long for it.
const SWEEP: i64 = 5_000;

impl Store {
    /// Removes what is past its retention, and tombstones that everyone has had a day to
    /// read, when nobody has for `every` seconds.
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
                // The oldest come first, so a step that removes less than it looked at is the last.
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
