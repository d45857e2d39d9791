//! The smallest catalog with one service of each kind.

use crate::domain::catalog::Catalog;
use crate::domain::catalog::raw::Raw;

pub const UNIT: &str = "06-sivil-toplum";
pub const OTHER_UNIT: &str = "06-nufus";
/// Starts as Başvuru, to be answered in 30 days.
pub const DIRECT: &str = "dilekce";
/// Starts as Ön Başvuru, lapses after 30 days.
pub const PRE: &str = "dernek-kurulus";

const REST: &str = r#"
[[holiday]]
date = "2026-10-29"
name = "Cumhuriyet Bayramı"

[[unit_type]]
slug = "sivil-toplum"
title = "Sivil Toplum İl Müdürlüğü"

[[unit_type]]
slug = "nufus"
title = "Nüfus İl Müdürlüğü"

[[service]]
slug = "dilekce"
main_title = "Dilekçe"
title = "Dilekçe"
unit_type = "sivil-toplum"
deadline = { calendar_days = 30 }
law = "3071"
retention_class = "basvuru"

[[service]]
slug = "dernek-kurulus"
main_title = "Dernekler"
title = "Dernek Kuruluşu"
unit_type = "sivil-toplum"
pre_application_days = 30
required_documents = [{ code = "tuzuk", title = "Tüzük" }]
deadline = { calendar_days = 30 }
law = "5253"
retention_class = "basvuru"
"#;

pub fn small() -> Catalog {
    let name = |plate| if plate == 6 { "Ankara".into() } else { format!("İl {plate}") };
    let valilik = (1..=81).map(|plate| format!("[[valilik]]\nplate = {plate}\nname = \"{}\"\n", name(plate)));
    let text = valilik.collect::<String>() + REST;
    Catalog::build(toml::from_str::<Raw>(&text).unwrap()).unwrap()
}
