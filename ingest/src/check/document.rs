//! Checks documents, as far as that is possible without their content.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use ebasvuru_workflow::budget;
use ebasvuru_workflow::domain::document::{STORE, sha256_hex};
use ebasvuru_workflow::domain::document_name::DocumentName;
use ebasvuru_workflow::domain::text;
use ebasvuru_workflow::message::DocumentKind;

use super::failure::{CheckFailure, Code};
use crate::submission::{Document, MAX_INLINE};

/// The largest document by reference, in bytes.
const MAX_REFERENCED: i64 = 100 * 1024 * 1024;

/// A checked document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedDocument<'a> {
    /// Its kind.
    pub kind: DocumentKind,
    /// Its name.
    pub name: DocumentName,
    /// Its media type.
    pub media_type: &'a str,
    /// In bytes.
    pub size: u64,
    /// Lower-case hex SHA-256.
    pub sha256: String,
    /// The content, if it came inline.
    pub inline: Option<Bytes>,
}

/// Checks the document at `index`; the only code it gives is `document_invalid`.
pub fn check_document<'a>(index: usize, it: &'a Document<'a>) -> Result<CheckedDocument<'a>, CheckFailure> {
    let invalid = |why: &str| CheckFailure::new(Code::DocumentInvalid, format!("documents[{index}]: {why}"));
    let kind = match &*it.kind {
        "application" => DocumentKind::Application,
        "supporting" => DocumentKind::Supporting,
        _ => return Err(invalid("kind must be application or supporting")),
    };
    if text::is_blank(&it.name) || it.name.chars().count() > budget::NAME_CHARS {
        return Err(invalid("name must have 1 to 255 characters"));
    }
    if !media_type_fits(&it.media_type) {
        return Err(invalid("media_type is none"));
    }
    if it.size < 1 || it.size > MAX_REFERENCED {
        return Err(invalid("size must lie between 1 byte and 100 MiB"));
    }
    let sha256 = it.sha256.to_ascii_lowercase();
    if sha256.len() != 64 || !sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(invalid("sha256 must be 64 hex digits"));
    }
    let inline = match (&it.data, &it.uri) {
        (Some(data), _) => Some(content(data, it.size, &sha256).map_err(invalid)?),
        (None, uri) => {
            let name = uri.as_deref().and_then(|uri| uri.strip_prefix(STORE));
            if !name.is_some_and(|name| name.eq_ignore_ascii_case(&sha256)) {
                return Err(invalid("uri must be store://sha256/ and the sha256"));
            }
            None
        }
    };
    Ok(CheckedDocument {
        kind,
        name: DocumentName::of(&it.name),
        media_type: &it.media_type,
        size: it.size.unsigned_abs(),
        sha256,
        inline,
    })
}

fn content(data: &str, size: i64, sha256: &str) -> Result<Bytes, &'static str> {
    // Before decoding: four characters are three bytes.
    if data.len() / 4 * 3 > MAX_INLINE + 3 {
        return Err("an inline document has at most 256 KiB");
    }
    let bytes = STANDARD.decode(data).map_err(|_| "data is not base64")?;
    if bytes.len() > MAX_INLINE {
        return Err("an inline document has at most 256 KiB");
    }
    if i64::try_from(bytes.len()) != Ok(size) {
        return Err("size is not that of data");
    }
    if sha256_hex(&bytes) != sha256 {
        return Err("sha256 is not that of data");
    }
    Ok(bytes.into())
}

/// `type/subtype` of the characters of RFC 6838, with parameters of visible ASCII. It is sent to
/// browsers as it is, so nothing in it may end a header.
fn media_type_fits(text: &str) -> bool {
    let (essence, parameters) = text.split_once(';').unwrap_or((text, ""));
    let name = |part: &str| {
        (1..=127).contains(&part.len())
            && part.starts_with(|c: char| c.is_ascii_alphanumeric())
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
    };
    text.len() <= budget::MEDIA_TYPE
        && essence
            .trim_end_matches(' ')
            .split_once('/')
            .is_some_and(|(kind, subtype)| name(kind) && name(subtype))
        && parameters.len() <= 127
        && parameters.bytes().all(|b| b == b' ' || b.is_ascii_graphic())
}
