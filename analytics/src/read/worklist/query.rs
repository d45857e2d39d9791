//! A list read from ClickHouse: a page of it, all of it, or how many rows each tab has.

use clickhouse::Row;
use clickhouse::query::Query;
use ebasvuru_workflow::domain::catalog::Valilik;
use ebasvuru_workflow::domain::ids::{ApplicationId, UserName};
use futures_util::{Stream, stream};
use jiff::Timestamp;
use serde::Deserialize;
use uuid::Uuid;

use super::{BEHIND_ALL_MS, Cursor, Edge, Page, Sort, WorklistFilter, WorklistRow};
use crate::read::figure::{OPEN, OVERDUE};
use crate::read::sql::Value;
use crate::read::{ReadError, ReadModel, malformed, moment, named, optional, parsed};

/// The deadline that runs: of the answer, or until an Ön Başvuru lapses; in milliseconds.
const DEADLINE_MS: &str = "ifNull(toUnixTimestamp64Milli(ifNull(due_at, lapses_at)), 0)";

/// How many rows stand behind each tab of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Row, Deserialize)]
pub struct Tabs {
    /// Not final.
    pub open: u64,
    /// Open and held by nobody.
    pub unassigned: u64,
    /// Open and held.
    pub assigned: u64,
    /// The Yetkili decides.
    pub awaiting_approval: u64,
    /// Ön Başvuru, open.
    pub pre_application: u64,
    /// Open and past the deadline.
    pub overdue: u64,
    /// Final.
    pub closed: u64,
    /// Open and held by the officer that was asked about.
    pub mine: u64,
}

impl Sort {
    fn key(self) -> String {
        match self {
            Self::Newest | Self::Oldest => "toUnixTimestamp64Milli(received_at)".to_owned(),
            Self::Deadline => format!("{DEADLINE_MS} + if({OPEN}, 0, {BEHIND_ALL_MS})"),
        }
    }

    /// The order, and what is behind a cursor in it; `back`: read from the end.
    const fn direction(self, back: bool) -> (&'static str, &'static str) {
        match (self, back) {
            (Self::Newest, false) | (Self::Oldest | Self::Deadline, true) => ("DESC", "<"),
            (Self::Newest, true) | (Self::Oldest | Self::Deadline, false) => ("ASC", ">"),
        }
    }
}

#[derive(Row, Deserialize)]
struct Raw {
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

impl Raw {
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
            received_at: moment(self.received_at)?,
            deadline: moment(self.deadline)?,
            overdue: self.overdue != 0,
            closed_at: self.closed_at.map(moment).transpose()?,
            masked_name: self.masked_name,
            masked_tckn: self.masked_tckn,
        })
    }
}

impl ReadModel {
    /// A page of at most `limit` rows.
    ///
    /// # Errors
    /// When ClickHouse does not answer, or holds what cannot be read.
    pub async fn worklist(
        &self,
        filter: &WorklistFilter,
        limit: u16,
        now: Timestamp,
    ) -> Result<Page<WorklistRow>, ReadError> {
        let query = self.rows(filter, Some(u32::from(limit) + 1), now);
        let mut raw: Vec<Raw> = query.fetch_all().await?;
        let more = raw.len() > usize::from(limit);
        raw.truncate(limit.into());
        let back = matches!(filter.edge, Some(Edge::Before(_)));
        if back {
            raw.reverse();
        }
        let place = |row: &Raw| Cursor { key: row.sort_key, id: row.id };
        // Where one came from there are rows.
        let previous = raw.first().map(place).filter(|_| if back { more } else { filter.edge.is_some() });
        let next = raw.last().map(place).filter(|_| back || more);
        let rows = raw.into_iter().map(Raw::read).collect::<Result<_, _>>()?;
        Ok(Page { rows, previous, next })
    }

    fn rows(&self, filter: &WorklistFilter, limit: Option<u32>, now: Timestamp) -> Query {
        let mut conditions = filter.conditions(now);
        let (direction, behind) = filter.sort.direction(matches!(filter.edge, Some(Edge::Before(_))));
        let mut page = String::new();
        if let Some(Edge::After(row) | Edge::Before(row)) = filter.edge {
            page = format!("AND (sort_key, id) {behind} ({{edge_key:Int64}}, {{edge_id:UUID}})");
            conditions.param("edge_key", Value::Int(row.key));
            conditions.param("edge_id", Value::Text(row.id.to_string()));
        }
        let sql = format!(
            "SELECT id, no, version, service, valilik, unit, phase, stage, officer, proposal, outcome,
                 received_at, {DEADLINE_MS} AS deadline, toUInt8({OVERDUE}) AS overdue, closed_at,
                 masked_name, masked_tckn, {} AS sort_key
             FROM applications FINAL
             WHERE {} {page}
             ORDER BY sort_key {direction}, id {direction}
             {}",
            filter.sort.key(),
            conditions.sql(),
            limit.map(|limit| format!("LIMIT {limit}")).unwrap_or_default(),
        );
        conditions.bind(self.client.query_raw(&sql)).param("now", now.as_millisecond())
    }

    /// Every row, one after the other, without holding them.
    ///
    /// # Errors
    /// When the query cannot be put; the stream's own when ClickHouse stops answering.
    pub fn stream(
        &self,
        filter: &WorklistFilter,
        now: Timestamp,
    ) -> Result<impl Stream<Item = Result<WorklistRow, ReadError>> + Send + use<>, ReadError> {
        let cursor = self.rows(filter, None, now).fetch::<Raw>()?;
        Ok(stream::try_unfold(cursor, |mut cursor| async {
            let Some(raw) = cursor.next().await? else { return Ok(None) };
            Ok(Some((raw.read()?, cursor)))
        }))
    }

    /// How many rows each tab has; `filter`'s own statuses and order do not count. `mine` is
    /// whose applications the last tab shows.
    ///
    /// # Errors
    /// When ClickHouse does not answer.
    pub async fn tabs(
        &self,
        filter: &WorklistFilter,
        mine: &UserName,
        now: Timestamp,
    ) -> Result<Tabs, ReadError> {
        let conditions = WorklistFilter { statuses: Vec::new(), ..filter.clone() }.conditions(now);
        let sql = format!(
            "SELECT countIf({OPEN}) AS open, countIf(stage = 'unassigned') AS unassigned,
                 countIf(stage = 'assigned') AS assigned, countIf(stage = 'awaiting_approval') AS awaiting_approval,
                 countIf({OPEN} AND phase = 'pre_application') AS pre_application,
                 countIf({OPEN} AND {OVERDUE}) AS overdue, countIf(NOT ({OPEN})) AS closed,
                 countIf({OPEN} AND officer = {{mine:String}}) AS mine
             FROM applications FINAL WHERE {}",
            conditions.sql(),
        );
        let query = conditions.bind(self.client.query_raw(&sql));
        Ok(query.param("mine", mine.as_str()).param("now", now.as_millisecond()).fetch_one().await?)
    }
}
