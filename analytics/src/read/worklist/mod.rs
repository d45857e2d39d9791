//! Worklists: the applications of a unit, of an officer, or of a search, in pages by key.

mod closed;
mod count;
mod filter;
mod others;
mod query;
mod tabs;

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use ebasvuru_workflow::domain::application::{Application, Outcome, Status, StatusName};
use ebasvuru_workflow::domain::catalog::{ServiceSlug, UnitId, Valilik};
use ebasvuru_workflow::domain::ids::{ApplicationId, ApplicationNo, UserName};
use jiff::Timestamp;
use uuid::Uuid;

pub(super) use closed::{ClosedOf, OfUnits as ClosedOfUnits};
pub use closed::{Closing, UnitClosed};
pub use filter::{Deadline, Search, WorklistFilter};
pub(super) use others::{AtPlaces, Place};
pub use tabs::Tabs;

/// Added to the deadlines of closed applications, so that they come after all open ones; in
/// milliseconds.
const CLOSED_OFFSET_MS: i64 = 10_000_000_000_000;

/// The order of a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Newest first.
    #[default]
    Newest,
    /// Oldest first.
    Oldest,
    /// By deadline, the earliest first; closed applications come last.
    Deadline,
}

impl Sort {
    /// Which of two rows comes first.
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

/// The place of a row in a list, as links to pages have it.
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

/// The text is not a cursor.
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

/// Where a page is: next to a row of another page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// Right after this row.
    After(Cursor),
    /// Right before this row.
    Before(Cursor),
}

impl Edge {
    /// Reads the parameters of a URL: after a row, or else before one.
    #[must_use]
    pub fn of(after: &str, before: &str) -> Option<Self> {
        after.parse().map(Self::After).or_else(|_| before.parse().map(Self::Before)).ok()
    }
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// The row before which the previous page ends, if there is one.
    pub previous: Option<Cursor>,
    /// The row after which the next page begins, if there is one.
    pub next: Option<Cursor>,
}

impl Page<WorklistRow> {
    /// The page of at most `limit` rows of a list, out of all its rows.
    #[must_use]
    pub fn of(mut rows: Vec<&WorklistRow>, filter: &WorklistFilter, limit: u16) -> Self {
        let (sort, limit) = (filter.sort, usize::from(limit));
        let behind = |a, b| sort.compare(a, b).is_gt();
        rows.sort_by(|a, b| sort.compare(a.cursor(sort), b.cursor(sort)));
        let (from, until) = match filter.edge {
            None => (0, limit),
            Some(Edge::After(edge)) => {
                let from = rows.partition_point(|row| !behind(row.cursor(sort), edge));
                (from, from + limit)
            }
            Some(Edge::Before(edge)) => {
                let until = rows.partition_point(|row| behind(edge, row.cursor(sort)));
                (until.saturating_sub(limit), until)
            }
        };
        let until = until.min(rows.len());
        let cursor = |row: &&WorklistRow| row.cursor(sort);
        let on_page = &rows[from..until];
        Self {
            previous: on_page.first().map(cursor).filter(|_| from > 0),
            next: on_page.last().map(cursor).filter(|_| until < rows.len()),
            rows: on_page.iter().map(|row| (*row).clone()).collect(),
        }
    }
}

impl<T> Default for Page<T> {
    /// The only page of an empty list.
    fn default() -> Self {
        Self { rows: Vec::new(), previous: None, next: None }
    }
}

/// A row of a list. Its personal data is masked.
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
    /// Its unit.
    pub unit: UnitId,
    /// Whether it is an Ön Başvuru.
    pub pre_application: bool,
    /// Its status.
    pub status: StatusName,
    /// Who holds it; for a closed one, who held it last.
    pub officer: Option<UserName>,
    /// What the Yetkili is asked to approve: `answer`, `rejection` or `referral`.
    pub proposal: Option<String>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// When it was received.
    pub received_at: Timestamp,
    /// The first instant that is too late for the answer; for an Ön Başvuru, when it lapses.
    pub deadline: Timestamp,
    /// Whether an overdue deadline of the answer is on record.
    pub breached: bool,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// The applicant's name, masked.
    pub masked_name: String,
    /// The applicant's T.C. Kimlik No, masked.
    pub masked_tckn: String,
}

impl WorklistRow {
    /// The row of this state, as ClickHouse will have it.
    #[must_use]
    pub fn of(application: &Application) -> Self {
        let (officer, proposal, outcome, closed_at) = match &application.status {
            Status::Unassigned => (None, None, None, None),
            Status::Assigned { officer } => (Some(officer), None, None, None),
            Status::AwaitingApproval { officer, proposal, .. } => (Some(officer), Some(proposal), None, None),
            Status::Closed { outcome, officer, at } => (officer.as_ref(), None, Some(*outcome), Some(*at)),
        };
        Self {
            id: application.id,
            no: application.no.clone(),
            version: application.version,
            service: application.service.clone(),
            valilik: application.valilik,
            unit: application.unit.clone(),
            pre_application: application.phase.is_pre_application(),
            status: application.status.name(),
            officer: officer.cloned(),
            proposal: proposal.map(|proposal| proposal.name().to_owned()),
            outcome,
            received_at: application.received_at,
            deadline: application.phase.timer_at(),
            breached: application.breached_at.is_some(),
            closed_at,
            masked_name: application.applicant.masked_name.clone(),
            masked_tckn: application.applicant.masked_tckn.clone(),
        }
    }

    /// Whether the deadline of the answer has passed, or passed before it was closed: as
    /// [`OVERDUE`](super::figure::OVERDUE) has it. An Ön Başvuru has none yet.
    #[must_use]
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        self.breached || !self.pre_application && self.deadline <= self.closed_at.unwrap_or(now)
    }

    /// The place of the row in a list of this order.
    #[must_use]
    pub fn cursor(&self, sort: Sort) -> Cursor {
        let offset = if self.status == StatusName::Closed { CLOSED_OFFSET_MS } else { 0 };
        let key = match sort {
            Sort::Newest | Sort::Oldest => self.received_at.as_millisecond(),
            Sort::Deadline => self.deadline.as_millisecond() + offset,
        };
        Cursor { key, id: self.id.0 }
    }
}
