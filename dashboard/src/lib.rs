//! The staff web: server-rendered pages over the workflow's log and the read model.
//!
//! [`routes`] is the table of all pages and who may see them; [`guard`] enforces it;
//! `controllers/<noun>/<verb>.rs` holds one use case a file, its page under
//! `templates/<noun>/`.

pub mod app;
mod choice;
pub mod controllers;
mod cookie;
mod files;
pub mod form;
pub mod gateway;
pub mod guard;
pub mod http;
mod i18n;
mod labels;
pub mod metric;
mod page;
mod portal;
mod problem;
pub mod routes;
mod search;
mod serve;
mod session;
#[cfg(test)]
mod tests;

pub use app::DashboardConfig;
pub use files::{Files, Scanner};
pub use portal::{Portal, PortalDeps};
pub use serve::{Dashboard, Deps, StartError, session_key_file};
pub use session::Lifetime;
