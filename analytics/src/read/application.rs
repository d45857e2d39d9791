//! One application: its snapshot.

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
    version: u64,
    snapshot: String,
}

impl ReadModel {
    /// The application with this number.
    ///
    /// # Errors
    /// ClickHouse does not answer, or has a value that cannot be read.
    pub async fn application(&self, no: &ApplicationNo) -> Result<Option<StoredApplication>, ReadError> {
        let mut conditions = Conditions::default();
        conditions.and_with("no = {no:String}", "no", Value::Text(no.to_string()));
        // The plate code in the number is the governorate, which leads the sorting key.
        if let Some(plate) = no.as_str().get(5..7) {
            conditions.and_with(
                "valilik = {plate:UInt8}",
                "plate",
                Value::Text(plate.trim_start_matches('0').into()),
            );
        }
        self.snapshot(&conditions).await
    }

    async fn snapshot(&self, conditions: &Conditions) -> Result<Option<StoredApplication>, ReadError> {
        let sql = format!(
            "SELECT version, snapshot FROM (
                 SELECT version, snapshot FROM open_applications FINAL WHERE 1{}
                 UNION ALL
                 SELECT version, snapshot FROM closed_snapshots WHERE no = {{no:String}}
             ) ORDER BY version DESC LIMIT 1",
            conditions.sql(Table::Open)
        );
        let row: Option<SnapshotRow> = self.uncut(&sql, conditions).fetch_optional().await?;
        row.map(|SnapshotRow { version, snapshot }| {
            let application =
                serde_json::from_str(&snapshot).map_err(|_| malformed("a snapshot", &snapshot))?;
            Ok(StoredApplication { application, version })
        })
        .transpose()
    }
}
