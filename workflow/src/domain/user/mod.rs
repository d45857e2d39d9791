//! The user: role, unit, password, delegation. An aggregate like the application.

mod access;
pub mod command;
mod decide;
pub mod directory;
pub mod event;
mod evolve;
mod one_time_password;
mod refusal;
mod state;

pub use access::{Access, EndedSession, Keeper, ONE_TIME_LASTS};
pub use command::{UserCommand, UserCommandBody};
pub use decide::{UserContext, decide, may_manage};
pub use event::{UserEvent, UserEventBody};
pub use evolve::evolve;
pub use one_time_password::one_time_password;
pub use refusal::UserRefusal;
pub use state::{Delegation, User, UserProfile};

#[cfg(test)]
mod tests;
