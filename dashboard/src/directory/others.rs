//! The lists of a person's other applications that were read last. Whoever opens an application and acts on it sees
//! the list several times, and to find it is the larger part of what ClickHouse does for the page.

use ebasvuru_analytics::read::WorklistRow;
use ebasvuru_workflow::domain::ids::ApplicationNo;

use super::kept::{HasUntil, Kept};
use super::open::OpenApplications;

/// How many lists are kept, of twenty rows at most each.
const LISTS: usize = 4096;
/// How many people who have submitted something are remembered: twice as many as submit within a minute.
const SUBMITTERS: usize = 65_536;

/// The list of each person whose application was opened last. What the person submits drops it.
#[derive(Debug, Default)]
pub struct RecentOthers {
    lists: Kept<String, List, LISTS, SUBMITTERS>,
}

#[derive(Debug)]
struct List {
    /// On whose page it is.
    of: ApplicationNo,
    rows: Vec<WorklistRow>,
}

impl RecentOthers {
    /// Forgets all lists: what people have submitted until now is not known.
    pub fn clear(&self) {
        self.lists.clear();
    }

    /// The person with this index has submitted an application, or one of theirs is closed that nobody knew.
    pub fn submitted(&self, person: &String) {
        self.lists.changed(person);
    }

    /// Keeps the whole list of an application's page, which has just been read, unless it may lack something.
    pub fn keep(&self, person: String, of: ApplicationNo, rows: Vec<WorklistRow>, until: HasUntil) {
        self.lists.keep(person, List { of, rows }, until);
    }

    /// The list of an application's page, with the open ones as they are now. `None` if it has to be read: it is
    /// not known or too old, or an application in it has been closed since.
    #[must_use]
    pub fn list(
        &self,
        person: &String,
        of: &ApplicationNo,
        open: &OpenApplications,
    ) -> Option<Vec<WorklistRow>> {
        let now = |row: &WorklistRow| match row.closed_at {
            Some(_) => Some(row.clone()),
            None => open.current(row),
        };
        self.lists.get(person, |list| if list.of == *of { list.rows.iter().map(now).collect() } else { None })
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
        let person = &other.applicant.tckn_index;
        open.complete().store(true, Ordering::Release);
        let keep = |row| lists.keep(person.clone(), of.no.clone(), vec![row], HasUntil::now());
        keep(WorklistRow::of(&other));
        let versions = |open: &OpenApplications| {
            let list = lists.list(person, &of.no, open)?;
            Some(list.iter().map(|row| row.version).collect::<Vec<_>>())
        };
        assert_eq!(versions(&open), None, "not known to be open");
        for version in [other.version, other.version + 1] {
            open.put(&Application { version, ..other.clone() });
            assert_eq!(versions(&open), Some(vec![version]));
        }
        assert_eq!(lists.list(person, &other.no, &open), None, "each page has its own");
        let at = world.app.clock.now();
        let status = Status::Closed { outcome: Outcome::Withdrawn, officer: None, at };
        let closed = Application { status, version: other.version + 2, ..other.clone() };
        open.put(&closed);
        assert_eq!(versions(&open), None);
        keep(WorklistRow::of(&closed));
        assert_eq!(versions(&open), Some(vec![closed.version]), "it stays closed");
        lists.clear();
        assert_eq!(versions(&open), None);
        keep(WorklistRow::of(&closed));
        lists.submitted(person);
        assert_eq!(versions(&open), None, "there is another one");
    }
}
