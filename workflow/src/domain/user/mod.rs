//! The user: who may do what, where. An aggregate like the application.

pub mod command;
pub mod event;
mod rejection;
mod state;

pub use command::{UserCommand, UserCommandBody};
pub use event::{UserEvent, UserEventBody};
pub use rejection::UserRejection;
pub use state::{Delegation, User, UserProfile};
