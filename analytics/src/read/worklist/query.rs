//! Reads a list from ClickHouse: a page of it, all of it, or how many rows each tab has.

use clickhouse::Row;
use ebasvuru_workflow::domain::catalog::Valilik;
use ebasvuru_workflow::domain::ids::ApplicationId;
use futures_util::{Stream, stream};
use jiff::Timestamp;
use serde::Deserialize;
use uuid::Uuid;

use super::{CLOSED_OFFSET_MS, Edge, Page, Sort, WorklistFilter, WorklistRow};
use crate::cut::Cut;
use crate::read::figure::OPEN;
use crate::read::sql::{Conditions, Table, Value, union};
use crate::read::turn::Waiting;
use crate::read::{ReadError, ReadModel, malformed, named, optional, parsed, timestamp};

/// The current deadline, of the answer or until an Ön Başvuru lapses; in milliseconds.
const DEADLINE_MS: &str = "ifNull(toUnixTimestamp64Milli(ifNull(due_at, lapses_at)), 0)";

impl Sort {
    /// What ClickHouse sorts by: what it need not compute for each row, where there is such a column.
    fn column(self) -> String {
        match self {
            Self::Newest | Self::Oldest => "received_at".to_owned(),
            Self::Deadline => self.key(),
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

    /// `ORDER BY` with its columns. `back`: read backwards.
    pub(super) fn order_by(self, back: bool) -> String {
        let (direction, _) = self.direction(back);
        format!("ORDER BY {} {direction}, id {direction}", self.column())
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
    due_at: Option<i64>,
    lapses_at: Option<i64>,
    breached_at: Option<i64>,
    closed_at: Option<i64>,
    masked_name: String,
    masked_tckn: String,
}

impl Stored {
    fn read(self) -> Result<WorklistRow, ReadError> {
        let closed_at = self.closed_at.map(timestamp).transpose()?;
        let deadline = self.due_at.or(self.lapses_at).unwrap_or_default();
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
            deadline: timestamp(deadline)?,
            breached: self.breached_at.is_some(),
            closed_at,
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
        let one_more = u32::from(limit) + 1;
        let query = self.rows(filter, Some(one_more), now, &*self.cut().await?);
        let mut rows = Self::stored_rows(query).await?;
        let more = rows.len() > usize::from(limit);
        rows.truncate(limit.into());
        let back = matches!(filter.edge, Some(Edge::Before(_)));
        if back {
            rows.reverse();
        }
        let cursor = |row: &WorklistRow| row.cursor(filter.sort);
        // With an edge, the page that the reader came from has rows.
        let previous = rows.first().map(cursor).filter(|_| if back { more } else { filter.edge.is_some() });
        let next = rows.last().map(cursor).filter(|_| back || more);
        Ok(Page { rows, previous, next })
    }

    /// The rows that such a query finds.
    pub(super) async fn stored_rows(query: Waiting) -> Result<Vec<WorklistRow>, ReadError> {
        let stored: Vec<Stored> = query.fetch_all().await?;
        stored.into_iter().map(Stored::read).collect()
    }

    fn rows(&self, filter: &WorklistFilter, limit: Option<u32>, now: Timestamp, cut: &Cut) -> Waiting {
        let mut conditions = filter.conditions(now);
        let back = matches!(filter.edge, Some(Edge::Before(_)));
        let mut page = String::new();
        if let Some(Edge::After(row) | Edge::Before(row)) = filter.edge {
            let (key, (_, comparison)) = (filter.sort.key(), filter.sort.direction(back));
            page = format!("AND ({key}, id) {comparison} ({{edge_key:Int64}}, {{edge_id:UUID}})");
            conditions.param("edge_key", Value::Int(row.key));
            conditions.param("edge_id", Value::Text(row.id.to_string()));
        }
        let limit = limit.map(|limit| format!("LIMIT {limit}")).unwrap_or_default();
        let order = format!("{} {limit}", filter.sort.order_by(back));
        // With a limit, each table finds its own first rows. Without one, only the whole is sorted.
        let of_each = if limit.is_empty() { "" } else { &order };
        let select = |table| select(table, &conditions, &format!("{page} {of_each}"));
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
        Ok(stream::try_unfold((cursor, Some(turn)), move |(mut cursor, turn)| async move {
            let next = cursor.next().await?;
            drop(turn);
            let Some(stored) = next else { return Ok(None) };
            Ok(Some((stored.read()?, (cursor, None))))
        }))
    }
}

/// The rows of a table under these conditions, with what follows them. The columns as they are: each
/// expression would take ClickHouse as long to plan as many rows to read.
pub(super) fn select(table: Table, conditions: &Conditions, rest: &str) -> String {
    format!(
        "SELECT id, no, version, service, valilik, unit, phase, stage, officer, proposal, outcome,
             received_at, due_at, lapses_at, breached_at, closed_at, masked_name, masked_tckn
         FROM {}{} {rest}",
        table.from(),
        conditions.of_current(table),
    )
}
