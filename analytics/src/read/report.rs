//! Reports: the figures, grouped.

use ebasvuru_workflow::domain::application::StatusName;
use ebasvuru_workflow::domain::catalog::{ServiceSlug, UnitId, UnitTypeSlug, Valilik};
use ebasvuru_workflow::domain::ids::UserName;
use jiff::Timestamp;
use serde::Serialize;

use super::figure::{Figures, Grouped, columns};
use super::moment::Moment;
use super::sql::{Conditions, Value};
use super::{ReadError, ReadModel, named, optional, parsed};

/// Which applications a report is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReportFilter {
    /// Received at this time or later.
    pub from: Option<Timestamp>,
    /// Received before this time.
    pub until: Option<Timestamp>,
    /// Of this service.
    pub service: Option<ServiceSlug>,
    /// In this unit now.
    pub unit: Option<UnitId>,
    /// In a unit of this governorate now, wherever it was made.
    pub home: Option<Valilik>,
    /// In a unit of this kind now.
    pub unit_type: Option<UnitTypeSlug>,
    /// Of this governorate.
    pub valilik: Option<Valilik>,
    /// What has to be in the period.
    pub moment: Moment,
}

impl ReportFilter {
    /// The same without a period.
    #[must_use]
    pub fn of_all_periods(self) -> Self {
        Self { from: None, until: None, moment: Moment::Received, ..self }
    }

    /// The conditions of service, unit and governorate.
    pub(super) fn scope(&self) -> Conditions {
        let mut conditions = Conditions::default();
        conditions.and_text("service = {of_service:String}", "of_service", self.service.as_ref());
        conditions.and_text("unit = {of_unit:String}", "of_unit", self.unit.as_ref());
        // The id of a unit is the plate code of its governorate, in two digits, and its kind.
        if let Some(home) = self.home {
            let plate = Value::Text(format!("{:02}-", home.plate()));
            conditions.and_with("startsWith(unit, {of_home:String})", "of_home", plate);
        }
        let kind = "substring(unit, 4) = {of_unit_type:String}";
        conditions.and_text(kind, "of_unit_type", self.unit_type.as_ref());
        if let Some(valilik) = self.valilik {
            conditions.and_with(
                "valilik = {of_valilik:UInt8}",
                "of_valilik",
                Value::Int(valilik.plate().into()),
            );
        }
        conditions
    }

    /// The conditions of the scope and of the period of receipt.
    pub(super) fn conditions(&self) -> Conditions {
        let mut conditions = self.scope();
        let ms = |at: Timestamp| Value::Int(at.as_millisecond());
        let (since, before) = self.moment.bounds();
        if let Some(from) = self.from {
            conditions.and_with(since, "from", ms(from));
        }
        if let Some(until) = self.until {
            conditions.and_with(before, "until", ms(until));
        }
        conditions
    }
}

/// How a report is grouped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Each unit and, in it, each service.
    UnitAndService,
    /// Each unit.
    Unit,
    /// Each service.
    Service,
    /// Each governorate.
    Valilik,
    /// Each officer (who holds the application, or held it last) and the unit.
    Officer,
}

impl Group {
    const fn columns(self) -> &'static str {
        match self {
            Self::UnitAndService => {
                "toString(unit) AS group_unit, toString(service) AS group_service, toUInt8(0) AS group_valilik, '' AS group_officer"
            }
            Self::Unit => {
                "toString(unit) AS group_unit, '' AS group_service, toUInt8(0) AS group_valilik, '' AS group_officer"
            }
            Self::Service => {
                "'' AS group_unit, toString(service) AS group_service, toUInt8(0) AS group_valilik, '' AS group_officer"
            }
            Self::Valilik => {
                "'' AS group_unit, '' AS group_service, valilik AS group_valilik, '' AS group_officer"
            }
            Self::Officer => {
                "toString(unit) AS group_unit, '' AS group_service, toUInt8(0) AS group_valilik, toString(officer) AS group_officer"
            }
        }
    }
}

