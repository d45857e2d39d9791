//! The catalog: services, governorates, units, and who owns what.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::calendar::{Calendar, Deadline};

/// A text that cannot be the identity it was meant to be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} cannot be {text:?}: {rule}")]
pub struct BadCatalogId {
    /// Which identity.
    pub what: &'static str,
    /// The text, shortened.
    pub text: String,
    /// The rule it breaks.
    pub rule: &'static str,
}

macro_rules! slug_id {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

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

        impl TryFrom<String> for $name {
            type Error = BadCatalogId;
            fn try_from(s: String) -> Result<Self, Self::Error> {
                s.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0.to_string()
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

/// What the product serves, and who owns what. Loaded and checked at start; a decision sees
/// one catalog.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    /// The services.
    pub services: BTreeMap<ServiceSlug, Service>,
    /// The units.
    pub units: BTreeMap<UnitId, Unit>,
    /// Service × valilik → the unit that owns it.
    pub routes: BTreeMap<(ServiceSlug, Valilik), UnitId>,
    /// By which deadlines are counted.
    pub calendar: Calendar,
    /// Whether an İl Koordinasyon Görevlisi sees the whole valilik rather than one unit.
    pub coordinators_see_valilik: bool,
}

/// A service, as far as the rules look at it.
#[derive(Clone, Debug)]
pub struct Service {
    /// What the citizen must bring before an Ön Başvuru is complete.
    pub required_documents: Vec<RequiredDocument>,
    /// Days until an Ön Başvuru lapses; `None` when the service starts as Başvuru (decision h).
    pub pre_application_days: Option<u16>,
    /// How long there is to answer.
    pub deadline: Deadline,
}

/// A document that the citizen must bring.
#[derive(Clone, Debug)]
pub struct RequiredDocument {
    /// Its code.
    pub code: DocumentCode,
}

/// A unit of a governorate.
#[derive(Clone, Debug)]
pub struct Unit {
    /// The name people read.
    pub name: Arc<str>,
    /// The governorate it belongs to.
    pub valilik: Valilik,
}

impl Catalog {
    /// The service, if there is one.
    #[must_use]
    pub fn service(&self, slug: &ServiceSlug) -> Option<&Service> {
        self.services.get(slug)
    }

    /// The unit, if there is one.
    #[must_use]
    pub fn unit(&self, id: &UnitId) -> Option<&Unit> {
        self.units.get(id)
    }

    /// The unit that owns a service in a valilik.
    #[must_use]
    pub fn route(&self, service: &ServiceSlug, valilik: Valilik) -> Option<&UnitId> {
        self.routes.get(&(service.clone(), valilik))
    }

    /// When an answer is due whose clock starts at `from`: the first instant that is too late.
    #[must_use]
    pub fn due_at(&self, service: &Service, from: Timestamp) -> Timestamp {
        self.calendar.due_at(service.deadline, from)
    }

    /// When an application received at `from` lapses, if it starts as Ön Başvuru.
    #[must_use]
    pub fn lapses_at(&self, service: &Service, from: Timestamp) -> Option<Timestamp> {
        let days = service.pre_application_days?;
        Some(self.calendar.due_at(Deadline::CalendarDays(days), from))
    }
}
