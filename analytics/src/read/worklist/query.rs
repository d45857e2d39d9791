//! Reads a list from ClickHouse: a page of it, all of it, or how many rows each tab has.

use std::sync::Arc;

use clickhouse::Row;
use ebasvuru_workflow::domain::application::{Application, StatusName};
use ebasvuru_workflow::domain::catalog::Valilik;
use ebasvuru_workflow::domain::ids::{ApplicationId, UserName};
use futures_util::{Stream, stream};
use jiff::Timestamp;
use serde::Deserialize;
use uuid::Uuid;

use super::{CLOSED_OFFSET_MS, Cursor, Edge, Page, Sort, WorklistFilter, WorklistRow};
use crate::cut::Cut;
use crate::read::figure::{OPEN, OVERDUE};
use crate::read::sql::{Conditions, Table, Value, by_number, of_versions, union};
use crate::read::turn::Waiting;
use crate::read::{ReadError, ReadModel, malformed, named, optional, parsed, timestamp};

/// The current deadline, of the answer or until an Ön Başvuru lapses; in milliseconds.
const DEADLINE_MS: &str = "ifNull(toUnixTimestamp64Milli(ifNull(due_at, lapses_at)), 0)";

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
    pub fn count(&mut self, row: &WorklistRow, mine: &UserName) {
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
        self.overdue += u64::from(row.overdue);
        self.mine += u64::from(row.officer.as_ref() == Some(mine));
    }
}

impl Sort {
    /// The column by which ClickHouse sorts: what it need not compute for each row, where there is one.
    const fn column(self) -> &'static str {
        match self {
            Self::Newest | Self::Oldest => "received_at",
            Self::Deadline => "sort_key",
        }
    }

    /// The key of a row, as cursors have it. It is in the order of the column.
    fn key(self) -> String {
        match self {
            Self::Newest | Self::Oldest => "toUnixTimestamp64Milli(received_at)".to_owned(),
            Self::Deadline => format!("{DEADLINE_MS} + if({OPEN}, 0, {CLOSED_OFFSET_MS})"),
        }
    }

    /// The direction of the sort, and the comparison for rows after a cursor. `back`: read backwards.
    const fn direction(self, back: bool) -> (&'static str, &'static str) {
        match (self, back) {
            (Self::Newest, false) | (Self::Oldest | Self::Deadline, true) => ("DESC", "<"),
            (Self::Newest, true) | (Self::Oldest | Self::Deadline, false) => ("ASC", ">"),
        }
    }
}

#[derive(Row, Deserialize)]
struct Stored {
    #[serde(with = "clickhouse::serde::uuid")]
    id: Uuid,
    no: String,
    version: u64,
    service: String,
    valilik: u8,
    unit: String,
    phase: String,
    stage: String,
    officer: String,
    proposal: String,
    outcome: String,
    received_at: i64,
    deadline: i64,
    overdue: u8,
    closed_at: Option<i64>,
    masked_name: String,
    masked_tckn: String,
    sort_key: i64,
}

impl Stored {
    fn read(self) -> Result<WorklistRow, ReadError> {
        Ok(WorklistRow {
            id: ApplicationId(self.id),
            no: parsed("no", &self.no)?,
            version: self.version,
            service: parsed("service", &self.service)?,
            valilik: Valilik::from_plate(self.valilik)
                .ok_or_else(|| malformed("valilik", &self.valilik.to_string()))?,
            unit: parsed("unit", &self.unit)?,
            pre_application: self.phase == "pre_application",
            status: named("stage", &self.stage)?,
            officer: optional(&self.officer, |text| parsed("a user name", text))?,
            proposal: (!self.proposal.is_empty()).then_some(self.proposal),
            outcome: optional(&self.outcome, |text| named("outcome", text))?,
            received_at: timestamp(self.received_at)?,
            deadline: timestamp(self.deadline)?,
            overdue: self.overdue != 0,
            closed_at: self.closed_at.map(timestamp).transpose()?,
            masked_name: self.masked_name,
            masked_tckn: self.masked_tckn,
        })
    }
}

