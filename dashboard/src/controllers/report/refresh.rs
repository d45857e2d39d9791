//! The refresh of a page by itself: it says which parts it has, by their entity tags, and gets the ones
//! that have changed; 304 if none has.

use std::collections::HashSet;

use axum::http::header::IF_NONE_MATCH;
use axum::http::{HeaderMap, HeaderValue};
use ebasvuru_workflow::domain::document::sha256_hex;
use serde::Serialize;

use crate::web::guard::BY_ITSELF;
use crate::web::problem::Problem;

/// The parts that a page has which asks by itself.
#[derive(Debug, Default)]
pub struct KnownParts(HashSet<String>);

impl KnownParts {
    /// The parts that the page names; `None` if a person asks for the page.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        headers.contains_key(BY_ITSELF).then_some(())?;
        let tags = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
        let tags = tags.flat_map(|list| list.split(',')).map(|tag| tag.trim().trim_matches('"').to_owned());
        Some(Self(tags.collect()))
    }

    /// Whether the page has this part as it is now.
    pub fn has(&self, tag: &str) -> bool {
        self.0.contains(tag)
    }
}

/// The entity tag of a part, without quotes: a hash of what it shows.
pub fn tag(part: &impl Serialize) -> Result<String, Problem> {
    let shown = serde_json::to_vec(part).map_err(|error| Problem::Internal(error.to_string()))?;
    Ok(format!("{:.32}", sha256_hex(&shown)))
}

/// The entity tag of all parts together.
pub fn etag<'a>(tags: impl IntoIterator<Item = &'a str>) -> Result<HeaderValue, Problem> {
    let tags: Vec<_> = tags.into_iter().collect();
    let tag = format!("\"{:.32}\"", sha256_hex(tags.join(",").as_bytes()));
    HeaderValue::try_from(tag).map_err(|error| Problem::Internal(error.to_string()))
}
