//! How a call to the log fails, and what the caller may do about it.

/// What went wrong with the log.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// A record that the log never accepts: trying again changes nothing.
    #[error("{0}")]
    TooLarge(String),
    /// The log does not answer or is slow. The same call may be made again later.
    #[error("the log does not answer: {0}")]
    Unavailable(String),
    /// The log answers with a refusal (a missing topic, no permission, a bad setting).
    #[error("{0}")]
    Refused(String),
    /// Another process has taken this member's place in its group.
    #[error("another process has taken this one's place: {0}")]
    Fenced(String),
    /// This client cannot be used any more (fatal error, or unknown outcome): drop it with the state
    /// that was built on it, and start over.
    #[error("this client must start over: {0}")]
    StartOver(String),
}

/// How a transaction failed.
#[derive(Debug, thiserror::Error)]
pub enum TransactError {
    /// Nothing was committed. The consumer has been rewound to the committed offsets and will deliver
    /// the same records again.
    #[error("the transaction was aborted: {0}")]
    Aborted(String),
    /// Fenced, timed out, or the outcome is unknown: drop the transactor and the state, and start
    /// over.
    #[error("the transactor must start over: {0}")]
    StartOver(String),
    /// The log never accepts one of the records. Nothing was committed; trying again changes nothing.
    #[error("{0}")]
    TooLarge(String),
}
