//! How many rows each tab of a list has.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use clickhouse::Row;
use ebasvuru_workflow::domain::application::{Application, StatusName};
use ebasvuru_workflow::domain::catalog::UnitId;
use ebasvuru_workflow::domain::ids::{ApplicationId, UserName};
use jiff::Timestamp;
use serde::Deserialize;

use super::{WorklistFilter, WorklistRow};
use crate::read::figure::{OPEN, OVERDUE};
use crate::read::sql::{Conditions, Table, Value, of_versions, union};
use crate::read::{ReadError, ReadModel};

/// How many rows each tab of a list has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Row, Deserialize)]
pub struct Tabs {
    /// Not closed.
    pub open: u64,
    /// Open and held by nobody.
    pub unassigned: u64,
    /// Open and held.
    pub assigned: u64,
    /// Waiting for the Yetkili.
    pub awaiting_approval: u64,
    /// Ön Başvuru, open.
    pub pre_application: u64,
    /// Open and past the deadline.
    pub overdue: u64,
    /// Closed.
    pub closed: u64,
    /// Open and held by the given officer.
    pub mine: u64,
}

impl Tabs {
    /// Counts a row, as the query does.
    pub fn count(&mut self, row: &WorklistRow, mine: &UserName, now: Timestamp) {
        let tab = match row.status {
            StatusName::Unassigned => &mut self.unassigned,
            StatusName::Assigned => &mut self.assigned,
            StatusName::AwaitingApproval => &mut self.awaiting_approval,
            StatusName::Closed => {
                self.closed += 1;
                return;
            }
        };
        *tab += 1;
        self.open += 1;
        self.pre_application += u64::from(row.pre_application);
        self.overdue += u64::from(row.is_overdue(now));
        self.mine += u64::from(row.officer.as_ref() == Some(mine));
    }

    /// Counts those of these applications that are in the list.
    fn count_listed(
        &mut self,
        filter: &WorklistFilter,
        applications: &[Arc<Application>],
        mine: &UserName,
        now: Timestamp,
    ) {
        let found = |a: &Application| filter.search.as_ref().is_none_or(|search| search.finds(a));
        for application in applications {
            let row = WorklistRow::of(application);
            if filter.admits(&row, now) && found(application) {
                self.count(&row, mine, now);
            }
        }
    }
}

