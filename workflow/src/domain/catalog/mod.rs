//! The catalog: services, governorates, units, and who owns what.
//!
//! Data, not code: it comes from `ingest/catalog/*.toml`, [`Catalog::build`] checks all of it, and
//! nothing changes after the start.

mod build;
mod ids;
pub mod raw;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use build::CatalogError;
pub use ids::{BadCatalogId, DocumentCode, ServiceSlug, UnitId, UnitTypeSlug, Valilik};

use super::calendar::{Calendar, DeadlineRule};

/// A service that citizens apply for (Ana Başlık › Alt Başlık).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Its identity in messages.
    pub slug: ServiceSlug,
    /// Ana Başlık.
    pub main_title: String,
    /// Alt Başlık.
    pub title: String,
    /// The kind of unit that owns it.
    pub unit_type: UnitTypeSlug,
    /// How long an Ön Başvuru may stay open, in days; absent for a service that starts as
    /// Başvuru (decision h).
    #[serde(default)]
    pub pre_application_days: Option<u16>,
    /// "Başvuru Belgeleri": what the citizen must bring.
    #[serde(default)]
    pub required_documents: Vec<RequiredDocument>,
    /// When the answer is due (decision i).
    pub deadline: DeadlineRule,
    /// The law behind the service and its deadline.
    pub law: String,
    /// The fields of "Başvuru Bilgileri" beside subject and text.
    #[serde(default)]
    pub form_fields: Vec<FormField>,
    /// The retention class: which keys seal its content.
    pub retention_class: String,
}

/// One line of "Başvuru Belgeleri".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequiredDocument {
    /// Its identity within the service.
    pub code: DocumentCode,
    /// What people read.
    pub title: String,
}

/// A field of a service's form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormField {
    /// The key in `form.fields`.
    pub name: String,
    /// What people read.
    pub label: String,
    /// What kind of input it is.
    #[serde(default)]
    pub kind: FieldKind,
    /// Whether the portal (the stand-in for e-Devlet) requires it.
    #[serde(default)]
    pub required: bool,
    /// The choices of a `select`.
    #[serde(default)]
    pub options: Vec<String>,
}

/// What kind of input a form field is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// One line.
    #[default]
    Text,
    /// Several lines.
    LongText,
    /// A number.
    Number,
    /// A date.
    Date,
    /// One of the options.
    Select,
}

/// A kind of unit that governorates have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitType {
    /// Its identity.
    pub slug: UnitTypeSlug,
    /// Its name.
    pub title: String,
}

/// A unit of one governorate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unit {
    /// Its identity.
    pub id: UnitId,
    /// Whose unit.
    pub valilik: Valilik,
    /// What kind.
    pub unit_type: UnitTypeSlug,
    /// What people read, the governorate's name first.
    pub title: String,
}

/// The checked catalog.
#[derive(Clone, Debug)]
pub struct Catalog {
    services: BTreeMap<ServiceSlug, Service>,
    valilik: BTreeMap<Valilik, String>,
    unit_types: BTreeMap<UnitTypeSlug, UnitType>,
    units: BTreeMap<UnitId, Unit>,
    routes: BTreeMap<ServiceSlug, BTreeMap<Valilik, UnitId>>,
    calendar: Calendar,
    coordinators_see_valilik: bool,
}

impl Catalog {
    /// A service by its slug.
    #[must_use]
    pub fn service(&self, slug: &ServiceSlug) -> Option<&Service> {
        self.services.get(slug)
    }

    /// A service by a text that may be its slug.
    #[must_use]
    pub fn service_named(&self, slug: &str) -> Option<&Service> {
        self.services.get(slug)
    }

    /// Every service, by slug.
    pub fn services(&self) -> impl Iterator<Item = &Service> {
        self.services.values()
    }

    /// A governorate's name.
    #[must_use]
    pub fn valilik_name(&self, valilik: Valilik) -> &str {
        self.valilik.get(&valilik).map_or("", String::as_str)
    }

    /// Every governorate with its name, by plate code.
    pub fn valilikler(&self) -> impl Iterator<Item = (Valilik, &str)> {
        self.valilik.iter().map(|(valilik, name)| (*valilik, name.as_str()))
    }

    /// A kind of unit.
    #[must_use]
    pub fn unit_type(&self, slug: &UnitTypeSlug) -> Option<&UnitType> {
        self.unit_types.get(slug)
    }

    /// A unit by its identity.
    #[must_use]
    pub fn unit(&self, id: &UnitId) -> Option<&Unit> {
        self.units.get(id)
    }

    /// Every unit, by identity.
    pub fn units(&self) -> impl Iterator<Item = &Unit> {
        self.units.values()
    }

    /// The units of one governorate.
    pub fn units_of(&self, valilik: Valilik) -> impl Iterator<Item = &Unit> {
        self.units.values().filter(move |unit| unit.valilik == valilik)
    }

    /// The unit that owns a service in a governorate.
    #[must_use]
    pub fn route(&self, service: &ServiceSlug, valilik: Valilik) -> Option<&UnitId> {
        self.routes.get(service)?.get(&valilik)
    }

    /// The same catalog with a route missing, which no checked catalog has.
    #[cfg(feature = "testing")]
    #[must_use]
    pub fn without_route(mut self, service: &ServiceSlug, valilik: Valilik) -> Self {
        self.routes.get_mut(service).and_then(|routes| routes.remove(&valilik));
        self
    }

    /// Every route.
    pub fn routes(&self) -> impl Iterator<Item = (&ServiceSlug, Valilik, &UnitId)> {
        let of = |(service, units): (_, _)| {
            BTreeMap::iter(units).map(move |(valilik, unit)| (service, *valilik, unit))
        };
        self.routes.iter().flat_map(of)
    }

    /// Working days and holidays.
    #[must_use]
    pub fn calendar(&self) -> &Calendar {
        &self.calendar
    }

    /// Whether an İl Koordinasyon Görevlisi sees the whole governorate.
    #[must_use]
    pub const fn coordinators_see_valilik(&self) -> bool {
        self.coordinators_see_valilik
    }

    /// The deadline of an answer if it runs from `from` on (decision i).
    #[must_use]
    pub fn due_at(&self, service: &Service, from: Timestamp) -> Timestamp {
        self.calendar.deadline(service.deadline, from)
    }

    /// When an Ön Başvuru received at `from` lapses; `None` for a service that has none.
    #[must_use]
    pub fn lapses_at(&self, service: &Service, from: Timestamp) -> Option<Timestamp> {
        service
            .pre_application_days
            .map(|days| self.calendar.deadline(DeadlineRule::CalendarDays(days), from))
    }
}
