//! Worklists: one unit's, one officer's, or a search; by key, page after page.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use clickhouse::Row;
use clickhouse::query::Query;
use ebasvuru_workflow::domain::application::{Application, Outcome, Stage, StageName};
use ebasvuru_workflow::domain::catalog::{ServiceSlug, UnitId, Valilik};
use ebasvuru_workflow::domain::ids::{ApplicationId, ApplicationNo, UserName};
use futures_util::{Stream, stream};
use jiff::tz::{self, TimeZone};
use jiff::{Timestamp, ToSpan, civil::Weekday};
use serde::Deserialize;
use uuid::Uuid;

use super::figure::{Figure, OPEN, OVERDUE};
use super::report::ReportFilter;
use super::sql::{Conditions, OF_PERSON, Value};
use super::{ReadError, ReadModel, malformed, moment, named, optional, parsed};

/// The deadline that runs: of the answer, or until an Ön Başvuru lapses; in milliseconds.
const DEADLINE_MS: &str = "ifNull(toUnixTimestamp64Milli(ifNull(due_at, lapses_at)), 0)";

/// It has not passed, and passes at `{soon:Int64}` or before.
const DEADLINE_AHEAD: &str =
    "(ifNull(toUnixTimestamp64Milli(ifNull(due_at, lapses_at)), 0) BETWEEN {now:Int64} + 1 AND {soon:Int64})";

/// In one of these units, so that only what may be there is read: FINAL reads every granule whose
/// keys lie among those that an index on `unit` picks, over all months, which is the whole table.
/// A unit's applications are of its own governorate, the first part of the key, but for those that
/// a havale brought from another: their keys are found first, in whatever version, without FINAL.
const IN_UNITS: &str = "unit IN {units:Array(String)} AND (valilik IN {homes:Array(UInt8)} \
     OR (valilik, service, id) IN (SELECT valilik, service, id FROM applications \
     WHERE unit IN {units:Array(String)} AND valilik NOT IN {homes:Array(UInt8)}))";

/// Which applications a list shows; what is `None` or empty does not narrow it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorklistFilter {
    /// In one of these units now. Empty is every unit: scope is the caller's to set.
    pub units: Vec<UnitId>,
    /// Held by this officer ("Sorumlu Üzerindeki Başvurular"); of closed ones, held last.
    pub officer: Option<UserName>,
    /// In one of these stages.
    pub stages: Vec<StageName>,
    /// Ön Başvuru, or Başvuru.
    pub pre_application: Option<bool>,
    /// Of this service.
    pub service: Option<ServiceSlug>,
    /// Of this governorate.
    pub valilik: Option<Valilik>,
    /// By deadline.
    pub deadline: Option<Deadline>,
    /// Exactly those that a figure of the reports counts, received in its period.
    pub figure: Option<(&'static Figure, ReportFilter)>,
    /// Found by.
    pub search: Option<Search>,
    /// In which order.
    pub sort: Sort,
    /// The page at this edge; the first one without.
    pub edge: Option<Edge>,
}

/// Where a page lies: next to a row of another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// Right behind this row.
    After(Cursor),
    /// Right before this row.
    Before(Cursor),
}

impl Edge {
    /// What an address says: behind a row, or else before one.
    #[must_use]
    pub fn of(after: &str, before: &str) -> Option<Self> {
        after.parse().map(Self::After).or_else(|_| before.parse().map(Self::Before)).ok()
    }
}

/// Applications by their deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deadline {
    /// It has passed, or had when the application was closed.
    Overdue,
    /// Open, and its last day is today.
    Today,
    /// Open, and its last day is today or one of the days up to Sunday.
    ThisWeek,
}

/// What a person typed to find an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Search {
    /// The number, or how it begins.
    NumberPrefix(String),
    /// The index of a T.C. Kimlik No (`Sealer::tckn_index`).
    TcknIndex(String),
    /// The index of every token of a name (`Sealer::name_index`); all must be there.
    NameIndex(Vec<String>),
}

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Newest first.
    #[default]
    Newest,
    /// Oldest first.
    Oldest,
    /// By deadline, the most pressing first; closed ones press nobody and come last.
    Deadline,
}

/// What moves closed ones behind every deadline to come, in milliseconds.
const BEHIND_ALL_MS: i64 = 10_000_000_000_000;

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

/// The first or last row of a page, as it stands in a link to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    key: i64,
    id: Uuid,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.key, self.id.simple())
    }
}

/// A text that is no cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no link to a page of a list")]
pub struct BadCursor;

