//! What was read from ClickHouse last, shown again until the log has something new of it.

use std::hash::Hash;
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use ebasvuru_workflow::clock::Clock;

use super::cache::Cache;
use super::freshness::LatestFreshness;

/// How much the clocks of the log and of this machine may differ.
pub(super) const CLOCKS: Duration = Duration::from_secs(1);
/// How long a value is shown again.
pub(super) const LIFETIME: Duration = Duration::from_mins(10);

/// The last `VALUES` values that were read, by key. A change of a key in the log drops its value. `CHANGES` keys that
/// have changed are remembered; when one is forgotten to make room, what ClickHouse may have said before its change is
/// not kept any more.
#[derive(Debug)]
pub struct Kept<K, T, const VALUES: usize, const CHANGES: usize> {
    values: RwLock<Cache<K, Option<Value<T>>, VALUES>>,
    changed: RwLock<Cache<K, Instant, CHANGES>>,
    /// Since when all changes are known.
    since: RwLock<Instant>,
}

#[derive(Debug)]
struct Value<T> {
    value: T,
    read: Instant,
}

/// All that was committed to the log before this moment is in what ClickHouse says from now on; in a ClickHouse of
/// several replicas, once they agree.
#[derive(Clone, Copy, Debug)]
pub struct HasUntil(Instant);

impl HasUntil {
    /// As the log says; to be asked before ClickHouse is. `None`: not known.
    #[must_use]
    pub fn of(freshness: &LatestFreshness, clock: &Clock) -> Option<Self> {
        // First: what passes until the clock is read only makes the lag larger.
        let instant = Instant::now();
        let now = clock.now();
        let lag = Duration::try_from(now.duration_since(freshness.at(now)?.as_of)).ok()?;
        instant.checked_sub(lag + CLOCKS).map(Self)
    }

    /// Whether it includes what had come from the log at this moment.
    #[must_use]
    pub fn includes(self, moment: Instant) -> bool {
        moment <= self.0
    }
}

impl<K, T, const VALUES: usize, const CHANGES: usize> Default for Kept<K, T, VALUES, CHANGES> {
    fn default() -> Self {
        Self { values: RwLock::default(), changed: RwLock::default(), since: RwLock::new(Instant::now()) }
    }
}

impl<K: Clone + Eq + Hash, T, const VALUES: usize, const CHANGES: usize> Kept<K, T, VALUES, CHANGES> {
    /// Forgets all values: what has changed until now is not known.
    pub fn clear(&self) {
        *self.since.write().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        *self.values.write().unwrap_or_else(PoisonError::into_inner) = Cache::default();
    }

    /// The log has something new of this key.
    pub fn changed(&self, key: &K) {
        let mut changed = self.changed.write().unwrap_or_else(PoisonError::into_inner);
        match changed.get_mut(key) {
            Some(at) => *at = Instant::now(),
            None => {
                if let Some((_, forgotten)) = changed.put(key.clone(), Instant::now()) {
                    let mut since = self.since.write().unwrap_or_else(PoisonError::into_inner);
                    *since = forgotten.max(*since);
                }
            }
        }
        drop(changed);
        if let Some(value) = self.values.write().unwrap_or_else(PoisonError::into_inner).get_mut(key) {
            *value = None;
        }
    }

    /// Keeps what has just been read of a ClickHouse that had everything until then, unless it may lack something.
    pub fn keep(&self, key: K, value: T, until: HasUntil) {
        // Locked until it is kept, so that no change comes in between.
        let changed = self.changed.read().unwrap_or_else(PoisonError::into_inner);
        let since = self.since.read().unwrap_or_else(PoisonError::into_inner);
        if until.includes(*since) && changed.get(&key).is_none_or(|at| until.includes(*at)) {
            let value = Value { value, read: Instant::now() };
            self.values.write().unwrap_or_else(PoisonError::into_inner).put(key, Some(value));
        }
    }

