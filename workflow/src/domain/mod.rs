//! The pure domain: no I/O, no clock, no log.
//!
//! `decide(&State, &Command, &Context) -> Result<Vec<Event>, Refusal>` says what a
//! command leads to; `evolve(State, &Event) -> State` applies what happened. Both exist
//! for the [`application`] and for the [`user`] aggregate.

pub mod actor;
pub mod application;
pub mod calendar;
pub mod catalog;
pub mod document;
pub mod ids;
pub mod record_address;
pub mod sealed;
pub mod turkish;
pub mod user;

pub use user::directory;
