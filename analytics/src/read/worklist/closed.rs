//! How many closed applications a list has. One statement counts them in units for all who ask at the same
//! time.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use clickhouse::Row;
use ebasvuru_workflow::domain::application::{Application, Status, StatusName};
use ebasvuru_workflow::domain::catalog::UnitId;
use ebasvuru_workflow::domain::ids::{ApplicationId, UserName};
use jiff::Timestamp;
use serde::Deserialize;

use super::WorklistFilter;
use super::tabs::leave_out;
use crate::read::sql::{Conditions, Table, Value, of_versions};
use crate::read::{ReadError, ReadModel};

/// A closed application, as it is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// Which application.
    pub id: ApplicationId,
    /// When it was received.
    pub received_at: Timestamp,
    /// In which unit it was closed.
    pub unit: UnitId,
    /// Who held it last.
    pub officer: Option<UserName>,
    /// When it was closed.
    pub at: Timestamp,
}

impl Closing {
    /// The closing of this application; `None` if it is open.
    #[must_use]
    pub fn of(application: &Application) -> Option<Self> {
        let Status::Closed { officer, at, .. } = &application.status else { return None };
        Some(Self {
            id: application.id,
            received_at: application.received_at,
            unit: application.unit.clone(),
            officer: officer.clone(),
            at: *at,
        })
    }
}

/// How many closed applications a unit has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnitClosed {
    /// By who held them last; by the empty name, those that nobody held.
    of_officers: HashMap<String, u64>,
}

impl UnitClosed {
    /// How many this officer held last; without an officer, how many there are.
    #[must_use]
    pub fn count(&self, officer: Option<&UserName>) -> u64 {
        match officer {
            Some(officer) => self.of_officers.get(officer.as_str()).copied().unwrap_or_default(),
            None => self.of_officers.values().sum(),
        }
    }

    /// Counts one more, which this officer held last.
    pub fn count_one(&mut self, officer: Option<&UserName>) {
        self.add(officer.map_or("", UserName::as_str), 1);
    }

    fn add(&mut self, officer: &str, closed: u64) {
        *self.of_officers.entry(officer.to_owned()).or_default() += closed;
    }
}

/// Of each unit that was asked for.
pub(in crate::read) type OfUnits = HashMap<UnitId, UnitClosed>;

/// The closed ones of these units.
pub(in crate::read) struct ClosedOf {
    units: Vec<UnitId>,
    /// What may not be stored yet.
    closings: Vec<Closing>,
}

#[derive(Row, Deserialize)]
struct OfficersClosed {
    unit: String,
    officer: String,
    closed: u64,
}

impl ReadModel {
    /// How many closed applications a list has, whatever its statuses; the applications `unstored` count in
    /// this state.
    ///
    /// # Errors
    /// ClickHouse does not answer.
    pub async fn closed(
        &self,
        filter: &WorklistFilter,
        unstored: &[Arc<Application>],
        now: Timestamp,
    ) -> Result<u64, ReadError> {
        let filter = WorklistFilter { statuses: vec![StatusName::Closed], edge: None, ..filter.clone() };
        let unstored: Vec<_> = unstored.iter().filter(|a| a.status.is_closed()).cloned().collect();
        let mut conditions = filter.conditions(now);
        leave_out(&mut conditions, unstored.iter().map(|a| &a.id));
        let sql = format!(
            "SELECT toUInt64(sum(n)) FROM (
                 SELECT uniqExact(id, life) AS n FROM {}{}
                 UNION ALL
                 SELECT count() AS n FROM {}{}
             )",
            Table::CLOSED_OF_OPEN,
            conditions.sql(Table::Open),
            Table::Closed.from(),
            conditions.sql(Table::Closed)
        );
        let stored: u64 = self.bound(&sql, &conditions, now, &*self.cut().await?).fetch_one().await?;
        Ok(stored + filter.listed(&unstored, now).count() as u64)
    }

    /// How many closed applications each of these units has, with those of `closings`, which ClickHouse may have
    /// or not.
    ///
    /// # Errors
    /// ClickHouse does not answer.
    pub async fn closed_of_units(
        &self,
        units: &[UnitId],
        closings: Vec<Closing>,
    ) -> Result<HashMap<UnitId, UnitClosed>, ReadError> {
        let (read, question) = (self.clone(), ClosedOf { units: units.to_vec(), closings });
        self.closed.ask(question, move |questions| read.clone().closed_of(questions)).await
    }

    async fn closed_of(self, questions: Vec<ClosedOf>) -> Result<Vec<OfUnits>, ReadError> {
        let units: BTreeSet<_> = questions.iter().flat_map(|question| &question.units).collect();
        let closings: HashMap<ApplicationId, &Closing> =
            questions.iter().flat_map(|question| &question.closings).map(|it| (it.id, it)).collect();
        let mut of_units = Conditions::default();
        let units = units.into_iter().map(ToString::to_string).collect();
        of_units.and_with("unit IN {units:Array(String)}", "units", Value::Texts(units));
        let mut conditions = of_units.clone();
        let of_units = of_units.sql(Table::Closed);
        leave_out(&mut conditions, closings.keys());
        let cut = self.cut().await?;
        let (swept, from) = if cut.figures.is_empty() {
            ("count()", Table::Closed.from().to_owned())
        } else {
            // The cells of the reports have them counted.
            ("sum(total)", format!("closed_figures WHERE {}", of_versions(&cut.figures)))
        };
        let each = "SELECT toString(unit) AS unit, toString(officer) AS officer";
        let mut sql = format!(
            "{each}, toInt64(uniqExact(id, life)) AS closed FROM {}{} GROUP BY unit, officer
             UNION ALL
             {each}, toInt64({swept}) AS closed FROM {from}{of_units} GROUP BY unit, officer",
            Table::CLOSED_OF_OPEN,
            conditions.sql(Table::Open),
        );
        if !closings.is_empty() {
            // A sweep may have brought them, and cells do not say which they count. A former application of the
            // same submission was received at another time.
            let received = closings.values().map(|it| it.received_at.as_millisecond()).collect();
            conditions.param("received", Value::Ints(received));
            sql = format!(
                "{sql} UNION ALL
                 {each}, -toInt64(count()) AS closed FROM {}{of_units} AND id IN {{without:Array(UUID)}}
                 AND received_at IN
                     arrayMap(at -> fromUnixTimestamp64Milli(at, 'UTC'), {{received:Array(Int64)}})
                 GROUP BY unit, officer",
                Table::Closed.from()
            );
        }
        let sql = format!(
            "SELECT unit, officer, toUInt64(sum(closed)) AS closed FROM ({sql}) GROUP BY unit, officer"
        );
        let rows: Vec<OfficersClosed> = self.timeless(&sql, &conditions, &cut).fetch_all().await?;
        let mut of_units: HashMap<&str, UnitClosed> = HashMap::new();
        for row in &rows {
            of_units.entry(&row.unit).or_default().add(&row.officer, row.closed);
        }
        for closing in closings.values() {
            of_units.entry(closing.unit.as_str()).or_default().count_one(closing.officer.as_ref());
        }
        let of = |unit: &UnitId| (unit.clone(), of_units.get(unit.as_str()).cloned().unwrap_or_default());
        Ok(questions.iter().map(|question| question.units.iter().map(of).collect()).collect())
    }
}
