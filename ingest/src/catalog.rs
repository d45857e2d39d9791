//! Loads the catalog: the shipped one, or files of the operator.

use std::path::Path;

use ebasvuru_workflow::domain::catalog::raw::Raw;
use ebasvuru_workflow::domain::catalog::{Catalog, CatalogError};

const FILES: [(&str, &str); 6] = [
    ("services.toml", include_str!("../catalog/services.toml")),
    ("valilik.toml", include_str!("../catalog/valilik.toml")),
    ("units.toml", include_str!("../catalog/units.toml")),
    ("routing.toml", include_str!("../catalog/routing.toml")),
    ("holidays.toml", include_str!("../catalog/holidays.toml")),
    ("settings.toml", include_str!("../catalog/settings.toml")),
];

/// Loads and checks the catalog: the shipped files, each replaced by the file of the same name in
/// `folder`, if there is one.
///
/// # Errors
/// Every fault, each naming its file.
pub fn load(folder: Option<&Path>) -> Result<Catalog, Vec<CatalogError>> {
    let mut text = String::new();
    let mut errors = Vec::new();
    for (file, shipped) in FILES {
        let own = folder.map(|folder| folder.join(file)).filter(|path| path.exists());
        let content = match own {
            None => shipped.to_owned(),
            Some(path) => std::fs::read_to_string(&path).unwrap_or_else(|e| {
                errors.push(CatalogError { file, fault: format!("{}: {e}", path.display()) });
                String::new()
            }),
        };
        if let Err(e) = toml::from_str::<Raw>(&content) {
            errors.push(CatalogError { file, fault: e.to_string().trim().replace('\n', " ") });
        }
        text.push_str(&content);
        text.push('\n');
    }
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        errors.push(CatalogError {
            file: "catalog.dir",
            fault: format!("{} is not a folder", folder.display()),
        });
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let raw: Raw = toml::from_str(&text).map_err(|e| {
        vec![CatalogError { file: "catalog", fault: e.to_string().trim().replace('\n', " ") }]
    })?;
    Catalog::build(raw)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_shipped_catalog_is_complete() {
        let catalog = load(None).unwrap_or_else(|e| panic!("{e:#?}"));
        assert!(catalog.services().count() >= 20);
        assert_eq!(catalog.valilikler().count(), 81);
        assert_eq!(catalog.routes().count(), catalog.services().count() * 81);
        assert_eq!(catalog.calendar().last_year(), 2035);
        let slugs: Vec<_> = catalog
            .services()
            .map(|s| format!("{} → {} {:?} ön:{:?}", s.slug, s.unit_type, s.deadline, s.pre_application_days))
            .collect();
        insta::assert_snapshot!(slugs.join("\n"));
    }

    #[test]
    fn routes_follow_the_rule_and_its_exceptions() {
        let catalog = load(None).unwrap();
        let route = |service: &str, plate: u8| {
            let valilik = plate.try_into().unwrap();
            catalog.route(&service.parse().unwrap(), valilik).unwrap().to_string()
        };
        assert_eq!(route("dernek-kurulus", 6), "06-sivil-toplum");
        assert_eq!(route("apostil", 6), "06-hukuk-isleri");
        assert_eq!(route("apostil", 1), "01-yazi-isleri");
        assert_eq!(route("acik-kapi-basvuru", 69), "69-yazi-isleri");
    }

    #[test]
    fn each_fault_is_named_with_its_file() {
        for (file, content, expected) in [
            (
                "routing.toml",
                "[[route]]\nservice='dilekce'\nvalilik=6\nunit='06-nufus'\n[[route]]\nservice='dilekce'\nvalilik=6\nunit='06-goc'\n",
                "ambiguous: 06-nufus or 06-goc",
            ),
            (
                "routing.toml",
                "[[route]]\nservice='dilekce'\nvalilik=6\nunit='34-nufus'\n",
                "belongs to another governorate",
            ),
            ("routing.toml", "[[route]]\nservice='yok'\nvalilik=6\nunit='06-nufus'\n", "unknown service yok"),
            ("units.toml", "[[unit_type]]\nslug='nufus'\ntitle='N'\n", "unknown unit type sivil-toplum"),
            (
                "units.toml",
                "[[without]]\nvalilik=[6]\nunit_type='nufus'\ninstead='nufus'\n",
                "unknown unit type nufus",
            ),
            ("valilik.toml", "[[valilik]]\nplate=1\nname='Adana'\n", "plate 02 is missing"),
            ("valilik.toml", "[[valilik]]\nplate=82\nname='X'\n", "not 82"),
            ("valilik.toml", "[[valilik]]\nplate=1\nname='\u{200b}'\n", "plate 1: the name is empty"),
            ("units.toml", "[[unit_type]]\nslug='nufus'\ntitle='\u{ad}'\n", "nufus: the title is empty"),
            ("holidays.toml", "", "there are no holidays"),
            ("services.toml", "[[service]]\nslug='a'\n", "missing field"),
        ] {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join(file), content).unwrap();
            let errors = load(Some(folder.path())).unwrap_err();
            let said: Vec<_> = errors.iter().map(ToString::to_string).collect();
            assert!(
                said.iter().any(|line| line.contains(expected)),
                "{file}: expected {expected:?} among {said:#?}"
            );
        }
    }
}
