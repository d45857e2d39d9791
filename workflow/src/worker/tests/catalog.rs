//! The smallest catalog with one service of each kind.

use crate::domain::calendar::Deadline;
use crate::domain::catalog::{Catalog, RequiredDocument, Service, Unit};

pub const UNIT: &str = "06-sivil-toplum";
pub const OTHER_UNIT: &str = "06-nufus";
/// Starts as Başvuru, to be answered in 30 days.
pub const DIRECT: &str = "dilekce";
/// Starts as Ön Başvuru, lapses after 30 days.
pub const PRE: &str = "dernek-kurulus";

pub fn small() -> Catalog {
    let mut catalog = Catalog::default();
    let service = |pre: bool| Service {
        required_documents: if pre {
            vec![RequiredDocument { code: "tuzuk".parse().unwrap() }]
        } else {
            vec![]
        },
        pre_application_days: pre.then_some(30),
        deadline: Deadline::CalendarDays(30),
    };
    for (unit, name) in
        [(UNIT, "Ankara Sivil Toplum İl Müdürlüğü"), (OTHER_UNIT, "Ankara Nüfus İl Müdürlüğü")]
    {
        catalog
            .units
            .insert(unit.parse().unwrap(), Unit { name: name.into(), valilik: 6.try_into().unwrap() });
    }
    for (slug, pre) in [(DIRECT, false), (PRE, true)] {
        catalog.services.insert(slug.parse().unwrap(), service(pre));
        catalog.routes.insert((slug.parse().unwrap(), 6.try_into().unwrap()), UNIT.parse().unwrap());
    }
    catalog
}
