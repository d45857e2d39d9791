//! What a decision needs in addition to state and command.

use jiff::Timestamp;

use crate::domain::catalog::Catalog;
use crate::domain::directory::Directory;

/// What a decision needs in addition to state and command.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The time of the decision.
    pub now: Timestamp,
    /// Services, units, routes and holidays.
    pub catalog: &'a Catalog,
    /// The users.
    pub directory: &'a Directory,
    /// The number for an application that is received now.
    pub next: NextNumber,
}

/// The next application number of a partition (see [`crate::domain::ids::ApplicationNo`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextNumber {
    /// The partition, below 1000.
    pub partition: u16,
    /// The next running number in it.
    pub running: u64,
}
