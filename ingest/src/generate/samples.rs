//! The files that generated messages refer to: a page that says what it stands for, or a photo.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use bytes::Bytes;
use ebasvuru_workflow::domain::document::sha256_hex;
use ebasvuru_workflow::log::Blob;

use super::{letters, pdf};

/// The name of the letter itself.
pub const LETTER: &str = "Dilekçe.pdf";

static SAMPLES: LazyLock<BTreeMap<&'static str, Sample>> = LazyLock::new(|| {
    let names = letters::documents().map(String::as_str).chain([LETTER]);
    names.map(|name| (name, sample(name))).collect()
});

/// A file with a fitting content.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Its name.
    pub name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// Its content.
    pub blob: Blob,
}

/// A file of this name.
#[must_use]
pub fn sample(name: &str) -> Sample {
    let (media_type, bytes) = match name.strip_suffix(".png") {
        Some(_) => ("image/png", Bytes::from_static(include_bytes!("data/photo.png"))),
        None => ("application/pdf", pdf::page(name.strip_suffix(".pdf").unwrap_or(name)).into()),
    };
    Sample { name: name.into(), media_type, blob: Blob { sha256: sha256_hex(&bytes), bytes } }
}

/// The file of this name that comes with letters.
pub(super) fn known(name: &str) -> Option<&'static Sample> {
    SAMPLES.get(name)
}

/// The documents that generated messages refer to. Store them first if people are to open them.
#[must_use]
pub fn samples() -> Vec<Blob> {
    SAMPLES.values().map(|sample| sample.blob.clone()).collect()
}
