//! One application: its snapshot, its history, the applicant's others.

use clickhouse::Row;
use ebasvuru_workflow::domain::application::{Application, EventKind, Outcome, StatusName};
use ebasvuru_workflow::domain::catalog::{ServiceSlug, UnitId, Valilik};
use ebasvuru_workflow::domain::ids::{ApplicationId, ApplicationNo, UserName};
use jiff::Timestamp;
use serde::Deserialize;
use uuid::Uuid;

use super::sql::{Conditions, OF_PERSON, Value};
use super::{ReadError, ReadModel, malformed, moment, named, optional, parsed};

/// An application as ClickHouse has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The whole of it.
    pub application: Application,
    /// Its version; a reply may know a newer one.
    pub version: u64,
}

/// A line of "Vatandaşın Diğer Başvuruları": no content, whatever the viewer's scope.
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
    /// The unit it is in.
    pub unit: UnitId,
    /// Whether it is an Ön Başvuru.
    pub pre_application: bool,
    /// Where it stands.
    pub status: StatusName,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// When it was received.
    pub received_at: Timestamp,
}

/// A line of the history, with what the event looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryRow {
    /// The version this made.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// What.
    pub kind: EventKind,
    /// `citizen`, `staff`, `system` or `operator`.
    pub actor_kind: String,
    /// Which member of staff.
    pub actor: Option<UserName>,
    /// Whose authority was used.
    pub on_behalf_of: Option<UserName>,
    /// The unit it was in after it.
    pub unit: UnitId,
    /// The stage after it.
    pub status: StatusName,
    /// Who held it after it.
    pub officer: Option<UserName>,
    /// How long it had stood in the stage before, in milliseconds; 0 when the stage stayed.
    pub previous_stage_ms: i64,
    /// The event's body as JSON; words of people in it are sealed.
    pub detail: String,
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

#[derive(Row, Deserialize)]
struct EventLine {
    seq: u64,
    at: i64,
    kind: String,
    actor_kind: String,
    actor: String,
    on_behalf_of: String,
    unit: String,
    stage: String,
    officer: String,
    previous_stage_ms: i64,
    detail: String,
}

impl ReadModel {
    /// The application with this number.
    ///
    /// # Errors
    /// When ClickHouse does not answer, or holds what cannot be read.
    pub async fn application(&self, no: &ApplicationNo) -> Result<Option<Found>, ReadError> {
        let mut conditions = Conditions::default();
        conditions.and_with("no = {no:String}", "no", Value::Text(no.to_string()));
        // The plate code in the number is the governorate, the first part of the key.
        if let Some(plate) = no.as_str().get(5..7) {
            conditions.and_with(
                "valilik = {plate:UInt8}",
                "plate",
                Value::Text(plate.trim_start_matches('0').into()),
            );
        }
        self.snapshot(&conditions).await
    }

    /// The application with this identity, as it was received last.
    ///
    /// # Errors
    /// When ClickHouse does not answer, or holds what cannot be read.
    pub async fn application_by_id(&self, id: ApplicationId) -> Result<Option<Found>, ReadError> {
        let mut conditions = Conditions::default();
        conditions.and_with("id = {id:UUID}", "id", Value::Text(id.to_string()));
        self.snapshot(&conditions).await
    }

    async fn snapshot(&self, conditions: &Conditions) -> Result<Option<Found>, ReadError> {
        let sql = format!(
            "SELECT version, snapshot FROM applications FINAL WHERE {}
             ORDER BY received_at DESC LIMIT 1",
            conditions.sql()
        );
        let row: Option<SnapshotRow> = conditions.bind(self.client.query_raw(&sql)).fetch_optional().await?;
        row.map(|SnapshotRow { version, snapshot }| {
            let application =
                serde_json::from_str(&snapshot).map_err(|_| malformed("a snapshot", &snapshot))?;
            Ok(Found { application, version })
        })
        .transpose()
    }

    /// The other applications of whoever has this index, newest first (requirement 30).
    ///
    /// # Errors
    /// When ClickHouse does not answer, or holds what cannot be read.
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
                    received_at: moment(row.received_at)?,
                })
            })
            .collect()
    }

    /// Everything that happened to an application since it was received last, oldest first.
    ///
    /// # Errors
    /// When ClickHouse does not answer, or holds what cannot be read.
    pub async fn history(&self, application: ApplicationId) -> Result<Vec<HistoryRow>, ReadError> {
        let rows: Vec<EventLine> = self
            .client
            .query_raw(
                "SELECT seq, at, kind, actor_kind, actor, on_behalf_of, unit, stage, officer,
                     previous_stage_ms, detail
                 FROM events FINAL
                 WHERE aggregate = 'application' AND application = {application:UUID}
                 QUALIFY received_at = max(received_at) OVER ()
                 ORDER BY seq",
            )
            .param("application", application.to_string())
            .fetch_all()
            .await?;
        let name = |text: &str| optional(text, |text| parsed::<UserName>("a user name", text));
        rows.into_iter()
            .map(|row| {
                Ok(HistoryRow {
                    seq: row.seq,
                    at: moment(row.at)?,
                    kind: named("kind", &row.kind)?,
                    actor: name(&row.actor)?,
                    on_behalf_of: name(&row.on_behalf_of)?,
                    unit: parsed("unit", &row.unit)?,
                    status: named("stage", &row.stage)?,
                    officer: name(&row.officer)?,
                    previous_stage_ms: row.previous_stage_ms,
                    actor_kind: row.actor_kind,
                    detail: row.detail,
                })
            })
            .collect()
    }
}
