//! The read model as ClickHouse keeps it.

use clickhouse::{Client, Row as Columns};
use ebasvuru_workflow::domain::application::{Application, Outcome, StageName};
use ebasvuru_workflow::domain::ids::{ApplicationId, ApplicationNo};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::{AccessEntry, Answer, Day, Find, Query, Read, ReadError, Report, ReportRow, Row, Scope, Tab};

/// What a list row is made of.
const ROW: &str = "id, no, version, service, unit, masked_name, masked_tckn, phase = 'pre_application' AS pre, \
     stage, officer, received_at, assumeNotNull(coalesce(due_at, lapses_at)) AS strikes_at, outcome";

/// Reads from ClickHouse.
#[derive(Clone)]
pub struct ClickHouse {
    client: Client,
}

impl ClickHouse {
    /// Reads through this client, whose database is the product's.
    #[must_use]
    pub const fn new(client: Client) -> Self {
        Self { client }
    }
}

#[derive(Columns, Deserialize)]
struct ListRow {
    #[serde(with = "clickhouse::serde::uuid")]
    id: Uuid,
    no: String,
    version: u64,
    service: String,
    unit: String,
    masked_name: String,
    masked_tckn: String,
    pre: u8,
    stage: String,
    officer: String,
    received_at: i64,
    strikes_at: i64,
    outcome: String,
}

/// A word of ours that ClickHouse keeps as text.
fn word<T: DeserializeOwned>(text: &str) -> Result<T, ReadError> {
    serde_json::from_value(text.into()).map_err(|e| ReadError(format!("{text:?} in the read model: {e}")))
}

fn some_word<T: DeserializeOwned>(text: &str) -> Result<Option<T>, ReadError> {
    if text.is_empty() { Ok(None) } else { word(text).map(Some) }
}

fn moment(ms: i64) -> Result<Timestamp, ReadError> {
    Timestamp::from_millisecond(ms).map_err(|e| ReadError(e.to_string()))
}

impl TryFrom<ListRow> for Row {
    type Error = ReadError;

    fn try_from(row: ListRow) -> Result<Self, ReadError> {
        let stage: StageName = word(&row.stage)?;
        let outcome: Option<Outcome> = some_word(&row.outcome)?;
        Ok(Self {
            id: ApplicationId(row.id),
            no: word(&row.no)?,
            version: row.version,
            service: word(&row.service)?,
            unit: word(&row.unit)?,
            masked_name: row.masked_name,
            masked_tckn: row.masked_tckn,
            pre_application: row.pre == 1,
            stage,
            holder: if stage == StageName::Closed { None } else { some_word(&row.officer)? },
            received_at: moment(row.received_at)?,
            strikes_at: moment(row.strikes_at)?,
            outcome,
        })
    }
}

impl From<clickhouse::error::Error> for ReadError {
    fn from(error: clickhouse::error::Error) -> Self {
        Self(format!("ClickHouse does not answer: {error}"))
    }
}

/// Conditions and the values bound to their `?`, in order.
#[derive(Default)]
struct Conditions {
    sql: Vec<String>,
    values: Vec<Value>,
}

enum Value {
    Text(String),
    Number(i64),
    Texts(Vec<String>),
}

impl Conditions {
    fn and(&mut self, sql: &str, values: impl IntoIterator<Item = Value>) {
        self.sql.push(format!("({sql})"));
        self.values.extend(values);
    }

    fn bind(self, mut query: clickhouse::query::Query) -> clickhouse::query::Query {
        for value in self.values {
            query = match value {
                Value::Text(text) => query.bind(text),
                Value::Number(number) => query.bind(number),
                Value::Texts(texts) => query.bind(texts),
            };
        }
        query
    }
}

