//! How many rows a list has.

use jiff::Timestamp;

use super::WorklistFilter;
use crate::read::{ReadError, ReadModel};

impl ReadModel {
    /// The number of rows of all pages of a list.
    ///
    /// # Errors
    /// ClickHouse does not answer.
    pub async fn count(&self, filter: &WorklistFilter, now: Timestamp) -> Result<u64, ReadError> {
        let conditions = filter.conditions(now);
        let sql = format!("SELECT count() FROM applications FINAL WHERE {}", conditions.sql());
        let query = conditions.bind(self.client.query_raw(&sql)).param("now", now.as_millisecond());
        Ok(query.fetch_one().await?)
    }
}
