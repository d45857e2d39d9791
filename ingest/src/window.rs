//! The last messages, good or bad: above a ratio of bad ones ingest stops, because then
//! the fault is more likely a release (theirs or ours) than in the messages.

/// How many messages are looked back at.
pub const WINDOW: usize = 1000;

/// Good or bad, for each of the last [`WINDOW`] messages.
#[derive(Clone, Debug)]
pub struct Window {
    bad: Box<[bool; WINDOW]>,
    next: usize,
    count: usize,
    allowed: f64,
}

impl Window {
    /// A window in which up to `ratio` (0 to 1) of [`WINDOW`] messages may be bad. Counted
    /// against the full window from the start, so that a first bad message stops nothing.
    #[must_use]
    pub fn new(ratio: f64) -> Self {
        Self { bad: Box::new([false; WINDOW]), next: 0, count: 0, allowed: ratio * WINDOW as f64 }
    }

    /// Takes the next message in; false when there are now too many bad ones.
    pub fn take(&mut self, bad: bool) -> bool {
        let oldest = std::mem::replace(&mut self.bad[self.next], bad);
        self.count = self.count + usize::from(bad) - usize::from(oldest);
        self.next = (self.next + 1) % WINDOW;
        !bad || self.count as f64 <= self.allowed
    }

    /// How many of them are bad.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_after_the_allowed_ones_is_too_many() {
        let mut window = Window::new(0.2);
        assert!((0..200).all(|_| window.take(true)));
        assert!(!window.take(true));
    }

    #[test]
    fn what_is_older_than_the_window_is_forgotten() {
        let mut window = Window::new(0.2);
        // One in five for ever: 200 of any thousand.
        assert!((0..10_000).all(|i| window.take(i % 5 == 0)));
        assert_eq!(window.count(), 200);
        // A good message never stops ingest, the next bad one inside the window does.
        assert!(window.take(true));
        assert!(!window.take(true));
        assert!((0..1000).all(|_| window.take(false)));
        assert_eq!(window.count(), 0);
    }

    #[test]
    fn the_ends_of_the_ratio() {
        assert!(!Window::new(0.0).take(true));
        let mut any = Window::new(1.0);
        assert!((0..5000).all(|_| any.take(true)));
    }
}