    /// What `of` makes of the value; `None` if it has to be read.
    pub fn get<R>(&self, key: &K, of: impl FnOnce(&T) -> Option<R>) -> Option<R> {
        let values = self.values.read().unwrap_or_else(PoisonError::into_inner);
        let value = values.get(key)?.as_ref().filter(|value| value.read.elapsed() <= LIFETIME)?;
        of(&value.value)
    }
}

#[cfg(test)]
impl HasUntil {
    /// Of a ClickHouse that lags by nothing, and of clocks that agree.
    pub fn now() -> Self {
        Self(Instant::now())
    }
}

#[cfg(test)]
mod tests {
    use ebasvuru_analytics::freshness::Freshness;
    use jiff::{SignedDuration, Timestamp};

    use super::*;

    type Kept = super::Kept<u8, u64, 2, 2>;

    fn get(kept: &Kept, key: u8) -> Option<u64> {
        kept.get(&key, |value| Some(*value))
    }

    #[test]
    fn a_value_is_shown_again_until_there_is_something_new_of_it() {
        let kept = Kept::default();
        assert_eq!(get(&kept, 1), None);
        kept.keep(1, 10, HasUntil::now());
        kept.keep(2, 20, HasUntil::now());
        assert_eq!((get(&kept, 1), get(&kept, 2)), (Some(10), Some(20)));
        kept.changed(&1);
        assert_eq!((get(&kept, 1), get(&kept, 2)), (None, Some(20)));
        let before = HasUntil::now();
        kept.clear();
        assert_eq!(get(&kept, 2), None);
        kept.keep(2, 20, before);
        assert_eq!(get(&kept, 2), None, "what changed meanwhile is not known");
        kept.keep(2, 21, HasUntil::now());
        assert_eq!(get(&kept, 2), Some(21));
    }

    /// As a log says at `now` of a ClickHouse that lags by so many seconds.
    fn lags_by(seconds: i64) -> Option<HasUntil> {
        let asked_at = Timestamp::UNIX_EPOCH;
        let as_of = asked_at - SignedDuration::from_secs(seconds);
        let freshness = LatestFreshness::default();
        freshness.set(Some(Freshness { as_of, asked_at, event_offset: 0 }));
        HasUntil::of(&freshness, &Clock::manual(asked_at))
    }

    #[test]
    fn what_clickhouse_may_not_have_yet_is_not_kept() {
        let kept = Kept::default();
        *kept.since.write().unwrap() = Instant::now().checked_sub(Duration::from_secs(100)).unwrap();
        let changed = |seconds: u64| {
            let at = Instant::now().checked_sub(Duration::from_millis(seconds * 1_000 - 500)).unwrap();
            kept.changed.write().unwrap().put(1, at);
        };
        let keeps = |until| {
            kept.keep(1, 10, until);
            let kept_it = get(&kept, 1).is_some();
            kept.values.write().unwrap().put(1, None);
            kept_it
        };
        changed(5);
        // It lags by less; and the clocks may differ by a second.
        assert!(keeps(lags_by(3).unwrap()));
        assert!(!keeps(lags_by(4).unwrap()));
        assert!(!keeps(lags_by(5).unwrap()));
        assert!(HasUntil::of(&LatestFreshness::default(), &Clock::System).is_none());
        // However long it took to answer.
        let before = HasUntil::now();
        kept.changed(&1);
        assert!(!keeps(before));
        assert!(keeps(HasUntil::now()));
    }

    #[test]
    fn what_is_not_remembered_of_changes_may_have_changed() {
        let kept = Kept::default();
        kept.changed(&1);
        kept.changed(&2);
        let between = HasUntil::now();
        kept.changed(&1);
        // Of 2 and 1 one is forgotten.
        kept.changed(&3);
        kept.keep(1, 10, between);
        kept.keep(4, 10, HasUntil::now());
        assert_eq!((get(&kept, 1), get(&kept, 4)), (None, Some(10)));
    }
}
