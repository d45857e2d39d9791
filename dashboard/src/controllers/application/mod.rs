//! Başvurular: the worklist, the detail page, and the actions on an application.

pub mod actions;
pub mod assign_selected;
mod detail;
pub mod download;
pub mod filter;
pub mod list;
mod load;
mod officers;
mod others;
pub mod show;
pub mod worklist;
