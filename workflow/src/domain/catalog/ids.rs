//! Identities of the catalog, parsed once, where they come in.

use std::borrow::Borrow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::by_text::serde_by_text;

/// The text is not a valid identity of this kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} cannot be {text:?}: {rule}")]
pub struct BadCatalogId {
    /// The kind of identity.
    pub what: &'static str,
    /// The text, shortened.
    pub text: String,
    /// The rule it breaks.
    pub rule: &'static str,
}

macro_rules! slug_id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        serde_by_text!($name);

        impl $name {
            /// As text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = BadCatalogId;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                let fits = (1..=64).contains(&s.len())
                    && s.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
                    && !s.starts_with('-')
                    && !s.ends_with('-');
                if fits {
                    Ok(Self(s.into()))
                } else {
                    Err(BadCatalogId {
                        what: $what,
                        text: s.chars().take(64).collect(),
                        rule: "1 to 64 of a-z, 0-9 and '-', no '-' at either end",
                    })
                }
            }
        }

        /// So that a map is asked with the text itself.
        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

slug_id!(
    /// A service, such as `dernek-kurulus`.
    ServiceSlug,
    "a service slug"
);
slug_id!(
    /// A kind of unit that every governorate has, such as `sivil-toplum`.
    UnitTypeSlug,
    "a unit type"
);
slug_id!(
    /// A unit of one governorate: plate code and unit type, such as `06-sivil-toplum`.
    UnitId,
    "a unit id"
);
slug_id!(
    /// A required document of a service, such as `saglik-raporu`.
    DocumentCode,
    "a document code"
);

/// A governorate, by its plate code (1..=81).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Valilik(u8);

impl Valilik {
    /// The governorate with this plate code, if there is one.
    #[must_use]
    pub const fn from_plate(plate: u8) -> Option<Self> {
        if plate >= 1 && plate <= 81 { Some(Self(plate)) } else { None }
    }

    /// The plate code.
    #[must_use]
    pub const fn plate(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Valilik {
    type Error = BadCatalogId;
    fn try_from(plate: u8) -> Result<Self, Self::Error> {
        Self::from_plate(plate).ok_or_else(|| BadCatalogId {
            what: "a valilik",
            text: plate.to_string(),
            rule: "plate codes go from 1 to 81",
        })
    }
}

impl From<Valilik> for u8 {
    fn from(v: Valilik) -> Self {
        v.0
    }
}

impl fmt::Display for Valilik {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}", self.0)
    }
}
