//! The staff web: server-rendered pages over the workflow's log and the read model; and the portal,
//! a stand-in for e-Devlet.
//!
//! [`web::routes`] is the table of all pages and who may see them; [`web::guard`] enforces it.
//! `controllers/<noun>/<verb>.rs` has one use case in each file, with its page in
//! `templates/<noun>/`. Each module uses only those below it:
//!
//! | module | what is in it |
//! |---|---|
//! | [`portal`] | the stand-in for e-Devlet, with its own routes |
//! | [`sender`] | sends the scheduled reports |
//! | [`controllers`] | the handlers |
//! | [`web`] | what carries a request (its `routes` alone uses the handlers) |
//! | [`auth`], [`directory`], [`audit`] | passwords and logins; what this replica knows from the log; who opened what |
//! | [`view`] | what is rendered |
//! | [`files`], [`http`], [`mail`] | documents; the HTTP server; the mail server |

mod audit;
mod auth;
mod controllers;
mod directory;
mod files;
pub mod http;
mod mail;
pub mod metric;
mod portal;
mod sender;
mod serve;
#[cfg(test)]
mod tests;
mod view;
pub mod web;

pub use files::{Files, Scanner};
pub use mail::{MailConfig, Mailer};
pub use portal::{Portal, PortalDeps, citizens};
pub use serve::{Dashboard, Deps, StartError, session_key_file};
pub use web::app::DashboardConfig;
pub use web::session::Lifetime;
