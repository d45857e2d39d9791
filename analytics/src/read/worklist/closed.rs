//! How many closed applications a list has. One statement counts them in units for all who ask at the same
//! time.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use clickhouse::Row;
use ebasvuru_workflow::domain::application::{Application, StatusName};
use ebasvuru_workflow::domain::ids::ApplicationId;
use jiff::Timestamp;
use serde::Deserialize;

use super::WorklistFilter;
use super::tabs::leave_out;
use crate::read::sql::{Conditions, Table, Value, of_versions};
use crate::read::{ReadError, ReadModel};

/// The closed ones of a list that is limited by units, an officer and nothing else.
pub(in crate::read) struct ClosedOf {
    filter: WorklistFilter,
    /// Closed, and perhaps not stored yet.
    unstored: Vec<Arc<Application>>,
    now: Timestamp,
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
        if !filter.is_of_units() {
            let stored = self.closed_of_list(&filter, &unstored, now).await?;
            return Ok(stored + filter.listed(&unstored, now).count() as u64);
        }
        let (read, question) = (self.clone(), ClosedOf { filter, unstored, now });
        self.closed.ask(question, move |questions| read.clone().closed_of_units(questions)).await
    }

    async fn closed_of_list(
        &self,
        filter: &WorklistFilter,
        without: &[Arc<Application>],
        now: Timestamp,
    ) -> Result<u64, ReadError> {
        let mut conditions = filter.conditions(now);
        leave_out(&mut conditions, without);
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
        self.bound(&sql, &conditions, now, &*self.cut().await?).fetch_one().await
    }

    async fn closed_of_units(self, questions: Vec<ClosedOf>) -> Result<Vec<u64>, ReadError> {
        let units: BTreeSet<_> = questions.iter().flat_map(|question| &question.filter.units).collect();
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
        let of = |ClosedOf { filter, now, .. }: &ClosedOf| {
            let of_list = |row: &&OfficersClosed| {
                filter.units.iter().any(|unit| unit.as_str() == row.unit)
                    && filter.officer.as_ref().is_none_or(|officer| officer.as_str() == row.officer)
            };
            let stored: u64 = rows.iter().filter(of_list).map(|row| row.closed).sum();
            stored + filter.listed(&unstored, *now).count() as u64
        };
        Ok(questions.iter().map(of).collect())
    }
}