impl ReadModel {
    /// A page of at most `limit` rows.
    ///
    /// # Errors
    /// ClickHouse does not answer, or has a value that cannot be read.
    pub async fn worklist(
        &self,
        filter: &WorklistFilter,
        limit: u16,
        now: Timestamp,
    ) -> Result<Page<WorklistRow>, ReadError> {
        let query = self.rows(filter, Some(u32::from(limit) + 1), now, &*self.cut().await?);
        let mut stored: Vec<Stored> = query.fetch_all().await?;
        let more = stored.len() > usize::from(limit);
        stored.truncate(limit.into());
        let back = matches!(filter.edge, Some(Edge::Before(_)));
        if back {
            stored.reverse();
        }
        let cursor = |row: &Stored| Cursor { key: row.sort_key, id: row.id };
        // With an edge, the page that the reader came from has rows.
        let previous = stored.first().map(cursor).filter(|_| if back { more } else { filter.edge.is_some() });
        let next = stored.last().map(cursor).filter(|_| back || more);
        let rows = stored.into_iter().map(Stored::read).collect::<Result<_, _>>()?;
        Ok(Page { rows, previous, next })
    }

    fn rows(&self, filter: &WorklistFilter, limit: Option<u32>, now: Timestamp, cut: &Cut) -> Waiting {
        let mut conditions = filter.conditions(now);
        let (direction, comparison) = filter.sort.direction(matches!(filter.edge, Some(Edge::Before(_))));
        let mut page = String::new();
        if let Some(Edge::After(row) | Edge::Before(row)) = filter.edge {
            page = format!("AND (sort_key, id) {comparison} ({{edge_key:Int64}}, {{edge_id:UUID}})");
            conditions.param("edge_key", Value::Int(row.key));
            conditions.param("edge_id", Value::Text(row.id.to_string()));
        }
        let limit = limit.map(|limit| format!("LIMIT {limit}")).unwrap_or_default();
        let column = filter.sort.column();
        let order = format!("ORDER BY {column} {direction}, id {direction} {limit}");
        // With a limit, each table finds its own first rows. Without one, only the whole is sorted.
        let of_each = if limit.is_empty() { "" } else { &order };
        let select = |table| select(table, &conditions, filter.sort, &format!("{page} {of_each}"));
        // Reading in the order of the key is slower than sorting the few columns of a unit's rows.
        let sql = format!(
            "SELECT * FROM ({}) {order} SETTINGS optimize_read_in_order = 0",
            union(filter.tables(), select)
        );
        self.bound(&sql, &conditions, now, cut)
    }

    /// Every row, one after the other, without keeping them in memory.
    ///
    /// # Errors
    /// The query cannot be sent. Items are errors if ClickHouse stops answering.
    pub async fn stream(
        &self,
        filter: &WorklistFilter,
        now: Timestamp,
    ) -> Result<impl Stream<Item = Result<WorklistRow, ReadError>> + Send + use<>, ReadError> {
        let (cursor, turn) = self.rows(filter, None, now, &*self.cut().await?).fetch::<Stored>().await?;
        Ok(stream::try_unfold((cursor, Some(turn)), |(mut cursor, turn)| async move {
            let next = cursor.next().await?;
            drop(turn);
            let Some(stored) = next else { return Ok(None) };
            Ok(Some((stored.read()?, (cursor, None))))
        }))
    }