fn conditions(query: &Query) -> Conditions {
    let mut only = Conditions::default();
    match &query.scope {
        Scope::Unit(unit) => only.and("unit = ?", [Value::Text(unit.to_string())]),
        // A unit's id begins with its governorate's plate code; a havale may have moved the
        // application away from the governorate it was sent to.
        Scope::Valilik(valilik) => only.and("startsWith(unit, ?)", [Value::Text(format!("{valilik}-"))]),
    }
    match query.tab {
        Tab::All => {}
        Tab::Unassigned => only.and("stage = 'unassigned'", []),
        Tab::Assigned => only.and("stage = 'assigned'", []),
        Tab::AwaitingApproval => only.and("stage = 'awaiting_approval'", []),
        Tab::PreApplication => only.and("stage != 'closed' AND phase = 'pre_application'", []),
        Tab::Overdue => only.and(
            "stage != 'closed' AND due_at <= fromUnixTimestamp64Milli(?)",
            [Value::Number(query.now.as_millisecond())],
        ),
        Tab::Closed => only.and("stage = 'closed'", []),
    }
    if let Some(holder) = &query.holder {
        only.and("stage != 'closed' AND officer = ?", [Value::Text(holder.to_string())]);
    }
    match &query.find {
        None => {}
        Some(Find::No(no)) => only.and("no = ?", [Value::Text(no.to_string())]),
        Some(Find::Person(index)) => only.and("tckn_index = ?", [Value::Text(index.clone())]),
        Some(Find::Name(words)) => only.and("hasAll(name_index, ?)", [Value::Texts(words.clone())]),
    }
    if let Some(after) = query.after {
        only.and(
            "(received_at, id) < (fromUnixTimestamp64Milli(?), toUUID(?))",
            [Value::Number(after.received_at.as_millisecond()), Value::Text(after.id.to_string())],
        );
    }
    only
}

#[derive(Columns, Deserialize)]
struct CountsRow {
    unit: String,
    service: String,
    received: u64,
    unassigned: u64,
    assigned: u64,
    awaiting_approval: u64,
    closed: u64,
    positive: u64,
    negative: u64,
    overdue: u64,
    response_median_ms: f64,
    response_p90_ms: f64,
}

#[derive(Columns, Deserialize)]
struct DayRow {
    written: String,
    received: u64,
    closed: u64,
}

/// Answered by approval, and how long that took.
const ANSWERED: &str = "outcome IN ('positive', 'negative')";
const RESPONSE: &str = "dateDiff('millisecond', received_at, assumeNotNull(closed_at))";

impl Read for ClickHouse {
    fn worklist<'a>(&'a self, query: &'a Query) -> Answer<'a, (Vec<Row>, bool)> {
        Box::pin(async move {
            let only = conditions(query);
            let sql = format!(
                "SELECT {ROW} FROM applications FINAL WHERE {} ORDER BY received_at DESC, id DESC LIMIT {}",
                only.sql.join(" AND "),
                query.limit + 1
            );
            let mut rows: Vec<ListRow> = only.bind(self.client.query(&sql)).fetch_all().await?;
            let more = rows.len() > query.limit;
            rows.truncate(query.limit);
            Ok((rows.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?, more))
        })
    }

    fn application<'a>(&'a self, no: &'a ApplicationNo) -> Answer<'a, Option<Application>> {
        Box::pin(async move {
            let snapshot: Option<String> = self
                .client
                .query("SELECT snapshot FROM applications WHERE no = ? ORDER BY version DESC LIMIT 1")
                .bind(no.as_str())
                .fetch_optional()
                .await?;
            snapshot
                .map(|json| {
                    serde_json::from_str(&json).map_err(|e| ReadError(format!("the snapshot of {no}: {e}")))
                })
                .transpose()
        })
    }

    fn others_of<'a>(&'a self, tckn_index: &'a str, except: ApplicationId) -> Answer<'a, Vec<Row>> {
        Box::pin(async move {
            let sql = format!(
                "SELECT {ROW} FROM applications FINAL WHERE tckn_index = ? AND id != toUUID(?)
                 ORDER BY received_at DESC, id DESC LIMIT 50"
            );
            let rows: Vec<ListRow> =
                self.client.query(&sql).bind(tckn_index).bind(except.to_string()).fetch_all().await?;
            rows.into_iter().map(TryInto::try_into).collect()
        })
    }

