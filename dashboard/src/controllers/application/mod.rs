//! Başvurular: the worklist, the detail page, and what may be done there.

pub mod act;
pub mod action;
mod attach;
pub mod bulk;
pub mod download;
pub mod filter;
pub mod list;
mod load;
mod offer;
pub mod show;
mod view;
