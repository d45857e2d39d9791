//! The lists of a person's other applications that were read last. Whoever opens an application and acts on it sees
//! the list several times, and to find it is the larger part of what ClickHouse does for the page.

use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use ebasvuru_analytics::read::WorklistRow;
use ebasvuru_workflow::domain::ids::ApplicationNo;

use super::cache::Cache;
use super::open::OpenApplications;

/// How long a list is shown again. What the person has submitted meanwhile is not in it.
const LIFETIME: Duration = Duration::from_secs(30);

/// The lists, by the application on whose page they are.
#[derive(Debug, Default)]
pub struct RecentOthers(RwLock<Cache<List>>);

#[derive(Debug)]
struct List {
    rows: Vec<WorklistRow>,
    read: Instant,
}

impl RecentOthers {
    /// Keeps the whole list of an application's page, which has just been read.
    pub fn keep(&self, of: ApplicationNo, rows: Vec<WorklistRow>) {
        let list = List { rows, read: Instant::now() };
        self.0.write().unwrap_or_else(PoisonError::into_inner).put(of, list);
    }

    /// The list of an application's page, with the open ones as they are now. `None` if it has to be read: it is
    /// not known or too old, or an application in it has been closed since.
    #[must_use]
    pub fn list(&self, of: &ApplicationNo, open: &OpenApplications) -> Option<Vec<WorklistRow>> {
        let lists = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let list = lists.get(of).filter(|list| list.read.elapsed() <= LIFETIME)?;
        let now = |row: &WorklistRow| match row.closed_at {
            Some(_) => Some(row.clone()),
            None => open.row(row.id).filter(|newest| newest.version >= row.version),
        };
        list.rows.iter().map(now).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use ebasvuru_workflow::domain::application::{Application, Outcome, Status};

    use super::*;
    use crate::tests::World;

    #[test]
    fn open_ones_are_shown_as_they_are_now_and_a_closed_one_is_read_again() {
        let world = World::new();
        let (of, other) = (world.application(1, ""), world.application(2, ""));
        let (lists, open) = (RecentOthers::default(), OpenApplications::default());
        open.complete().store(true, Ordering::Release);
        lists.keep(of.no.clone(), vec![WorklistRow::of(&other)]);
        let versions = |open: &OpenApplications| {
            let list = lists.list(&of.no, open)?;
            Some(list.iter().map(|row| row.version).collect::<Vec<_>>())
        };
        assert_eq!(versions(&open), None, "not known to be open");
        for version in [other.version, other.version + 1] {
            open.put(&Application { version, ..other.clone() });
            assert_eq!(versions(&open), Some(vec![version]));
        }
        assert_eq!(lists.list(&other.no, &open), None, "each page has its own");
        let at = world.app.clock.now();
        let status = Status::Closed { outcome: Outcome::Withdrawn, officer: None, at };
        let closed = Application { status, version: other.version + 2, ..other };
        open.put(&closed);
        assert_eq!(versions(&open), None);
        lists.keep(of.no.clone(), vec![WorklistRow::of(&closed)]);
        assert_eq!(versions(&open), Some(vec![closed.version]), "it stays closed");
        open.complete().store(false, Ordering::Release);
        assert_eq!(versions(&open), Some(vec![closed.version]));
        lists
            .0
            .write()
            .unwrap()
            .put(of.no.clone(), List { rows: vec![], read: Instant::now() - LIFETIME * 2 });
        assert_eq!(versions(&open), None, "too old");
    }
}
