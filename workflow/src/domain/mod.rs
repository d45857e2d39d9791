//! The pure domain: no I/O, no clock, no log.
//!
//! `decide(&State, &Command, &Context) -> Result<Vec<Event>, Refusal>` decides a command;
//! `evolve(State, &Event) -> State` applies an event. Both exist for the [`application`], the
//! [`user`] and the [`schedule`] aggregate.

pub mod actor;
pub mod application;
mod by_text;
pub mod calendar;
pub mod catalog;
pub mod document;
pub mod document_name;
pub mod ids;
pub mod record_address;
pub mod schedule;
pub mod sealed;
pub mod search_term;
pub mod text;
pub mod turkish;
pub mod user;

pub use user::directory;
