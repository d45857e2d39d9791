//! For how long the worker remembers what is over.

use jiff::SignedDuration;

/// How long the worker remembers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkflowRetention {
    /// For how long after closing the same submission is still known as the same.
    pub deduplication: SignedDuration,
    /// For how long a withdrawal waits for its submission.
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
