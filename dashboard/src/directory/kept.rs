//! What was read from ClickHouse last, shown again until the log has something new of it.

use std::hash::Hash;
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::cache::Cache;
use super::freshness::LatestFreshness;

/// While ClickHouse lags by more, nothing is kept.
const MOST_LAG: Duration = Duration::from_mins(1);
/// How much the clocks of the log and of this machine may differ.
const CLOCKS: Duration = Duration::from_secs(1);
/// How long a value is shown again.
const LIFETIME: Duration = Duration::from_mins(10);

/// The last `VALUES` values that were read, by what they are of. What the log has new of a key drops its value; the
/// last `CHANGES` keys of which it had something are remembered: more than change within [`MOST_LAG`].
#[derive(Debug)]
pub struct Kept<K, T, const VALUES: usize, const CHANGES: usize> {
    values: RwLock<Cache<K, Option<Value<T>>, VALUES>>,
    changed: RwLock<Cache<K, Instant, CHANGES>>,
    /// Since when it is known what changes.
    since: RwLock<Instant>,
}

#[derive(Debug)]
struct Value<T> {
    value: T,
    read: Instant,
}

/// All that was appended to the log before this moment is in what ClickHouse says from now on.
#[derive(Clone, Copy, Debug)]
pub struct HasUntil(Instant);

impl HasUntil {
    /// As the log says; to be asked before ClickHouse is. `None`: not known, or too long ago.
    #[must_use]
    pub fn of(freshness: &LatestFreshness, now: Timestamp) -> Option<Self> {
        let lag = Duration::try_from(now.duration_since(freshness.at(now)?.as_of)).ok()?;
        Self::behind(lag)
    }

    fn behind(lag: Duration) -> Option<Self> {
        Some(Self(Instant::now().checked_sub(lag + CLOCKS)?)).filter(|_| lag <= MOST_LAG)
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
            None => drop(changed.put(key.clone(), Instant::now())),
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
        if *since <= until.0 && changed.get(&key).is_none_or(|at| *at < until.0) {
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

    #[test]
    fn what_clickhouse_may_not_have_yet_is_not_kept() {
        let kept = Kept::default();
        let before = HasUntil::now();
        kept.changed(&1);
        // However long ClickHouse took to answer.
        kept.keep(1, 10, before);
        assert_eq!(get(&kept, 1), None);
        kept.keep(1, 10, HasUntil::behind(Duration::ZERO).unwrap());
        assert_eq!(get(&kept, 1), None, "the clocks may differ");
        kept.keep(1, 11, HasUntil::now());
        assert_eq!(get(&kept, 1), Some(11));
        assert!(HasUntil::behind(MOST_LAG + Duration::from_secs(1)).is_none());
    }
}
