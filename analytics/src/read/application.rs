//! One application: its snapshot.

use std::collections::HashMap;

use clickhouse::Row;
use ebasvuru_workflow::domain::application::Application;
use ebasvuru_workflow::domain::ids::ApplicationNo;
use serde::Deserialize;

use super::sql::{Conditions, Table, Value};
use super::{ReadError, ReadModel, malformed};

/// An application as ClickHouse has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredApplication {
    /// Its snapshot.
    pub application: Application,
    /// Its version. A reply may have a newer one.
    pub version: u64,
}

#[derive(Row, Deserialize)]
struct SnapshotRow {
    no: String,
    version: u64,
    snapshot: String,
}

impl SnapshotRow {
    fn read(&self) -> Result<StoredApplication, ReadError> {
        let application =
            serde_json::from_str(&self.snapshot).map_err(|_| malformed("a snapshot", &self.snapshot))?;
        Ok(StoredApplication { application, version: self.version })
    }
}

/// What was found by a number. One that cannot be read does not concern the others.
pub(super) type Found = Result<Option<StoredApplication>, ReadError>;

impl ReadModel {
    /// The application with this number.
    ///
    /// # Errors
    /// ClickHouse does not answer, or has a value that cannot be read.
    pub async fn application(&self, no: &ApplicationNo) -> Result<Option<StoredApplication>, ReadError> {
        let read = self.clone();
        let ask = move |numbers| read.clone().applications(numbers);
        self.by_number.ask(no.clone(), ask).await?
    }

    /// The applications with these numbers, in their order.
    async fn applications(self, numbers: Vec<ApplicationNo>) -> Result<Vec<Found>, ReadError> {
        let mut conditions = Conditions::default();
        let texts = numbers.iter().map(ToString::to_string).collect();
        conditions.and_with("no IN {numbers:Array(String)}", "numbers", Value::Texts(texts));
        // The plate code in the number is the governorate, which leads the sorting key.
        let plates = numbers.iter().filter_map(|no| no.as_str().get(5..7)?.parse().ok()).collect();
        conditions.param("plates", Value::Ints(plates));
        // Every version, and the latest of them: FINAL would take longer.
        let sql = format!(
            "SELECT no, version, snapshot FROM (
                 SELECT no, version, snapshot FROM open_applications
                     WHERE valilik IN {{plates:Array(UInt8)}}{}
                 UNION ALL
                 SELECT no, version, snapshot FROM closed_snapshots WHERE no IN {{numbers:Array(String)}}
             ) ORDER BY version DESC LIMIT 1 BY no",
            conditions.sql(Table::Open)
        );
        let rows: Vec<SnapshotRow> = self.uncut(&sql, &conditions).on_one_thread().fetch_all().await?;
        let found: HashMap<&str, Result<StoredApplication, ReadError>> =
            rows.iter().map(|row| (row.no.as_str(), row.read())).collect();
        // The same one may be asked for twice.
        Ok(numbers.iter().map(|no| found.get(no.as_str()).cloned().transpose()).collect())
    }
}
