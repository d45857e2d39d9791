//! Worklists: one unit's, one officer's, or a search; by key, page after page.

mod filter;
mod query;

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use ebasvuru_workflow::domain::application::{Application, Outcome, Status, StatusName};
use ebasvuru_workflow::domain::catalog::{ServiceSlug, UnitId, Valilik};
use ebasvuru_workflow::domain::ids::{ApplicationId, ApplicationNo, UserName};
use jiff::Timestamp;
use uuid::Uuid;

pub use filter::{Deadline, Search, WorklistFilter};
pub use query::Tabs;

/// What moves closed ones behind every deadline to come, in milliseconds.
const BEHIND_ALL_MS: i64 = 10_000_000_000_000;

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
    pub status: StatusName,
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

impl WorklistRow {
    /// The row that ClickHouse will show of this state: pages lay what a reply said over what
    /// the read model does not have yet.
    #[must_use]
    pub fn of(application: &Application, now: Timestamp) -> Self {
        let (officer, proposal, outcome, closed_at) = match &application.status {
            Status::Unassigned => (None, None, None, None),
            Status::Assigned { officer } => (Some(officer), None, None, None),
            Status::AwaitingApproval { officer, proposal, .. } => (Some(officer), Some(proposal), None, None),
            Status::Closed { outcome, officer, at } => (officer.as_ref(), None, Some(*outcome), Some(*at)),
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
            status: application.status.name(),
            officer: officer.cloned(),
            proposal: proposal.map(|proposal| proposal.name().to_owned()),
            outcome,
            received_at: application.received_at,
            deadline: application.phase.timer_at(),
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
        let behind = if self.status == StatusName::Closed { BEHIND_ALL_MS } else { 0 };
        let key = match sort {
            Sort::Newest | Sort::Oldest => self.received_at.as_millisecond(),
            Sort::Deadline => self.deadline.as_millisecond() + behind,
        };
        Cursor { key, id: self.id.0 }
    }
}
