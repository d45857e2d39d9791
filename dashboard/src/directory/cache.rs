//! A bounded cache.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// At most `CAPACITY` values; the one that was put first is dropped first.
#[derive(Debug)]
pub struct Cache<K, T, const CAPACITY: usize> {
    values: HashMap<K, T>,
    order: VecDeque<K>,
}

impl<K, T, const CAPACITY: usize> Default for Cache<K, T, CAPACITY> {
    fn default() -> Self {
        Self { values: HashMap::new(), order: VecDeque::new() }
    }
}

impl<K: Clone + Eq + Hash, T, const CAPACITY: usize> Cache<K, T, CAPACITY> {
    pub fn get(&self, key: &K) -> Option<&T> {
        self.values.get(key)
    }

    pub fn get_mut(&mut self, key: &K) -> Option<&mut T> {
        self.values.get_mut(key)
    }

    /// Puts a value; it counts as new if it replaces one. Returns what was dropped for it.
    pub fn put(&mut self, key: K, value: T) -> Option<(K, T)> {
        if self.values.insert(key.clone(), value).is_some() {
            self.order.retain(|other| *other != key);
        }
        self.order.push_back(key);
        let dropped = if self.order.len() > CAPACITY { self.order.pop_front() } else { None };
        dropped.and_then(|dropped| self.values.remove_entry(&dropped))
    }
}
