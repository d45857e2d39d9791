//! How a call to the log fails, and what the caller may do about it.

/// What went wrong with the log.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// A record that the log never takes: trying again changes nothing.
    #[error("{0}")]
    TooLarge(String),
    /// The broker is away or slow; the same call may be made again later.
    #[error("the log does not answer: {0}")]
    Unavailable(String),
    /// The log answers and says no (a missing topic, no permission, a bad setting).
    #[error("{0}")]
    Refused(String),
    /// Another process has taken this member's place in its group.
    #[error("another process has taken this one's place: {0}")]
    Fenced(String),
    /// This client is of no more use (poisoned, or its outcome unknown):
    /// drop it with the state built on it and start over.
    #[error("this client must start over: {0}")]
    StartOver(String),
}

/// How a transaction failed.
#[derive(Debug, thiserror::Error)]
pub enum TransactError {
    /// Nothing of it counts; the consumer has been rewound to the committed offsets and
    /// will deliver the same records again.
    #[error("the transaction was aborted: {0}")]
    Aborted(String),
    /// Fenced, timed out, or the outcome is unknown: drop the transactor and the state.
    #[error("the transactor must start over: {0}")]
    StartOver(String),
    /// The log never takes one of the records: nothing of it counts, and trying again
    /// changes nothing.
    #[error("{0}")]
    TooLarge(String),
}