/// The columns of [`Tabs`] without `mine`, and what each counts.
fn counts() -> [(&'static str, String); 7] {
    [
        ("open", format!("countIf({OPEN})")),
        ("unassigned", "countIf(stage = 'unassigned')".into()),
        ("assigned", "countIf(stage = 'assigned')".into()),
        ("awaiting_approval", "countIf(stage = 'awaiting_approval')".into()),
        ("pre_application", format!("countIf({OPEN} AND phase = 'pre_application')")),
        ("overdue", format!("countIf({OPEN} AND {OVERDUE})")),
        ("closed", format!("countIf(NOT ({OPEN}))")),
    ]
}

/// The closed ones of `FROM` and its conditions, with zeros in the other columns.
fn closed_alone(count: &str) -> String {
    counts()
        .map(|(name, _)| if name == "closed" { format!("{count} AS closed") } else { format!("0 AS {name}") })
        .join(", ")
}

/// What somebody wants to know of units. One statement counts for all who ask at the same time.
pub(in crate::read) struct OfUnits {
    units: Vec<UnitId>,
    unstored: Vec<Arc<Application>>,
    now: Timestamp,
}

/// The tabs of units, by officer.
pub(in crate::read) struct TabsOfUnits {
    rows: Vec<OfficersTabs>,
    /// What the statement left out: everybody's unstored applications.
    without: Vec<Arc<Application>>,
}

/// The open ones that an officer holds in a unit, and the closed ones that they held last.
#[derive(Row, Deserialize)]
struct OfficersTabs {
    unit: String,
    officer: String,
    open: u64,
    unassigned: u64,
    assigned: u64,
    awaiting_approval: u64,
    pre_application: u64,
    overdue: u64,
    closed: u64,
}

impl TabsOfUnits {
    fn tabs(&self, filter: &WorklistFilter, mine: &UserName) -> Tabs {
        let mut tabs = Tabs::default();
        for row in &self.rows {
            let unit = filter.units.iter().any(|unit| unit.as_str() == row.unit);
            if unit && filter.officer.as_ref().is_none_or(|officer| officer.as_str() == row.officer) {
                tabs.open += row.open;
                tabs.unassigned += row.unassigned;
                tabs.assigned += row.assigned;
                tabs.awaiting_approval += row.awaiting_approval;
                tabs.pre_application += row.pre_application;
                tabs.overdue += row.overdue;
                tabs.closed += row.closed;
                tabs.mine += if row.officer == mine.as_str() { row.open } else { 0 };
            }
        }
        tabs
    }
}

impl ReadModel {
    /// How many rows each tab has. The statuses and the order of `filter` do not count. `mine` is the
    /// officer of the last tab; the applications `unstored` count in this state.
    ///
    /// # Errors
    /// ClickHouse does not answer.
    pub async fn tabs(
        &self,
        filter: &WorklistFilter,
        mine: &UserName,
        unstored: &[Arc<Application>],
        now: Timestamp,
    ) -> Result<Tabs, ReadError> {
        let filter = WorklistFilter { statuses: Vec::new(), ..filter.clone() };
        if filter.is_of_units() {
            let question = OfUnits { units: filter.units.clone(), unstored: unstored.to_vec(), now };
            let read = self.clone();
            let ask = move |questions: Vec<OfUnits>| {
                let read = read.clone();
                async move {
                    let counted = Arc::new(read.tabs_of_units(&questions).await?);
                    Ok(vec![counted; questions.len()])
                }
            };
            let counted = self.of_units.ask(question, ask).await?;
            let mut tabs = counted.tabs(&filter, mine);
            tabs.count_listed(&filter, &counted.without, mine, now);
            return Ok(tabs);
        }
        let mut tabs = self.stored_tabs(&filter, mine, unstored, now).await?;
        tabs.count_listed(&filter, unstored, mine, now);
        Ok(tabs)
    }

    async fn stored_tabs(
        &self,
        filter: &WorklistFilter,
        mine: &UserName,
        without: &[Arc<Application>],
        now: Timestamp,
    ) -> Result<Tabs, ReadError> {
        let mut conditions = filter.conditions(now);
        leave_out(&mut conditions, without);
        let mine_open = format!("countIf({OPEN} AND officer = {{mine:String}})");
        let counts: Vec<_> = counts().into_iter().chain([("mine", mine_open)]).collect();
        let each =
            counts.iter().map(|(name, count)| format!("{count} AS {name}")).collect::<Vec<_>>().join(", ");
        let sums = counts
            .iter()
            .map(|(name, _)| format!("toUInt64(sum(c.{name})) AS {name}"))
            .collect::<Vec<_>>()
            .join(", ");
        let cut = self.cut().await?;
        let select = |table: Table| format!("SELECT {each} FROM {}{}", table.from(), conditions.sql(table));
        let sql = format!("SELECT {sums} FROM ({}) AS c", union(filter.tables(), select));
        let query = self.bound(&sql, &conditions, now, &cut);
        query.param("mine", mine.as_str()).fetch_one().await
    }

    async fn tabs_of_units(&self, questions: &[OfUnits]) -> Result<TabsOfUnits, ReadError> {
        let units: BTreeSet<_> = questions.iter().flat_map(|question| &question.units).collect();
        let mut unstored: HashMap<ApplicationId, Arc<Application>> = HashMap::new();
        for application in questions.iter().flat_map(|question| &question.unstored) {
            let newest = unstored.entry(application.id).or_insert_with(|| Arc::clone(application));
            if application.version > newest.version {
                *newest = Arc::clone(application);
            }
        }
        let without: Vec<_> = unstored.into_values().collect();
        let now = questions.iter().map(|question| question.now).max().unwrap_or_default();
        let mut conditions = Conditions::default();
        let units = units.into_iter().map(ToString::to_string).collect();
        conditions.and_with("unit IN {units:Array(String)}", "units", Value::Texts(units));
        let of_units = conditions.clone();
        // What is closed gets no more replies, so none of them is among the closed ones already.
        leave_out(&mut conditions, &without);
        let cut = self.cut().await?;
        let select = |table: Table| {
            let (counts, from) = match table {
                Table::Open => {
                    let each = counts().map(|(name, count)| format!("{count} AS {name}")).join(", ");
                    (each, format!("{}{}", table.from(), conditions.sql(table)))
                }
                Table::Closed if cut.figures.is_empty() => {
                    (closed_alone("count()"), format!("{}{}", table.from(), of_units.sql(table)))
                }
                // The cells of the reports have them counted.
                Table::Closed => {
                    let versions = of_versions(&cut.figures);
                    let from = format!("closed_figures WHERE {versions}{}", of_units.sql(table));
                    (closed_alone("sum(total)"), from)
                }
            };
            format!(
                "SELECT toString(unit) AS unit, toString(officer) AS officer, {counts} FROM {from} GROUP BY unit, officer"
            )
        };
        let names = counts().map(|(name, _)| format!("toUInt64({name}) AS {name}")).join(", ");
        let sql = format!("SELECT unit, officer, {names} FROM ({})", union(&Table::BOTH, select));
        let rows = self.bound(&sql, &conditions, now, &cut).fetch_all().await?;
        Ok(TabsOfUnits { rows, without })
    }
}

/// Leaves out these applications.
fn leave_out(conditions: &mut Conditions, applications: &[Arc<Application>]) {
    if !applications.is_empty() {
        let ids = applications.iter().map(|a| a.id.to_string()).collect();
        conditions.and_with("id NOT IN {without:Array(UUID)}", "without", Value::Texts(ids));
    }
}
