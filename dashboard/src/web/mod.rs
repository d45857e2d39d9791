//! What carries a request of the staff web: the table of routes, the guard that every route
//! passes, forms, sessions and cookies, errors as pages, and the state that handlers share.
//!
//! Handlers ([`crate::controllers`]) use all of this but [`routes`], which alone knows the
//! handlers; so the two modules form no circle of files.

pub mod app;
pub mod client_address;
pub mod cookie;
pub mod document;
pub mod form;
pub mod form_body;
pub mod guard;
pub mod held_form;
pub mod known_device;
pub mod language;
pub mod layers;
pub mod page;
pub mod problem;
pub mod routes;
pub mod search;
pub mod session;
pub mod ticket;
pub mod unsent;
