//! What a decision needs in addition to state and command.

use jiff::Timestamp;

use crate::domain::catalog::Catalog;
use crate::domain::directory::Directory;

/// What a decision needs in addition to state and command.
#[derive(Clone, Copy, Debug)]
pub struct UserContext<'a> {
    /// The time of the decision.
    pub now: Timestamp,
    /// The units.
    pub catalog: &'a Catalog,
    /// The users.
    pub directory: &'a Directory,
}
