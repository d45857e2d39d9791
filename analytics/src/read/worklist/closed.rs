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

    fn add(&mut self, officer: &str, closed: u64) {
        *self.of_officers.entry(officer.to_owned()).or_default() += closed;
    }
}

/// Of each unit that was asked for.
pub(in crate::read) type OfUnits = HashMap<UnitId, UnitClosed>;

/// The closed ones of these units.
pub(in crate::read) struct ClosedOf {
    units: Vec<UnitId>,
    /// Closed, and perhaps not stored yet.
    unstored: Vec<Arc<Application>>,
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
        leave_out(&mut conditions, &unstored);
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

    /// How many closed applications each of these units has; the applications `unstored` count in this state.
    ///
    /// # Errors
    /// ClickHouse does not answer.
    pub async fn closed_of_units(
        &self,
        units: &[UnitId],
        unstored: &[Arc<Application>],
    ) -> Result<HashMap<UnitId, UnitClosed>, ReadError> {
        let unstored = unstored.iter().filter(|a| a.status.is_closed()).cloned().collect();
        let (read, question) = (self.clone(), ClosedOf { units: units.to_vec(), unstored });
        self.closed.ask(question, move |questions| read.clone().closed_of(questions)).await
    }

    async fn closed_of(self, questions: Vec<ClosedOf>) -> Result<Vec<OfUnits>, ReadError> {
        let units: BTreeSet<_> = questions.iter().flat_map(|question| &question.units).collect();
        let unstored: HashMap<ApplicationId, &Arc<Application>> =
            questions.iter().flat_map(|question| &question.unstored).map(|a| (a.id, a)).collect();
        let unstored: Vec<_> = unstored.into_values().cloned().collect();
        let mut of_units = Conditions::default();
        let units = units.into_iter().map(ToString::to_string).collect();
        of_units.and_with("unit IN {units:Array(String)}", "units", Value::Texts(units));
        let mut conditions = of_units.clone();
        leave_out(&mut conditions, &unstored);
        let cut = self.cut().await?;
        let swept = if cut.figures.is_empty() {
            format!("count() AS closed FROM {}", Table::Closed.from())
        } else {
            // The cells of the reports have them counted.
            format!("sum(total) AS closed FROM closed_figures WHERE {}", of_versions(&cut.figures))
        };
        let each = "SELECT toString(unit) AS unit, toString(officer) AS officer";
        let sql = format!(
            "SELECT unit, officer, toUInt64(closed) AS closed FROM (
                 {each}, uniqExact(id, life) AS closed FROM {}{} GROUP BY unit, officer
                 UNION ALL
                 {each}, {swept}{} GROUP BY unit, officer
             )",
            Table::CLOSED_OF_OPEN,
            conditions.sql(Table::Open),
            of_units.sql(Table::Closed)
        );
        let rows: Vec<OfficersClosed> = self.timeless(&sql, &conditions, &cut).fetch_all().await?;
        let mut of_units: HashMap<&str, UnitClosed> = HashMap::new();
        for row in &rows {
            of_units.entry(&row.unit).or_default().add(&row.officer, row.closed);
        }
        for application in &unstored {
            let Status::Closed { officer, .. } = &application.status else { continue };
            let officer = officer.as_ref().map_or("", UserName::as_str);
            of_units.entry(application.unit.as_str()).or_default().add(officer, 1);
        }
        let of = |unit: &UnitId| (unit.clone(), of_units.get(unit.as_str()).cloned().unwrap_or_default());
        Ok(questions.iter().map(|question| question.units.iter().map(of).collect()).collect())
    }
}
