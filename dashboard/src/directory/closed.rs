//! How many closed applications units have: as ClickHouse last counted them, and what the log has told since. To count
//! those of one unit takes ClickHouse 38 ms of a core with 1,800,000 open ones, and each list shows how many they are.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use ebasvuru_analytics::read::{Closing, UnitClosed};
use ebasvuru_workflow::domain::catalog::UnitId;
use ebasvuru_workflow::domain::ids::UserName;
use jiff::Timestamp;

use super::kept::{CLOCKS, HasUntil, LIFETIME};

/// How many closings are remembered until ClickHouse has them: what a whole ministry closes in minutes. The ids of all
/// have to fit into one parameter of a statement, which is 128 KiB.
const CLOSINGS: usize = 2048;

/// The counts of units, and what was closed lately.
#[derive(Debug)]
pub struct ClosedCounts(RwLock<Known>);

#[derive(Debug)]
struct Known {
    counts: HashMap<UnitId, Count>,
    /// What ClickHouse may not have yet, the latest last.
    closings: VecDeque<Told>,
    /// All closings since then are known.
    since: Instant,
    /// What came until then may no longer be in `closings`.
    dropped: Instant,
}

/// A count, kept up to date.
#[derive(Debug)]
struct Count {
    closed: UnitClosed,
    /// When ClickHouse had counted.
    read_at: Timestamp,
}

#[derive(Debug)]
struct Told {
    closing: Closing,
    at: Instant,
}

/// When ClickHouse was asked to count, and what it had by then.
#[derive(Debug)]
pub struct Asked {
    at: Instant,
    until: Option<HasUntil>,
}

impl Default for ClosedCounts {
    fn default() -> Self {
        let (since, dropped) = (Instant::now(), Instant::now());
        Self(RwLock::new(Known { counts: HashMap::new(), closings: VecDeque::new(), since, dropped }))
    }
}

impl ClosedCounts {
    /// Forgets all counts: what was closed until now is not known.
    pub fn clear(&self) {
        self.write(|known| {
            known.since = Instant::now();
            known.counts.clear();
        });
    }

    /// The log tells that this one is closed. Each closing must be told once.
    pub fn closed(&self, closing: Closing) {
        self.write(|known| {
            if let Some(count) = known.counts.get_mut(&closing.unit) {
                if between(count.read_at, closing.at) > CLOCKS {
                    count.closed.count_one(closing.officer.as_ref());
                } else {
                    // ClickHouse may have had it before the log was read here.
                    known.counts.remove(&closing.unit);
                }
            }
            if known.closings.len() == CLOSINGS
                && let Some(forgotten) = known.closings.pop_front()
            {
                known.since = known.since.max(forgotten.at);
                known.dropped = forgotten.at;
            }
            known.closings.push_back(Told { closing, at: Instant::now() });
        });
    }

