//! How many rows a list has.

use jiff::Timestamp;

use super::WorklistFilter;
use crate::read::sql::union;
use crate::read::{ReadError, ReadModel};

impl ReadModel {
    /// The number of rows of all pages of a list.
    ///
    /// # Errors
    /// ClickHouse does not answer.
    pub async fn count(&self, filter: &WorklistFilter, now: Timestamp) -> Result<u64, ReadError> {
        let conditions = filter.conditions(now);
        let sql = format!(
            "SELECT toUInt64(sum(n)) FROM ({})",
            union(filter.tables(), |table| {
                format!("SELECT count() AS n FROM {}{}", table.from(), conditions.of_current(table))
            })
        );
        self.bound(&sql, &conditions, now, &*self.cut().await?).fetch_one().await
    }
}
