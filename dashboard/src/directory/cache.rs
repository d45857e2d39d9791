//! A bounded cache by application number.

use std::collections::{HashMap, VecDeque};

use ebasvuru_workflow::domain::ids::ApplicationNo;

/// How many values are kept: minutes of work of a whole ministry, while ClickHouse lags by about a second.
pub const CAPACITY: usize = 4096;

/// At most [`CAPACITY`] values; the one that was put first is dropped first.
#[derive(Debug)]
pub struct Cache<T> {
    values: HashMap<ApplicationNo, T>,
    order: VecDeque<ApplicationNo>,
}

impl<T> Default for Cache<T> {
    fn default() -> Self {
        Self { values: HashMap::new(), order: VecDeque::new() }
    }
}

impl<T> Cache<T> {
    pub fn get(&self, no: &ApplicationNo) -> Option<&T> {
        self.values.get(no)
    }

    /// Puts a value; it counts as new if it replaces one. Returns whose value was dropped for it.
    pub fn put(&mut self, no: ApplicationNo, value: T) -> Option<ApplicationNo> {
        if self.values.insert(no.clone(), value).is_some() {
            self.order.retain(|other| *other != no);
        }
        self.order.push_back(no);
        let dropped = if self.order.len() > CAPACITY { self.order.pop_front() } else { None };
        dropped.inspect(|dropped| drop(self.values.remove(dropped)))
    }
}