/// One line of a report. A column that it is not grouped by is `None`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct GroupRow {
    /// The unit.
    pub unit: Option<UnitId>,
    /// The service.
    pub service: Option<ServiceSlug>,
    /// The governorate.
    pub valilik: Option<Valilik>,
    /// The officer.
    pub officer: Option<UserName>,
    /// Its figures.
    pub figures: Figures,
}

/// How long applications stay in a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct StatusTime {
    /// The status.
    pub status: StatusName,
    /// How often it was left.
    pub times: u64,
    /// The median, in milliseconds.
    pub median_ms: u64,
    /// The 90th percentile, in milliseconds.
    pub p90_ms: u64,
}

/// "Bu sayılar nasıl hesaplanır?" for [`StatusTime`].
pub const STAGE_TIME_DEFINITION_TR: &str = "Bir başvurunun bir aşamada (Teslim Bekliyor, Sorumlu Üzerinde, Onay Bekliyor) \
     kaldığı süre; aşamadan her çıkışta bir kez, o sırada bulunduğu birim için sayılır.";

impl ReadModel {
    /// The figures of all applications together.
    ///
    /// # Errors
    /// ClickHouse does not answer.
    pub async fn figures(&self, filter: &ReportFilter, now: Timestamp) -> Result<Figures, ReadError> {
        let conditions = filter.conditions();
        let sql = format!("SELECT {} FROM applications FINAL WHERE {}", columns(), conditions.sql());
        let query = self.client.query_raw(&sql).param("now", now.as_millisecond());
        Ok(conditions.bind(query).fetch_one().await?)
    }

    /// The figures of each group, in order.
    ///
    /// # Errors
    /// ClickHouse does not answer, or has a value that cannot be read.
    pub async fn grouped(
        &self,
        group: Group,
        filter: &ReportFilter,
        now: Timestamp,
    ) -> Result<Vec<GroupRow>, ReadError> {
        let conditions = filter.conditions();
        let sql = format!(
            "SELECT {}, {} FROM applications FINAL WHERE {}
             GROUP BY group_unit, group_service, group_valilik, group_officer
             ORDER BY group_unit, group_service, group_valilik, group_officer",
            group.columns(),
            columns(),
            conditions.sql(),
        );
        let query = self.client.query_raw(&sql).param("now", now.as_millisecond());
        let rows: Vec<Grouped> = conditions.bind(query).fetch_all().await?;
        rows.into_iter()
            .map(|row| {
                Ok(GroupRow {
                    unit: optional(&row.group_unit, |text| parsed("unit", text))?,
                    service: optional(&row.group_service, |text| parsed("service", text))?,
                    valilik: Valilik::from_plate(row.group_valilik),
                    officer: optional(&row.group_officer, |text| parsed("a user name", text))?,
                    figures: row.figures(),
                })
            })
            .collect()
    }

    /// How long applications stayed in each status.
    ///
    /// # Errors
    /// ClickHouse does not answer, or has a value that cannot be read.
    pub async fn status_times(&self, filter: &ReportFilter) -> Result<Vec<StatusTime>, ReadError> {
        let conditions = filter.conditions();
        let sql = format!(
            "SELECT toString(previous_stage) AS stage, count() AS times,
                 quantileExact(0.5)(toUInt64(previous_stage_ms)) AS median,
                 quantileExact(0.9)(toUInt64(previous_stage_ms)) AS p90
             FROM events FINAL
             WHERE aggregate = 'application' AND previous_stage != '' AND previous_stage_ms > 0 AND {}
             GROUP BY stage ORDER BY indexOf(['unassigned', 'assigned', 'awaiting_approval'], stage)",
            conditions.sql()
        );
        let rows: Vec<(String, u64, u64, u64)> =
            conditions.bind(self.client.query_raw(&sql)).fetch_all().await?;
        rows.into_iter()
            .map(|(stage, times, median_ms, p90_ms)| {
                Ok(StatusTime { status: named("stage", &stage)?, times, median_ms, p90_ms })
            })
            .collect()
    }
}
