//! What the dashboard asks of the read model. ClickHouse answers it; tests answer it from
//! memory.

mod clickhouse;

pub use self::clickhouse::ClickHouse;

use ebasvuru_workflow::domain::application::{Application, Outcome, StageName};
use ebasvuru_workflow::domain::catalog::{ServiceSlug, UnitId, Valilik};
use ebasvuru_workflow::domain::ids::{ApplicationId, ApplicationNo, UserName};
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use jiff::civil::Date;

/// The read model does not answer.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ReadError(pub String);

/// An answer on its way.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, ReadError>>;

/// Whose applications somebody sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Those of one unit.
    Unit(UnitId),
    /// Those of all units of one governorate.
    Valilik(Valilik),
}

/// A tab of the worklist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    /// All.
    All,
    /// Open, nobody holds it.
    Unassigned,
    /// Somebody works on it.
    Assigned,
    /// The Yetkili decides.
    AwaitingApproval,
    /// An open Ön Başvuru.
    PreApplication,
    /// Open and past its deadline.
    Overdue,
    /// Closed.
    Closed,
}

/// Whom or what a search looks for. Persons are found by blind indexes alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Find {
    /// An application number.
    No(ApplicationNo),
    /// The index of a T.C. Kimlik No.
    Person(String),
    /// The index of every word of a name; all must be there.
    Name(Vec<String>),
}

/// A place in a list: the row it comes after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// That row's receipt.
    pub received_at: Timestamp,
    /// That row.
    pub id: ApplicationId,
}

/// What a worklist shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// Whose applications.
    pub scope: Scope,
    /// Which of them.
    pub tab: Tab,
    /// Only those this Sorumlu holds.
    pub holder: Option<UserName>,
    /// Only what this finds.
    pub find: Option<Find>,
    /// Only what comes after this row.
    pub after: Option<Cursor>,
    /// What counts as past the deadline.
    pub now: Timestamp,
    /// How many rows at most.
    pub limit: usize,
}

/// A row of a worklist. Newest receipt first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Our identity.
    pub id: ApplicationId,
    /// The number people read.
    pub no: ApplicationNo,
    /// The version, so that an action can be given from the list.
    pub version: u64,
    /// The service.
    pub service: ServiceSlug,
    /// The unit.
    pub unit: UnitId,
    /// The name, masked.
    pub masked_name: String,
    /// The T.C. Kimlik No, masked.
    pub masked_tckn: String,
    /// Whether it is an Ön Başvuru.
    pub pre_application: bool,
    /// Where it stands.
    pub stage: StageName,
    /// Who holds it.
    pub holder: Option<UserName>,
    /// When it was received.
    pub received_at: Timestamp,
    /// When the clock of its phase strikes.
    pub strikes_at: Timestamp,
    /// How it ended.
    pub outcome: Option<Outcome>,
}

impl From<&Application> for Row {
    fn from(a: &Application) -> Self {
        use ebasvuru_workflow::domain::application::Stage;
        Self {
            id: a.id,
            no: a.no.clone(),
            version: a.version,
            service: a.service.clone(),
            unit: a.unit.clone(),
            masked_name: a.applicant.masked_name.clone(),
            masked_tckn: a.applicant.masked_tckn.clone(),
            pre_application: a.phase.is_pre_application(),
            stage: a.stage.name(),
            holder: a.stage.holder().cloned(),
            received_at: a.received_at,
            strikes_at: a.phase.strikes_at(),
            outcome: match a.stage {
                Stage::Closed { outcome, .. } => Some(outcome),
                _ => None,
            },
        }
    }
}

/// An opening of personal data, or of a person's other applications.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessEntry {
    /// Whose data.
    pub application: ApplicationId,
    /// The number, for people who read the log.
    pub no: ApplicationNo,
    /// Who looked.
    pub user: UserName,
    /// When.
    pub at: Timestamp,
    /// What was opened: `detail`, `document` or `others`.
    pub what: &'static str,
}

/// One row of the report per unit and service.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportRow {
    /// The unit.
    pub unit: UnitId,
    /// The service.
    pub service: ServiceSlug,
    /// Received in the period.
    pub received: u64,
    /// Of these, still open with nobody holding them.
    pub unassigned: u64,
    /// Of these, being worked on.
    pub assigned: u64,
    /// Of these, before the Yetkili.
    pub awaiting_approval: u64,
    /// Of these, closed.
    pub closed: u64,
    /// Answered Olumlu.
    pub positive: u64,
    /// Answered Olumsuz.
    pub negative: u64,
    /// Whose deadline passed while open.
    pub overdue: u64,
    /// The median time from receipt to answer, in milliseconds.
    pub response_median_ms: Option<i64>,
    /// The time within which nine of ten were answered, in milliseconds.
    pub response_p90_ms: Option<i64>,
}

/// One day of the chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// The day, in Turkey.
    pub date: Date,
    /// Received on it.
    pub received: u64,
    /// Closed on it.
    pub closed: u64,
}

/// The report of a period.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// Per unit and service, most received first.
    pub rows: Vec<ReportRow>,
    /// Per day, in order, no day left out.
    pub days: Vec<Day>,
}

/// What the dashboard reads.
pub trait Read: Send + Sync {
    /// A page of a worklist, and whether there is more.
    fn worklist<'a>(&'a self, query: &'a Query) -> Answer<'a, (Vec<Row>, bool)>;
    /// The newest snapshot of one application.
    fn application<'a>(&'a self, no: &'a ApplicationNo) -> Answer<'a, Option<Application>>;
    /// Other applications of the same person, newest first, from all units.
    fn others_of<'a>(&'a self, tckn_index: &'a str, except: ApplicationId) -> Answer<'a, Vec<Row>>;
    /// Keeps who looked at what; returns when it is kept.
    fn log_access<'a>(&'a self, entry: &'a AccessEntry) -> Answer<'a, ()>;
    /// The report of receipts in `from..to`.
    fn report(&self, from: Date, to: Date) -> Answer<'_, Report>;
}
