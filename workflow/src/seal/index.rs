//! Blind indexes: keyed hashes by which equal values are found without being readable.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::Mac;
use serde::Serialize;
use serde_json::Value;

use crate::domain::turkish::fold_name;

use super::Sealer;
use super::ring::Index;

impl Sealer {
    /// The index of a T.C. Kimlik No.
    #[must_use]
    pub fn tckn_index(&self, tckn: &str) -> String {
        self.index(Index::Tckn, tckn.as_bytes())
    }

    /// The index of each word of a name, folded by the Turkish rules, in the order of the name.
    #[must_use]
    pub fn name_index(&self, full_name: &str) -> Vec<String> {
        fold_name(full_name).iter().map(|token| self.index(Index::Name, token.as_bytes())).collect()
    }

    /// The hash of a content as parsed JSON: it does not depend on the order of members or on spacing.
    #[must_use]
    pub fn content_hash(&self, content: &Value) -> String {
        let mut canonical = Vec::new();
        write_canonical(content, &mut canonical);
        self.index(Index::Content, &canonical)
    }

    /// 128 bits of HMAC-SHA256 as 22 characters: enough for equality, and short in every row.
    fn index(&self, index: Index, what: &[u8]) -> String {
        let mut mac = self.ring.index(index);
        mac.update(what);
        URL_SAFE_NO_PAD.encode(&mac.finalize().into_bytes()[..16])
    }
}

/// JSON with the members of every object sorted by name. Written here because any crate may turn on the
/// feature that changes the order of `serde_json`'s maps.
fn write_canonical(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Object(map) => {
            let mut members: Vec<_> = map.iter().collect();
            members.sort_unstable_by_key(|(name, _)| *name);
            out.push(b'{');
            for (i, (name, member)) in members.into_iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write_scalar(name, out);
                out.push(b':');
                write_canonical(member, out);
            }
            out.push(b'}');
        }
        Value::Array(items) => {
            out.push(b'[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(b',');
                }
                write_canonical(item, out);
            }
            out.push(b']');
        }
        scalar => write_scalar(scalar, out),
    }
}

#[expect(clippy::expect_used, reason = "a scalar always serializes, and a vector takes all")]
fn write_scalar(scalar: &impl Serialize, out: &mut Vec<u8>) {
    serde_json::to_writer(out, scalar).expect("a scalar serializes");
}