impl FromStr for Cursor {
    type Err = BadCursor;
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        let (key, id) = s.split_once('.').ok_or(BadCursor)?;
        Ok(Self { key: key.parse().map_err(|_| BadCursor)?, id: id.parse().map_err(|_| BadCursor)? })
    }
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Before which row the previous page ends, if there is one.
    pub previous: Option<Cursor>,
    /// Behind which row the next page begins, if there is one.
    pub next: Option<Cursor>,
}

/// A row of a list: no personal data but what is masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorklistRow {
    /// Its identity.
    pub id: ApplicationId,
    /// Its number.
    pub no: ApplicationNo,
    /// Its version, for the actions of the row.
    pub version: u64,
    /// The service.
    pub service: ServiceSlug,
    /// The governorate.
    pub valilik: Valilik,
    /// The unit it is in.
    pub unit: UnitId,
    /// Whether it is an Ön Başvuru.
    pub pre_application: bool,
    /// Where it stands.
    pub stage: StageName,
    /// Who holds it; of a closed one, who held it last.
    pub officer: Option<UserName>,
    /// What the Yetkili is asked to approve: `answer`, `rejection` or `referral`.
    pub proposal: Option<String>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// When it was received.
    pub received_at: Timestamp,
    /// The first instant that is too late for the answer; for an Ön Başvuru, when it lapses.
    pub deadline: Timestamp,
    /// Whether the deadline of the answer passed before it was closed, or has passed.
    pub overdue: bool,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// The applicant's name, masked.
    pub masked_name: String,
    /// The applicant's T.C. Kimlik No, masked.
    pub masked_tckn: String,
}

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

impl WorklistRow {
    /// The row that ClickHouse will show of this state: pages lay what a reply said over what
    /// the read model does not have yet.
    #[must_use]
    pub fn of(application: &Application, now: Timestamp) -> Self {
        let (officer, proposal, outcome, closed_at) = match &application.stage {
            Stage::Unassigned => (None, None, None, None),
            Stage::Assigned { officer } => (Some(officer), None, None, None),
            Stage::AwaitingApproval { officer, proposal, .. } => (Some(officer), Some(proposal), None, None),
            Stage::Closed { outcome, officer, at } => (officer.as_ref(), None, Some(*outcome), Some(*at)),
        };
        let until = closed_at.unwrap_or(now);
        Self {
            id: application.id,
            no: application.no.clone(),
            version: application.version,
            service: application.service.clone(),
            valilik: application.valilik,
            unit: application.unit.clone(),
            pre_application: application.phase.is_pre_application(),
            stage: application.stage.name(),
            officer: officer.cloned(),
            proposal: proposal.map(|proposal| proposal.name().to_owned()),
            outcome,
            received_at: application.received_at,
            deadline: application.phase.strikes_at(),
            overdue: application.breached_at.is_some()
                || application.phase.due_at().is_some_and(|due| due <= until),
            closed_at,
            masked_name: application.applicant.masked_name.clone(),
            masked_tckn: application.applicant.masked_tckn.clone(),
        }
    }

    /// Where the row stands in a list of this order.
    #[must_use]
    pub fn cursor(&self, sort: Sort) -> Cursor {
        let behind = if self.stage == StageName::Closed { BEHIND_ALL_MS } else { 0 };
        let key = match sort {
            Sort::Newest | Sort::Oldest => self.received_at.as_millisecond(),
            Sort::Deadline => self.deadline.as_millisecond() + behind,
        };
        Cursor { key, id: self.id.0 }
    }
}

