//! Reports: the figures, grouped.

use std::fmt::Write as _;

use ebasvuru_workflow::domain::application::StatusName;
use ebasvuru_workflow::domain::calendar::istanbul;
use ebasvuru_workflow::domain::catalog::{ServiceSlug, UnitId, UnitTypeSlug, Valilik};
use ebasvuru_workflow::domain::ids::UserName;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use serde::Serialize;

use super::figure::{Figures, Grouped, Wanted, columns_of_cell, partial_columns, whole_columns};
use super::moment::Moment;
use super::sql::{Conditions, Table, Value, of_versions, union};
use super::{ReadError, ReadModel, named, optional, parsed};
use crate::cut::Cut;

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
        // The id of a unit is the plate code of its governorate, in two digits, and its kind.
        let unit = self.unit.as_ref().map(ToString::to_string);
        let home = self.home.map(|home| format!("{:02}-", home.plate()));
        let kind = self.unit_type.as_ref().map(ToString::to_string);
        for (clause, name, text) in [
            ("unit = {of_unit:String}", "of_unit", unit),
            ("startsWith(unit, {of_home:String})", "of_home", home),
            ("substring(unit, 4) = {of_unit_type:String}", "of_unit_type", kind),
        ] {
            if let Some(text) = text {
                conditions.and_narrow(clause, name, Value::Text(text));
            }
        }
        if let Some(valilik) = self.valilik {
            conditions.and_with(
                "valilik = {of_valilik:UInt8}",
                "of_valilik",
                Value::Int(valilik.plate().into()),
            );
        }
        conditions
    }

    /// The months, with the version of their figures, that are in the period as a whole.
    fn whole_months(&self, cut: &Cut) -> Vec<(u32, u64)> {
        let whole = |(month, _): &&(u32, u64)| {
            if self.moment != Moment::Received {
                return false;
            }
            let Some((first, next)) = bounds_of(*month) else { return false };
            self.from.is_none_or(|from| from <= first) && self.until.is_none_or(|until| next <= until)
        };
        cut.figures.iter().filter(whole).copied().collect()
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

/// When a month (YYYYMM) begins in Istanbul, and when the next one does.
fn bounds_of(month: u32) -> Option<(Timestamp, Timestamp)> {
    let (year, month) = (i16::try_from(month / 100).ok()?, i8::try_from(month % 100).ok()?);
    let first = Date::new(year, month, 1).ok()?;
    let at = |day: Date| Some(day.to_zoned(istanbul()).ok()?.timestamp());
    Some((at(first)?, at(first.checked_add(1.month()).ok()?)?))
}

/// The partial figures of open and of closed applications, by these columns. Of whole months, the closed
/// ones are taken from the cells in which their figures are.
pub(super) fn partial(filter: &ReportFilter, cut: &Cut, by: &str, wanted: Wanted) -> String {
    let (column, group) = if by.is_empty() {
        (String::new(), String::new())
    } else {
        (format!("{by}, "), format!("GROUP BY {by}"))
    };
    let rows = |table: Table, from: &str| {
        format!(
            "SELECT {column}{} FROM {from}{} {group}",
            partial_columns(table, wanted),
            filter.conditions().of_current(table)
        )
    };
    if wanted == Wanted::Open {
        return rows(Table::Open, Table::OPEN_ALONE);
    }
    let cells = filter.whole_months(cut);
    let months: Vec<String> = cells.iter().map(|(month, _)| month.to_string()).collect();
    let mut sql = union(&Table::BOTH, |table| match table {
        Table::Closed if !months.is_empty() => {
            rows(table, &format!("{} AND month NOT IN ({})", table.from(), months.join(", ")))
        }
        _ => rows(table, table.from()),
    });
    if !cells.is_empty() {
        let _ = write!(
            sql,
            "\nUNION ALL\n(SELECT {column}{} FROM closed_figures WHERE {}{})",
            columns_of_cell(wanted),
            of_versions(&cells),
            filter.scope().sql(Table::Closed)
        );
    }
    sql
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

impl GroupRow {
    /// The figures of all together; 0 where nothing is counted.
    #[must_use]
    pub fn total(rows: &[Self]) -> Figures {
        let is_total = |row: &&Self| {
            row.unit.is_none() && row.service.is_none() && row.valilik.is_none() && row.officer.is_none()
        };
        rows.iter().find(is_total).map(|row| row.figures).unwrap_or_default()
    }

    /// Reads a row of ClickHouse. A column that it is not grouped by is empty there.
    pub(super) fn read(row: Grouped) -> Result<Self, ReadError> {
        Ok(Self {
            unit: optional(&row.group_unit, |text| parsed("unit", text))?,
            service: optional(&row.group_service, |text| parsed("service", text))?,
            valilik: Valilik::from_plate(row.group_valilik),
            officer: optional(&row.group_officer, |text| parsed("a user name", text))?,
            figures: row.figures(),
        })
    }
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
    pub async fn figures(
        &self,
        wanted: Wanted,
        filter: &ReportFilter,
        now: Timestamp,
    ) -> Result<Figures, ReadError> {
        let cut = self.cut().await?;
        let sql = format!("SELECT {} FROM ({})", whole_columns(wanted), partial(filter, &cut, "", wanted));
        self.bound(&sql, &filter.conditions(), now, &cut).fetch_one().await
    }

    /// How long applications stayed in each status.
    ///
    /// # Errors
    /// ClickHouse does not answer, or has a value that cannot be read.
    pub async fn status_times(&self, filter: &ReportFilter) -> Result<Vec<StatusTime>, ReadError> {
        let conditions = filter.conditions();
        let sql = format!(
            "WITH quantilesExact(0.5, 0.9)(toUInt64(previous_stage_ms)) AS quantiles
             SELECT toString(previous_stage) AS stage, count() AS times, quantiles[1] AS median, quantiles[2] AS p90
             FROM events FINAL
             WHERE aggregate = 'application' AND previous_stage != '' AND previous_stage_ms > 0{}
             GROUP BY stage ORDER BY indexOf(['unassigned', 'assigned', 'awaiting_approval'], stage)",
            conditions.sql(Table::Open)
        );
        let rows: Vec<(String, u64, u64, u64)> = self.uncut(&sql, &conditions).fetch_all().await?;
        rows.into_iter()
            .map(|(stage, times, median_ms, p90_ms)| {
                Ok(StatusTime { status: named("stage", &stage)?, times, median_ms, p90_ms })
            })
            .collect()
    }
}
