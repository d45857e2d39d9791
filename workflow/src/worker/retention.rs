//! How long the worker keeps what it has finished with.

use jiff::SignedDuration;

/// How long the worker keeps closed markers and waiting withdrawals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkflowRetention {
    /// The deduplication horizon: how long after closing the same submission is still recognised.
    pub deduplication: SignedDuration,
    /// How long a withdrawal waits for its submission.
    pub withdrawal: SignedDuration,
}

impl Default for WorkflowRetention {
    /// 90 days and 30 days.
    fn default() -> Self {
        Self {
            deduplication: SignedDuration::from_hours(24 * 90),
            withdrawal: SignedDuration::from_hours(24 * 30),
        }
    }
}