    /// How many the unit has; with an officer, how many of them this one held last. `None` if ClickHouse has to count.
    #[must_use]
    pub fn count(&self, unit: &UnitId, officer: Option<&UserName>, now: Timestamp) -> Option<u64> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let count = known.counts.get(unit)?;
        (between(count.read_at, now) <= LIFETIME).then(|| count.closed.count(officer))
    }

    /// To be called before ClickHouse, which has everything until then, is asked to count those of these units.
    /// Also returns the closings in these units that it may or may not have.
    #[must_use]
    pub fn ask(&self, units: &[UnitId], until: Option<HasUntil>) -> (Asked, Vec<Closing>) {
        self.write(|known| {
            let stored = |told: &mut Told| until.is_some_and(|until| until.includes(told.at));
            while let Some(told) = known.closings.pop_front_if(stored) {
                known.dropped = told.at;
            }
            let units: HashSet<_> = units.iter().collect();
            let closings = known.closings.iter().map(|told| &told.closing);
            let closings = closings.filter(|closing| units.contains(&closing.unit)).cloned().collect();
            (Asked { at: Instant::now(), until }, closings)
        })
    }

    /// Keeps what ClickHouse has just counted of this unit, with those that it was asked with, unless another was
    /// closed meanwhile, or may have been.
    pub fn keep(&self, asked: &Asked, unit: UnitId, closed: UnitClosed, now: Timestamp) {
        self.write(|known| {
            let before = asked.until.is_some_and(|until| until.includes(known.since));
            let mut meanwhile = known.closings.iter().rev().take_while(|told| told.at >= asked.at);
            if before && known.dropped < asked.at && meanwhile.all(|told| told.closing.unit != unit) {
                known.counts.insert(unit, Count { closed, read_at: now });
            }
        });
    }

    fn write<T>(&self, change: impl FnOnce(&mut Known) -> T) -> T {
        change(&mut self.0.write().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The time from one moment to another; zero if the other one is earlier.
fn between(one: Timestamp, other: Timestamp) -> Duration {
    other.duration_since(one).try_into().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use ebasvuru_workflow::domain::ids::ApplicationId;
    use uuid::Uuid;

    use super::*;

    const HERE: &str = "06-nufus";
    const THERE: &str = "06-sivil-toplum";

    fn closing(nth: u128, unit: &str, officer: &str, at: i64) -> Closing {
        let id = ApplicationId(Uuid::from_u128(nth));
        let officer = officer.parse().ok();
        Closing { id, received_at: second(0), unit: unit.parse().unwrap(), officer, at: second(at) }
    }

    fn second(at: i64) -> Timestamp {
        Timestamp::from_second(at).unwrap()
    }

    /// ClickHouse has counted none of its own.
    fn counted(closings: &[Closing]) -> UnitClosed {
        let mut closed = UnitClosed::default();
        closings.iter().for_each(|closing| closed.count_one(closing.officer.as_ref()));
        closed
    }

    /// Asks for this unit and keeps what is counted, in second 0.
    fn keep(counts: &ClosedCounts, unit: &str, until: Option<HasUntil>) -> usize {
        let unit: UnitId = unit.parse().unwrap();
        let (asked, closings) = counts.ask(std::slice::from_ref(&unit), until);
        counts.keep(&asked, unit, counted(&closings), second(0));
        closings.len()
    }

    fn count(counts: &ClosedCounts, unit: &str, officer: &str, now: i64) -> Option<u64> {
        counts.count(&unit.parse().unwrap(), officer.parse().ok().as_ref(), second(now))
    }

    #[test]
    fn what_is_closed_after_a_count_is_added_to_it() {
        let counts = ClosedCounts::default();
        assert_eq!(count(&counts, HERE, "", 0), None);
        for unit in [HERE, THERE] {
            assert_eq!(keep(&counts, unit, Some(HasUntil::now())), 0);
        }
        counts.closed(closing(1, HERE, "ali", 2));
        counts.closed(closing(2, HERE, "", 3));
        let of = |officer| count(&counts, HERE, officer, 600);
        assert_eq!((of(""), of("ali"), of("veli")), (Some(2), Some(1), Some(0)));
        assert_eq!(count(&counts, THERE, "", 600), Some(0));
        assert_eq!(count(&counts, HERE, "", 601), None, "after ten minutes it is counted anew");
        counts.clear();
        assert_eq!(count(&counts, THERE, "", 600), None);
    }

    /// The sink may be faster than who tells of it here, and the clocks may differ by a second.
    #[test]
    fn what_clickhouse_may_have_counted_is_not_added_again() {
        let counts = ClosedCounts::default();
        keep(&counts, HERE, Some(HasUntil::now()));
        counts.closed(closing(1, HERE, "ali", 1));
        assert_eq!(count(&counts, HERE, "", 0), None);
    }

    #[test]
    fn what_clickhouse_may_not_have_is_asked_for_with_it() {
        let counts = ClosedCounts::default();
        let before = HasUntil::now();
        counts.closed(closing(1, HERE, "ali", 0));
        counts.closed(closing(2, THERE, "ali", 0));
        // It was not known from when on everything was told.
        assert_eq!((keep(&counts, HERE, None), count(&counts, HERE, "", 0)), (1, None));
        counts.clear();
        assert_eq!((keep(&counts, HERE, Some(before)), count(&counts, HERE, "", 0)), (1, None));
        let now = Some(HasUntil::now());
        counts.closed(closing(3, HERE, "ali", 0));
        assert_eq!((keep(&counts, HERE, now), count(&counts, HERE, "", 0)), (1, Some(1)));
        assert_eq!(keep(&counts, THERE, Some(HasUntil::now())), 0, "it has all of them");
    }

    #[test]
    fn a_count_during_which_another_is_closed_is_not_kept() {
        let counts = ClosedCounts::default();
        let units: [UnitId; 2] = [HERE.parse().unwrap(), THERE.parse().unwrap()];
        let (asked, _) = counts.ask(&units, Some(HasUntil::now()));
        counts.closed(closing(1, HERE, "ali", 0));
        let keep_both = || {
            for unit in &units {
                counts.keep(&asked, unit.clone(), UnitClosed::default(), second(0));
            }
            [HERE, THERE].map(|unit| count(&counts, unit, "", 0))
        };
        assert_eq!(keep_both(), [None, Some(0)]);
        // Even if it is not remembered any more, because ClickHouse has it now.
        counts.clear();
        let (asked, _) = counts.ask(&units, Some(HasUntil::now()));
        counts.closed(closing(2, HERE, "ali", 0));
        assert!(counts.ask(&units, Some(HasUntil::now())).1.is_empty());
        counts.keep(&asked, units[0].clone(), UnitClosed::default(), second(0));
        assert_eq!(count(&counts, HERE, "", 0), None);
    }

    #[test]
    fn no_more_closings_are_remembered_than_there_is_room_for() {
        let counts = ClosedCounts::default();
        let until = HasUntil::now();
        (0..CLOSINGS as u128).for_each(|nth| counts.closed(closing(nth, HERE, "", 0)));
        assert_eq!(
            (keep(&counts, HERE, Some(until)), count(&counts, HERE, "", 0)),
            (CLOSINGS, Some(CLOSINGS as u64))
        );
        counts.clear();
        let until = HasUntil::now();
        (0..=CLOSINGS as u128).for_each(|nth| counts.closed(closing(nth, THERE, "", 0)));
        assert_eq!((keep(&counts, THERE, Some(until)), count(&counts, THERE, "", 0)), (CLOSINGS, None));
    }
}
