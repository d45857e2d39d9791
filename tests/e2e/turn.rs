//! How many scenarios run at once. Each has several processes; most of its time it waits for them.

use std::sync::{Condvar, Mutex, PoisonError};

/// More than this would take so long that something seems broken.
const MOST: usize = 3;

static FREE: Mutex<usize> = Mutex::new(MOST);
static FREED: Condvar = Condvar::new();

/// The turn of one scenario, until it is dropped.
pub struct Turn;

impl Turn {
    /// Waits until fewer than [`MOST`] scenarios run.
    pub fn wait() -> Self {
        let free = FREE.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free = FREED.wait_while(free, |free| *free == 0).unwrap_or_else(PoisonError::into_inner);
        *free -= 1;
        Self
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *FREE.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        FREED.notify_one();
    }
}
