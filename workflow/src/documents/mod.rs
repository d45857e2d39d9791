//! The document store: contents in a folder or a bucket, named by their SHA-256, so that the same
//! content is stored once and no personal name reaches the store. Beside each content lies the
//! record of its virus scan.
//!
//! [`open()`] and [`open_with`] open the store that `store.url` names. [`Blobs`] writes the inline
//! documents of submissions, [`DocumentStore`] reads documents and writes uploads. The names and
//! paths are in [`crate::domain::document`].

mod inline;
mod leftovers;
mod open;
mod store;

pub use inline::Blobs;
pub use leftovers::tidy;
pub use open::{StoreError, open, open_with, probe};
pub use store::{Content, DocumentError, DocumentStore};

/// The largest uploaded file, in bytes.
pub const MAX_FILE_BYTES: usize = 20 * 1024 * 1024;