    fn log_access<'a>(&'a self, entry: &'a AccessEntry) -> Answer<'a, ()> {
        Box::pin(async move {
            self.client
                .query(
                    "INSERT INTO access_log (id, at, user, application, no, what, reason)
                     SELECT generateUUIDv4(), fromUnixTimestamp64Milli(?), ?, toUUID(?), ?, ?, ''",
                )
                .bind(entry.at.as_millisecond())
                .bind(entry.user.as_str())
                .bind(entry.application.to_string())
                .bind(entry.no.as_str())
                .bind(entry.what)
                .execute()
                .await?;
            Ok(())
        })
    }

    fn report(&self, from: Date, to: Date) -> Answer<'_, Report> {
        Box::pin(async move {
            let period = "toDate(received_at, 'Europe/Istanbul') >= toDate(?) AND toDate(received_at, 'Europe/Istanbul') < toDate(?)";
            let sql = format!(
                "SELECT unit, service, count() AS received,
                    countIf(stage = 'unassigned') AS unassigned, countIf(stage = 'assigned') AS assigned,
                    countIf(stage = 'awaiting_approval') AS awaiting_approval, countIf(stage = 'closed') AS closed,
                    countIf(outcome = 'positive') AS positive, countIf(outcome = 'negative') AS negative,
                    countIf(isNotNull(breached_at)) AS overdue,
                    toFloat64(quantileExactIf(0.5)({RESPONSE}, {ANSWERED})) AS response_median_ms,
                    toFloat64(quantileExactIf(0.9)({RESPONSE}, {ANSWERED})) AS response_p90_ms
                 FROM applications FINAL WHERE {period}
                 GROUP BY unit, service ORDER BY received DESC, unit, service"
            );
            let (from, to) = (from.to_string(), to.to_string());
            let counts: Vec<CountsRow> = self.client.query(&sql).bind(&from).bind(&to).fetch_all().await?;
            let days: Vec<DayRow> = self
                .client
                .query(
                    "SELECT toString(day) AS written, sum(r) AS received, sum(c) AS closed FROM (
                         SELECT toDate(received_at, 'Europe/Istanbul') AS day, 1 AS r, 0 AS c FROM applications FINAL
                         UNION ALL
                         SELECT toDate(assumeNotNull(closed_at), 'Europe/Istanbul'), 0, 1 FROM applications FINAL
                         WHERE isNotNull(closed_at)
                         UNION ALL
                         SELECT toDate(?) + number, 0, 0
                         FROM numbers(toUInt64(greatest(0, dateDiff('day', toDate(?), toDate(?)))))
                     ) WHERE day >= toDate(?) AND day < toDate(?) GROUP BY day ORDER BY day",
                )
                .bind(&from)
                .bind(&from)
                .bind(&to)
                .bind(&from)
                .bind(&to)
                .fetch_all()
                .await?;
            Ok(Report {
                rows: counts.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?,
                days: days.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?,
            })
        })
    }
}

impl TryFrom<CountsRow> for ReportRow {
    type Error = ReadError;

    fn try_from(row: CountsRow) -> Result<Self, ReadError> {
        let answered = row.positive + row.negative > 0;
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds of a human age fit")]
        let response = |ms: f64| (answered && ms.is_finite()).then_some(ms as i64);
        Ok(Self {
            unit: word(&row.unit)?,
            service: word(&row.service)?,
            received: row.received,
            unassigned: row.unassigned,
            assigned: row.assigned,
            awaiting_approval: row.awaiting_approval,
            closed: row.closed,
            positive: row.positive,
            negative: row.negative,
            overdue: row.overdue,
            response_median_ms: response(row.response_median_ms),
            response_p90_ms: response(row.response_p90_ms),
        })
    }
}

impl TryFrom<DayRow> for Day {
    type Error = ReadError;

    fn try_from(row: DayRow) -> Result<Self, ReadError> {
        let date = row.written.parse().map_err(|e: jiff::Error| ReadError(e.to_string()))?;
        Ok(Self { date, received: row.received, closed: row.closed })
    }
}
