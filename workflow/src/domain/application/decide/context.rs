//! What a decision looks at beside state and command.

use jiff::Timestamp;

use crate::domain::catalog::Catalog;
use crate::domain::directory::Directory;

/// What a decision looks at beside state and command.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The time of the decision.
    pub now: Timestamp,
    /// Services, units, routes and holidays.
    pub catalog: &'a Catalog,
    /// The users.
    pub directory: &'a Directory,
    /// The number that an application received now gets.
    pub next: NextNumber,
}

/// Where the numbers of a partition stand (see [`crate::domain::ids::ApplicationNo`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextNumber {
    /// The partition, below 1000.
    pub partition: u16,
    /// The running number that comes next in it.
    pub running: u64,
}
