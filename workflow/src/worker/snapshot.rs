//! Snapshots of open applications. Their headers contain the few facts that a restore needs, so that a
//! million of them are restored without decoding one.

use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::application::Application;
use crate::domain::catalog::UnitId;
use crate::domain::ids::UserName;
use crate::log::{Header, Outgoing};
use crate::message::{Message, VERSION_HEADER};

const HOLDER: &str = "holder";
const UNIT: &str = "unit";
const NEXT_TIMER: &str = "next-timer";

/// Who holds an application, and its unit. Whether the two still fit is checked whenever the directory
/// changes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Holding {
    pub(super) officer: UserName,
    pub(super) unit: UnitId,
}

/// What the worker needs to know of an open application without decoding it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SnapshotIndex {
    pub(super) holding: Option<Arc<Holding>>,
    /// When its next timer is due.
    pub(super) next_timer: Option<Timestamp>,
}

impl SnapshotIndex {
    pub(super) fn of(application: &Application) -> Self {
        Self {
            holding: application.status.holder().map(|officer| {
                Arc::new(Holding { officer: officer.clone(), unit: application.unit.clone() })
            }),
            next_timer: application.timer_at(),
        }
    }

    /// From the headers of a snapshot; `None` if it was written without them.
    pub(super) fn from_headers(headers: &[Header]) -> Option<Self> {
        let get = |name: &str| {
            let (_, value) = headers.iter().find(|(header, _)| header == name)?;
            std::str::from_utf8(value).ok()
        };
        // The version is always written; the other headers are absent if there is nothing to say.
        get(VERSION_HEADER)?;
        let holding = match get(HOLDER) {
            Some(officer) => {
                Some(Arc::new(Holding { officer: officer.parse().ok()?, unit: get(UNIT)?.parse().ok()? }))
            }
            None => None,
        };
        let next_timer = match get(NEXT_TIMER) {
            Some(nanos) => Some(Timestamp::from_nanosecond(nanos.parse().ok()?).ok()?),
            None => None,
        };
        Some(Self { holding, next_timer })
    }
}

/// The snapshot record of an open application, for `partition`.
pub(super) fn record(application: &Application, partition: i32) -> Outgoing {
    let index = SnapshotIndex::of(application);
    let mut record = Outgoing { partition: Some(partition), ..application.to_record() };
    let mut header = |name: &'static str, value: String| record.headers.push((name.into(), value.into()));
    header(VERSION_HEADER, application.version.to_string());
    if let Some(holding) = index.holding {
        header(HOLDER, holding.officer.to_string());
        header(UNIT, holding.unit.to_string());
    }
    if let Some(at) = index.next_timer {
        header(NEXT_TIMER, at.as_nanosecond().to_string());
    }
    record
}