impl Sort {
    /// Which of two places comes first.
    #[must_use]
    pub fn compare(self, a: Cursor, b: Cursor) -> Ordering {
        // ClickHouse orders a UUID by its second half, then by its first.
        let place = |cursor: Cursor| {
            let (first, second) = cursor.id.as_u64_pair();
            (cursor.key, second, first)
        };
        let order = place(a).cmp(&place(b));
        if self == Self::Newest { order.reverse() } else { order }
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

    /// How many rows each tab has; `filter`'s own stages and order do not count. `mine` is
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
        let conditions = WorklistFilter { stages: Vec::new(), ..filter.clone() }.conditions(now);
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

impl WorklistFilter {
    /// Whether the list holds this row; where on it, and a search, are not asked (an index of
    /// a person stands in no row).
    #[must_use]
    pub fn admits(&self, row: &WorklistRow, now: Timestamp) -> bool {
        let open = row.stage != StageName::Closed;
        let ahead = |days| {
            let soon = end_of_day(now, days);
            open && row.deadline > now && row.deadline <= soon
        };
        let deadline = self.deadline.is_none_or(|deadline| match deadline {
            Deadline::Overdue => row.overdue,
            Deadline::Today => ahead(1),
            Deadline::ThisWeek => ahead(days_to_sunday(now)),
        });
        deadline
            && (self.units.is_empty() || self.units.contains(&row.unit))
            && (self.stages.is_empty() || self.stages.contains(&row.stage))
            && self.officer.as_ref().is_none_or(|officer| row.officer.as_ref() == Some(officer))
            && self.service.as_ref().is_none_or(|service| row.service == *service)
            && self.valilik.is_none_or(|valilik| row.valilik == valilik)
            && self.pre_application.is_none_or(|pre| row.pre_application == pre)
    }

    fn conditions(&self, now: Timestamp) -> Conditions {
        let mut conditions = Conditions::default();
        let texts = |ids: Vec<String>| Value::Texts(ids);
        if !self.units.is_empty() {
            conditions.and(IN_UNITS);
            conditions.param("units", texts(self.units.iter().map(ToString::to_string).collect()));
            conditions.param("homes", Value::Ints(self.units.iter().filter_map(home).collect()));
        }
        if !self.stages.is_empty() {
            let stages = self.stages.iter().map(|stage| stage_name(*stage).to_owned()).collect();
            conditions.and_with("stage IN {stages:Array(String)}", "stages", texts(stages));
        }
        conditions.and_text("officer = {officer:String}", "officer", self.officer.as_ref());
        conditions.and_text("service = {service:String}", "service", self.service.as_ref());
        if let Some(valilik) = self.valilik {
            conditions.and_with("valilik = {valilik:UInt8}", "valilik", Value::Int(valilik.plate().into()));
        }
        match self.pre_application {
            Some(true) => conditions.and("phase = 'pre_application'"),
            Some(false) => conditions.and("phase = 'application'"),
            None => {}
        }
        match self.deadline {
            Some(Deadline::Overdue) => conditions.and(OVERDUE),
            Some(Deadline::Today) => upcoming(&mut conditions, now, 1),
            Some(Deadline::ThisWeek) => upcoming(&mut conditions, now, days_to_sunday(now)),
            None => {}
        }
        if let Some((figure, filter)) = &self.figure {
            figure.conditions().iter().for_each(|condition| conditions.and(condition));
            conditions.all_of(filter.conditions());
        }
        match &self.search {
            Some(Search::NumberPrefix(prefix)) => {
                let prefix = Value::Text(prefix.clone());
                conditions.and_with("startsWith(no, {prefix:String})", "prefix", prefix);
            }
            Some(Search::TcknIndex(index)) => {
                conditions.and_with(OF_PERSON, "tckn", Value::Text(index.clone()));
            }
            Some(Search::NameIndex(tokens)) => {
                let tokens = texts(tokens.clone());
                conditions.and_with("hasAll(name_index, {tokens:Array(String)})", "tokens", tokens);
            }
            None => {}
        }
        conditions
    }
}

/// The plate code with which a unit's id begins: that of its governorate.
fn home(unit: &UnitId) -> Option<i64> {
    unit.as_str().split('-').next()?.parse().ok().filter(|plate| (1..=81).contains(plate))
}

/// Open, and the last day lies within so many days from today. A deadline is the first
/// instant that is too late: midnight after the last day.
fn upcoming(conditions: &mut Conditions, now: Timestamp, days: i64) {
    conditions.and(OPEN);
    conditions.and(DEADLINE_AHEAD);
    conditions.param("soon", Value::Int(end_of_day(now, days).as_millisecond()));
}

/// The midnight after so many days, today being the first.
fn end_of_day(now: Timestamp, days: i64) -> Timestamp {
    let today = now.to_zoned(istanbul()).date();
    today.saturating_add(days.days()).to_zoned(istanbul()).map_or(now, |end| end.timestamp())
}

/// Today and the days up to Sunday.
fn days_to_sunday(now: Timestamp) -> i64 {
    1 + i64::from(now.to_zoned(istanbul()).date().weekday().until(Weekday::Sunday))
}

/// Turkey has stood at UTC+3 since 2016.
fn istanbul() -> TimeZone {
    TimeZone::get("Europe/Istanbul").unwrap_or_else(|_| TimeZone::fixed(tz::offset(3)))
}

const fn stage_name(stage: StageName) -> &'static str {
    match stage {
        StageName::Unassigned => "unassigned",
        StageName::Assigned => "assigned",
        StageName::AwaitingApproval => "awaiting_approval",
        StageName::Closed => "closed",
    }
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
            stage: named("stage", &self.stage)?,
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
