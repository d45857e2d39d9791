//! What the dashboard reads: lists, details, reports. Every value is bound by the server; paging is
//! by key.

mod application;
mod bucket;
pub(crate) mod days;
pub mod figure;
mod moment;
pub mod overview;
mod report;
mod series;
pub(crate) mod sql;
#[cfg(test)]
pub(crate) mod tests;
mod together;
mod totals;
mod turn;
mod worklist;

use std::str::FromStr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clickhouse::Client;
use ebasvuru_workflow::domain::ids::ApplicationNo;
use jiff::Timestamp;
use serde::de::value::StrDeserializer;
use serde::de::{DeserializeOwned, IntoDeserializer};
use tokio::sync::Mutex;

use crate::cut::Cut;
use sql::{Conditions, bind_cut};
use together::Together;
use turn::{Turns, Waiting};
use worklist::{AtPlaces, ClosedOf, ClosedOfUnits, Place};

use application::Found;
pub use application::StoredApplication;
pub use bucket::{Bucket, ClosingDays};
pub use figure::{FIGURES, Figure, Figures, Wanted};
pub use moment::Moment;
pub use report::{GroupRow, ReportFilter, STAGE_TIME_DEFINITION_TR, StatusTime};
pub use series::{AGE_DEFINITION_TR, Age, Answered, FLOW_DEFINITION_TR, HourOfWeek, INTAKE_DEFINITION_TR};
pub use totals::Totals;
pub use worklist::{
    Closing, Cursor, Deadline, Edge, Page, Search, Sort, Tabs, UnitClosed, WorklistFilter, WorklistRow,
};

/// Why a read failed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ReadError {
    /// ClickHouse is away, or refuses.
    #[error("ClickHouse: {0}")]
    ClickHouse(Arc<clickhouse::error::Error>),
    /// A row has a value that this version cannot read; `ebasvuru rebuild` fixes it.
    #[error("a row of the read model cannot be read ({what}: {text:?}): run `ebasvuru rebuild`")]
    Malformed {
        /// Which value.
        what: &'static str,
        /// The value, shortened.
        text: String,
    },
}

impl From<clickhouse::error::Error> for ReadError {
    fn from(error: clickhouse::error::Error) -> Self {
        Self::ClickHouse(Arc::new(error))
    }
}

impl ReadError {
    /// The statement that would have answered did not end.
    fn unanswered() -> Self {
        clickhouse::error::Error::Custom("the statement did not end".to_owned()).into()
    }
}

/// How long a cut is used: far less than [`GRACE`](crate::sweep::GRACE).
const CUT_LIFE: Duration = Duration::from_secs(1);

/// The reads. Cheap to clone.
#[derive(Clone)]
pub struct ReadModel {
    client: Client,
    turns: Turns,
    /// The last cut, and when it was read.
    kept: Arc<Mutex<Option<KeptCut>>>,
    by_number: Together<ApplicationNo, Found>,
    closed: Together<ClosedOf, ClosedOfUnits>,
    places: Together<String, Vec<Place>>,
    at_places: Together<AtPlaces, Vec<WorklistRow>>,
}

struct KeptCut {
    read: Instant,
    cut: Arc<Cut>,
}

impl std::fmt::Debug for ReadModel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ReadModel")
    }
}

impl ReadModel {
    /// Reads with this client.
    #[must_use]
    pub fn new(client: Client) -> Self {
        Self {
            client,
            turns: Turns::default(),
            kept: Arc::default(),
            by_number: Together::default(),
            closed: Together::default(),
            places: Together::default(),
            at_places: Together::default(),
        }
    }

    /// A query with its values.
    fn uncut(&self, sql: &str, conditions: &Conditions) -> Waiting {
        self.turns.query(conditions.bind(self.client.query_raw(sql)))
    }

    /// A query with its values and its cut.
    fn timeless(&self, sql: &str, conditions: &Conditions, cut: &Cut) -> Waiting {
        self.turns.query(bind_cut(conditions.bind(self.client.query_raw(sql)), cut))
    }

    /// A query with its values, its cut, and its time.
    fn bound(&self, sql: &str, conditions: &Conditions, now: Timestamp, cut: &Cut) -> Waiting {
        self.timeless(sql, conditions, cut).param("now", now.as_millisecond())
    }

    /// The cut of a query. It is read again after [`CUT_LIFE`].
    async fn cut(&self) -> Result<Arc<Cut>, ReadError> {
        let mut kept = self.kept.lock().await;
        if let Some(kept) = kept.as_ref().filter(|kept| kept.read.elapsed() < CUT_LIFE) {
            return Ok(Arc::clone(&kept.cut));
        }
        let turn = self.turns.take().await;
        let cut = Arc::new(Cut::read(&self.client).await?);
        drop(turn);
        *kept = Some(KeptCut { read: Instant::now(), cut: Arc::clone(&cut) });
        Ok(cut)
    }
}

/// A value that is stored as its text.
fn parsed<T: FromStr>(what: &'static str, text: &str) -> Result<T, ReadError> {
    text.parse().map_err(|_| malformed(what, text))
}

/// A value that is stored as its serde name.
fn named<T: DeserializeOwned>(what: &'static str, text: &str) -> Result<T, ReadError> {
    let name: StrDeserializer<'_, serde::de::value::Error> = text.into_deserializer();
    T::deserialize(name).map_err(|_| malformed(what, text))
}

/// A value that is stored as an empty text if there is none.
fn optional<T>(text: &str, read: impl FnOnce(&str) -> Result<T, ReadError>) -> Result<Option<T>, ReadError> {
    if text.is_empty() { Ok(None) } else { read(text).map(Some) }
}

/// A time that is stored in milliseconds.
fn timestamp(ms: i64) -> Result<jiff::Timestamp, ReadError> {
    jiff::Timestamp::from_millisecond(ms).map_err(|_| malformed("a time", &ms.to_string()))
}

fn malformed(what: &'static str, text: &str) -> ReadError {
    ReadError::Malformed { what, text: text.chars().take(64).collect() }
}
