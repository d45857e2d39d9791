//! Documents by reference: the content lies in the object store under its SHA-256.

use serde::{Deserialize, Serialize};

use super::sealed::Sealed;

/// A document as events and snapshots carry it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Its name as uploaded, sealed: people put names of people into file names.
    pub name: Sealed,
    /// The media type, such as `application/pdf`.
    pub media_type: String,
    /// The size in bytes.
    pub size: u64,
    /// Lower-case hex SHA-256 of the content.
    pub sha256: String,
    /// Where the content is: `store://sha256/…`.
    pub uri: String,
}