    /// The rows of these applications, as far as they are stored.
    ///
    /// # Errors
    /// ClickHouse does not answer, or has a value that cannot be read.
    pub async fn rows_of(
        &self,
        applications: &[Arc<Application>],
        now: Timestamp,
    ) -> Result<Vec<WorklistRow>, ReadError> {
        if applications.is_empty() {
            return Ok(Vec::new());
        }
        // By the whole key, so that FINAL reads the granules of these applications only.
        let mut conditions = Conditions::default();
        conditions.and_each(
            "valilik IN {valilikler:Array(UInt8)} AND service IN {services:Array(String)} \
             AND id IN {ids:Array(UUID)}",
            by_number!("no IN {numbers:Array(String)}"),
        );
        let valilikler = applications.iter().map(|a| a.valilik.plate().into()).collect();
        conditions.param("valilikler", Value::Ints(valilikler));
        let texts =
            |of: &dyn Fn(&Application) -> String| Value::Texts(applications.iter().map(|a| of(a)).collect());
        conditions.param("services", texts(&|a| a.service.to_string()));
        conditions.param("ids", texts(&|a| a.id.to_string()));
        conditions.param("numbers", texts(&|a| a.no.to_string()));
        let sql = union(&Table::BOTH, |table| select(table, &conditions, Sort::default(), ""));
        let query = self.bound(&sql, &conditions, now, &*self.cut().await?);
        query.fetch_all::<Stored>().await?.into_iter().map(Stored::read).collect()
    }

    /// How many rows each tab has. The statuses and the order of `filter` do not count. `mine` is the
    /// officer of the last tab; the applications `without` are not counted.
    ///
    /// # Errors
    /// ClickHouse does not answer.
    pub async fn tabs(
        &self,
        filter: &WorklistFilter,
        mine: &UserName,
        without: &[Arc<Application>],
        now: Timestamp,
    ) -> Result<Tabs, ReadError> {
        let filter = WorklistFilter { statuses: Vec::new(), ..filter.clone() };
        let mut conditions = filter.conditions(now);
        if !without.is_empty() {
            let ids = without.iter().map(|a| a.id.to_string()).collect();
            conditions.and_with("id NOT IN {without:Array(UUID)}", "without", Value::Texts(ids));
        }
        let counts = [
            ("open", format!("countIf({OPEN})")),
            ("unassigned", "countIf(stage = 'unassigned')".into()),
            ("assigned", "countIf(stage = 'assigned')".into()),
            ("awaiting_approval", "countIf(stage = 'awaiting_approval')".into()),
            ("pre_application", format!("countIf({OPEN} AND phase = 'pre_application')")),
            ("overdue", format!("countIf({OPEN} AND {OVERDUE})")),
            ("closed", format!("countIf(NOT ({OPEN}))")),
            ("mine", format!("countIf({OPEN} AND officer = {{mine:String}})")),
        ];
        let each = counts.each_ref().map(|(name, count)| format!("{count} AS {name}")).join(", ");
        let sums = counts.each_ref().map(|(name, _)| format!("toUInt64(sum(c.{name})) AS {name}")).join(", ");
        let cut = self.cut().await?;
        // The closed ones alone are counted in the cells of the reports.
        let from_cells = without.is_empty() && filter.is_of_cells() && !cut.figures.is_empty();
        let select = |table: Table| {
            let conditions = conditions.sql(table);
            if from_cells && table == Table::Closed {
                let each = counts.each_ref().map(|(name, _)| match *name {
                    "closed" => "sum(total) AS closed".to_owned(),
                    name => format!("0 AS {name}"),
                });
                let versions = of_versions(&cut.figures);
                return format!(
                    "SELECT {} FROM closed_figures WHERE {versions}{conditions}",
                    each.join(", ")
                );
            }
            format!("SELECT {each} FROM {}{conditions}", table.from())
        };
        let sql = format!("SELECT {sums} FROM ({}) AS c", union(filter.tables(), select));
        let query = self.bound(&sql, &conditions, now, &cut);
        query.param("mine", mine.as_str()).fetch_one().await
    }
}

/// The rows of a table under these conditions, with what follows them.
fn select(table: Table, conditions: &Conditions, sort: Sort, rest: &str) -> String {
    format!(
        "SELECT id, no, version, service, valilik, unit, phase, stage, officer, proposal, outcome,
             received_at, {DEADLINE_MS} AS deadline, toUInt8({OVERDUE}) AS overdue, closed_at,
             masked_name, masked_tckn, {} AS sort_key
         FROM {}{} {rest}",
        sort.key(),
        table.from(),
        conditions.sql(table),
    )
}
