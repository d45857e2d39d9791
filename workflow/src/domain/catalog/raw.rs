//! The catalog as it is in its files, unchecked.

use serde::Deserialize;

use crate::domain::calendar::Holiday;

use super::{Service, ServiceSlug, UnitId, UnitType, UnitTypeSlug};

/// All files together.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Raw {
    /// `services.toml`.
    #[serde(default)]
    pub service: Vec<Service>,
    /// `valilik.toml`.
    #[serde(default)]
    pub valilik: Vec<RawValilik>,
    /// `units.toml`: the kinds of units, which every governorate has.
    #[serde(default)]
    pub unit_type: Vec<UnitType>,
    /// `units.toml`: kinds that a governorate does not have, and which kind does their work there.
    #[serde(default)]
    pub without: Vec<RawWithout>,
    /// `routing.toml`: services that another unit owns in some governorates.
    #[serde(default)]
    pub route: Vec<RawRoute>,
    /// `holidays.toml`.
    #[serde(default)]
    pub holiday: Vec<Holiday>,
    /// `settings.toml`.
    #[serde(default)]
    pub settings: RawSettings,
}

/// A governorate.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawValilik {
    /// The plate code.
    pub plate: u8,
    /// The name.
    pub name: String,
}

/// A kind of unit that some governorates do not have.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawWithout {
    /// The governorates.
    pub valilik: Vec<u8>,
    /// The kind that they do not have.
    pub unit_type: UnitTypeSlug,
    /// The kind that does its work there.
    pub instead: UnitTypeSlug,
}

/// An exception to the route by the service's kind of unit.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawRoute {
    /// The service.
    pub service: ServiceSlug,
    /// The governorate.
    pub valilik: u8,
    /// The unit that owns it there.
    pub unit: UnitId,
}

/// The settings of the catalog.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawSettings {
    /// Whether an İl Koordinasyon Görevlisi sees the whole governorate.
    pub coordinators_see_valilik: bool,
    /// Whether an arife half day counts as a working day (decision i: yes).
    pub half_days_count: bool,
}

impl Default for RawSettings {
    fn default() -> Self {
        Self { coordinators_see_valilik: false, half_days_count: true }
    }
}
