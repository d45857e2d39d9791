//! One application: its snapshot, and the applicant's other applications.

use clickhouse::Row;
use ebasvuru_workflow::domain::application::{Application, Outcome, StatusName};
use ebasvuru_workflow::domain::catalog::{ServiceSlug, UnitId, Valilik};
use ebasvuru_workflow::domain::ids::{ApplicationId, ApplicationNo};
use jiff::Timestamp;
use serde::Deserialize;
use uuid::Uuid;

use super::sql::{Conditions, OF_PERSON, Value};
use super::{ReadError, ReadModel, malformed, named, optional, parsed, timestamp};

/// An application as ClickHouse has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredApplication {
    /// Its snapshot.
    pub application: Application,
    /// Its version. A reply may have a newer one.
    pub version: u64,
}

/// A line of "Vatandaşın Diğer Başvuruları". It has no content, whatever the viewer may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Its identity.
    pub id: ApplicationId,
    /// Its number.
    pub no: ApplicationNo,
    /// The service.
    pub service: ServiceSlug,
    /// The governorate.
    pub valilik: Valilik,
    /// Its unit.
    pub unit: UnitId,
    /// Whether it is an Ön Başvuru.
    pub pre_application: bool,
    /// Its status.
    pub status: StatusName,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// When it was received.
    pub received_at: Timestamp,
}

#[derive(Row, Deserialize)]
struct SnapshotRow {
    version: u64,
    snapshot: String,
}

#[derive(Row, Deserialize)]
struct SummaryRow {
    #[serde(with = "clickhouse::serde::uuid")]
    id: Uuid,
    no: String,
    service: String,
    valilik: u8,
    unit: String,
    phase: String,
    stage: String,
    outcome: String,
    received_at: i64,
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
            "SELECT version, snapshot FROM applications FINAL WHERE {}
             ORDER BY received_at DESC LIMIT 1",
            conditions.sql()
        );
        let row: Option<SnapshotRow> = conditions.bind(self.client.query_raw(&sql)).fetch_optional().await?;
        row.map(|SnapshotRow { version, snapshot }| {
            let application =
                serde_json::from_str(&snapshot).map_err(|_| malformed("a snapshot", &snapshot))?;
            Ok(StoredApplication { application, version })
        })
        .transpose()
    }

    /// The other applications of the person with this index, newest first (requirement 30).
    ///
    /// # Errors
    /// ClickHouse does not answer, or has a value that cannot be read.
    pub async fn others_of(
        &self,
        tckn_index: &str,
        except: ApplicationId,
    ) -> Result<Vec<Summary>, ReadError> {
        let rows: Vec<SummaryRow> = self
            .client
            .query_raw(&format!(
                "SELECT id, no, service, valilik, unit, phase, stage, outcome, received_at
                 FROM applications FINAL
                 WHERE {OF_PERSON} AND id != {{except:UUID}}
                 ORDER BY received_at DESC, id LIMIT 200",
            ))
            .param("tckn", tckn_index)
            .param("except", except.to_string())
            .fetch_all()
            .await?;
        rows.into_iter()
            .map(|row| {
                Ok(Summary {
                    id: ApplicationId(row.id),
                    no: parsed("no", &row.no)?,
                    service: parsed("service", &row.service)?,
                    valilik: Valilik::from_plate(row.valilik)
                        .ok_or_else(|| malformed("valilik", &row.valilik.to_string()))?,
                    unit: parsed("unit", &row.unit)?,
                    pre_application: row.phase == "pre_application",
                    status: named("stage", &row.stage)?,
                    outcome: optional(&row.outcome, |text| named("outcome", text))?,
                    received_at: timestamp(row.received_at)?,
                })
            })
            .collect()
    }
}
