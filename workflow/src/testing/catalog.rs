//! The smallest catalog with two kinds of units and a service of each kind.

use crate::domain::calendar::{DeadlineRule, Holiday};
use crate::domain::catalog::raw::{Raw, RawValilik};
use crate::domain::catalog::{Catalog, RequiredDocument, Service, UnitType};
use crate::seal::APPLICATIONS;

/// The unit in Ankara that owns all services.
pub const UNIT: &str = "06-sivil-toplum";
/// Another unit in Ankara.
pub const OTHER_UNIT: &str = "06-nufus";
/// The unit in Istanbul that owns all services.
pub const REMOTE_UNIT: &str = "34-sivil-toplum";

/// A service that starts as Başvuru, to be answered in 30 days.
pub const DIRECT: &str = "dilekce";
/// A service that starts as Başvuru, to be answered in 15 working days.
pub const WORKING: &str = "bilgi-edinme";
/// A service that starts as Ön Başvuru, with [`DOCUMENTS`], and lapses after 30 days.
pub const PRE: &str = "dernek-kurulus";
/// The required documents of [`PRE`].
pub const DOCUMENTS: [&str; 2] = ["tuzuk", "kimlik"];

/// Every governorate with both kinds of units.
#[must_use]
pub fn raw() -> Raw {
    let kind = |slug: &str, title: &str| UnitType { slug: slug.parse().unwrap(), title: title.into() };
    let name = |plate| if plate == 6 { "Ankara".into() } else { format!("İl {plate}") };
    let service = |slug: &str, documents: &[&str], deadline| Service {
        slug: slug.parse().unwrap(),
        main_title: "Ana Başlık".into(),
        title: slug.into(),
        unit_type: "sivil-toplum".parse().unwrap(),
        pre_application_days: (!documents.is_empty()).then_some(30),
        required_documents: documents
            .iter()
            .map(|code| RequiredDocument { code: code.parse().unwrap(), title: (*code).into() })
            .collect(),
        deadline,
        law: "3071".into(),
        form_fields: Vec::new(),
        retention_class: APPLICATIONS.into(),
    };
    Raw {
        service: vec![
            service(DIRECT, &[], DeadlineRule::CalendarDays(30)),
            service(WORKING, &[], DeadlineRule::WorkingDays(15)),
            service(PRE, &DOCUMENTS, DeadlineRule::CalendarDays(30)),
        ],
        valilik: (1..=81).map(|plate| RawValilik { plate, name: name(plate) }).collect(),
        unit_type: vec![
            kind("sivil-toplum", "Sivil Toplum İl Müdürlüğü"),
            kind("nufus", "Nüfus İl Müdürlüğü"),
        ],
        holiday: vec![Holiday {
            date: "2026-04-23".parse().unwrap(),
            name: "Bayram".into(),
            days: 1,
            eve: false,
        }],
        ..Raw::default()
    }
}

/// The catalog of [`raw`].
#[must_use]
pub fn small() -> Catalog {
    Catalog::build(raw()).unwrap()
}
