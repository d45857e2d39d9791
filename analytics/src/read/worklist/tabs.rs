//! How many rows each tab of a list has.

use std::sync::Arc;

use clickhouse::Row;
use ebasvuru_workflow::domain::application::{Application, StatusName};
use ebasvuru_workflow::domain::ids::{ApplicationId, UserName};
use jiff::Timestamp;
use serde::Deserialize;

use super::{WorklistFilter, WorklistRow};
use crate::read::figure::{OPEN, OVERDUE};
use crate::read::sql::{Conditions, Table, Value, union};
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
        let mut tabs = self.stored_tabs(&filter, mine, unstored, now).await?;
        filter.listed(unstored, now).for_each(|row| tabs.count(&row, mine, now));
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
        leave_out(&mut conditions, without.iter().map(|a| &a.id));
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
        let select =
            |table: Table| format!("SELECT {each} FROM {}{}", table.from(), conditions.of_current(table));
        let sql = format!("SELECT {sums} FROM ({}) AS c", union(filter.tables(), select));
        let query = self.bound(&sql, &conditions, now, &cut);
        query.param("mine", mine.as_str()).fetch_one().await
    }
}

/// Leaves out these applications.
pub(super) fn leave_out<'a>(conditions: &mut Conditions, ids: impl Iterator<Item = &'a ApplicationId>) {
    let ids: Vec<_> = ids.map(ToString::to_string).collect();
    if !ids.is_empty() {
        conditions.and_with("id NOT IN {without:Array(UUID)}", "without", Value::Texts(ids));
    }
}
