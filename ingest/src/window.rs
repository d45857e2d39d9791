//! The window of the last messages. Ingest stops above a ratio of bad ones, because the cause is then
//! more likely a release (theirs or ours) than the messages.

/// The number of messages in the window.
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
    /// A window in which up to `ratio` (0 to 1) of [`WINDOW`] messages may be bad. The ratio is of the
    /// full window from the start on, so that a first bad message does not stop ingest.
    #[must_use]
    pub fn new(ratio: f64) -> Self {
        Self { bad: Box::new([false; WINDOW]), next: 0, count: 0, allowed: ratio * WINDOW as f64 }
    }

    /// Adds the next message; false if there are too many bad ones now.
    pub fn take(&mut self, bad: bool) -> bool {
        let oldest = std::mem::replace(&mut self.bad[self.next], bad);
        self.count = self.count + usize::from(bad) - usize::from(oldest);
        self.next = (self.next + 1) % WINDOW;
        !bad || self.count as f64 <= self.allowed
    }

    /// How many of the messages are bad.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bad_message_more_than_allowed_stops_ingest() {
        let mut window = Window::new(0.2);
        assert!((0..200).all(|_| window.take(true)));
        assert!(!window.take(true));
    }

    #[test]
    fn messages_older_than_the_window_do_not_count() {
        let mut window = Window::new(0.2);
        // One in five is bad: 200 of any thousand.
        assert!((0..10_000).all(|i| window.take(i % 5 == 0)));
        assert_eq!(window.count(), 200);
        // Here one more is allowed, because the oldest in the window is bad, but not two.
        assert!(window.take(true));
        assert!(!window.take(true));
        assert!((0..1000).all(|_| window.take(false)));
        assert_eq!(window.count(), 0);
    }

    #[test]
    fn a_ratio_of_0_allows_no_bad_message_and_1_allows_all() {
        assert!(!Window::new(0.0).take(true));
        let mut any = Window::new(1.0);
        assert!((0..5000).all(|_| any.take(true)));
    }
}
