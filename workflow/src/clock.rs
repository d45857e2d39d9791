//! Where the time comes from. Whatever decides by the time is given a clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// Where "now" comes from.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// The machine's clock plus a number of milliseconds: the demo runs through its first weeks quickly.
    Shifted(Arc<AtomicI64>),
    /// A clock that stands still until it is set, for tests.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `at` until [`Clock::set`].
    #[must_use]
    pub fn manual(at: Timestamp) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(at.as_millisecond())))
    }

    /// The time now, to the millisecond.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let ms = match self {
            Self::System | Self::Shifted(_) => {
                #[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
                let now = Timestamp::now();
                now.as_millisecond() + self.shift()
            }
            Self::Manual(ms) => ms.load(Ordering::SeqCst),
        };
        Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// A clock that [`Clock::shift_by`] can move relative to the machine's.
    #[must_use]
    pub fn shifted() -> Self {
        Self::Shifted(Arc::new(AtomicI64::new(0)))
    }

    /// Sets a shifted clock to the machine's time plus `by`. Does nothing to other clocks.
    pub fn shift_by(&self, by: SignedDuration) {
        if let Self::Shifted(ms) = self {
            ms.store(i64::try_from(by.as_millis()).unwrap_or(0), Ordering::SeqCst);
        }
    }

    fn shift(&self) -> i64 {
        match self {
            Self::Shifted(ms) => ms.load(Ordering::SeqCst),
            Self::System | Self::Manual(_) => 0,
        }
    }

    /// Sets a manual clock. Does nothing to other clocks.
    pub fn set(&self, at: Timestamp) {
        if let Self::Manual(ms) = self {
            ms.store(at.as_millisecond(), Ordering::SeqCst);
        }
    }
}
