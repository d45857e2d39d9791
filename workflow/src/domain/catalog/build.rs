//! Checks the catalog, and reports all faults at once.

use std::collections::{BTreeMap, BTreeSet};

use super::raw::Raw;
use super::{Catalog, Unit, UnitId, UnitTypeSlug, Valilik};
use crate::budget;
use crate::domain::calendar::{Calendar, DeadlineRule};
use crate::domain::text;

/// One fault of the catalog, in a line that says where and what.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {fault}")]
pub struct CatalogError {
    /// The file with the fault.
    pub file: &'static str,
    /// What is wrong.
    pub fault: String,
}

impl Catalog {
    /// Checks everything and builds the catalog.
    ///
    /// # Errors
    /// Every fault, so that all can be fixed at once.
    pub fn build(raw: Raw) -> Result<Self, Vec<CatalogError>> {
        let mut errors = Vec::new();
        let mut fault = |file: &'static str, fault: String| errors.push(CatalogError { file, fault });

        let mut valilik = BTreeMap::new();
        for v in raw.valilik {
            if let Some(wrong) = title_fault(&v.name) {
                fault("valilik.toml", format!("plate {}: the name {wrong}", v.plate));
            }
            match Valilik::from_plate(v.plate) {
                None => {
                    fault("valilik.toml", format!("{}: plate codes go from 1 to 81, not {}", v.name, v.plate))
                }
                Some(plate) => {
                    if let Some(other) = valilik.insert(plate, v.name.clone()) {
                        fault("valilik.toml", format!("plate {plate} is given twice: {other}, {}", v.name));
                    }
                }
            }
        }
        for plate in (1..=81).filter_map(Valilik::from_plate) {
            if !valilik.contains_key(&plate) {
                fault("valilik.toml", format!("plate {plate} is missing"));
            }
        }

        let mut unit_types = BTreeMap::new();
        for unit_type in raw.unit_type {
            if let Some(wrong) = title_fault(&unit_type.title) {
                fault("units.toml", format!("{}: the title {wrong}", unit_type.slug));
            }
            if let Some(other) = unit_types.insert(unit_type.slug.clone(), unit_type) {
                fault("units.toml", format!("unit type {} is given twice", other.slug));
            }
        }

        // Which kind of unit does the work of a kind that a governorate does not have.
        let mut instead = BTreeMap::<(Valilik, UnitTypeSlug), UnitTypeSlug>::new();
        for without in raw.without {
            for slug in [&without.unit_type, &without.instead] {
                if !unit_types.contains_key(slug) {
                    fault("units.toml", format!("[[without]] names an unknown unit type {slug}"));
                }
            }
            for plate in without.valilik {
                let Some(v) = Valilik::from_plate(plate) else {
                    fault("units.toml", format!("[[without]] names plate {plate}, which does not exist"));
                    continue;
                };
                let key = (v, without.unit_type.clone());
                if let Some(other) = instead.insert(key, without.instead.clone()) {
                    fault(
                        "units.toml",
                        format!(
                            "who works for {} in {v} is ambiguous: {other} or {}",
                            without.unit_type, without.instead
                        ),
                    );
                }
            }
        }

        let mut units = BTreeMap::<UnitId, Unit>::new();
        for (v, name) in &valilik {
            for unit_type in unit_types.values() {
                if instead.contains_key(&(*v, unit_type.slug.clone())) {
                    continue;
                }
                match format!("{v}-{}", unit_type.slug).parse::<UnitId>() {
                    Ok(id) => {
                        let title = format!("{name} {}", unit_type.title);
                        units.insert(
                            id.clone(),
                            Unit { id, valilik: *v, unit_type: unit_type.slug.clone(), title },
                        );
                    }
                    Err(e) => fault("units.toml", e.to_string()),
                }
            }
        }

        let mut routes = BTreeMap::new();
        let mut given = BTreeSet::new();
        for route in raw.route {
            let Some(v) = Valilik::from_plate(route.valilik) else {
                fault("routing.toml", format!("{}: plate {} does not exist", route.service, route.valilik));
                continue;
            };
            match units.get(&route.unit) {
                None => fault(
                    "routing.toml",
                    format!("{} in {v}: there is no unit {}", route.service, route.unit),
                ),
                Some(unit) if unit.valilik != v => fault(
                    "routing.toml",
                    format!(
                        "{} in {v}: the unit {} belongs to another governorate",
                        route.service, route.unit
                    ),
                ),
                Some(_) => {}
            }
            let key = (route.service.clone(), v);
            if !given.insert(key.clone()) {
                let other = routes.get(&key).map_or_else(String::new, ToString::to_string);
                fault(
                    "routing.toml",
                    format!("the route of {} in {v} is ambiguous: {other} or {}", route.service, route.unit),
                );
            }
            routes.insert(key, route.unit);
        }

        let mut services = BTreeMap::new();
        for service in raw.service {
            let slug = service.slug.clone();
            if !unit_types.contains_key(&service.unit_type) {
                fault("services.toml", format!("{slug}: unknown unit type {}", service.unit_type));
            }
            let (DeadlineRule::CalendarDays(days) | DeadlineRule::WorkingDays(days)) = service.deadline;
            if !(1..=366).contains(&days) {
                fault("services.toml", format!("{slug}: a deadline has 1 to 366 days, not {days}"));
            }
            if service.pre_application_days.is_some_and(|days| !(1..=366).contains(&days)) {
                fault("services.toml", format!("{slug}: pre_application_days lies between 1 and 366"));
            }
            if service.pre_application_days.is_some() && service.required_documents.is_empty() {
                fault("services.toml", format!("{slug}: an Ön Başvuru needs required_documents to wait for"));
            }
            for (what, text) in [
                ("main_title", &service.main_title),
                ("title", &service.title),
                ("law", &service.law),
                ("retention_class", &service.retention_class),
            ] {
                if let Some(wrong) = title_fault(text) {
                    fault("services.toml", format!("{slug}: {what} {wrong}"));
                }
            }
            let documents = service.required_documents.iter().map(|it| ("a required document", &it.title));
            let labels = service.form_fields.iter().map(|it| ("the label of a field", &it.label));
            let names = service.form_fields.iter().map(|it| ("the name of a field", &it.name));
            let options = service.form_fields.iter().flat_map(|it| &it.options).map(|it| ("an option", it));
            for (what, text) in documents.chain(labels).chain(names).chain(options) {
                if let Some(wrong) = title_fault(text) {
                    fault("services.toml", format!("{slug}: {what} {wrong}"));
                }
            }
            if service.required_documents.len() > budget::REQUIRED_DOCUMENTS {
                let most = budget::REQUIRED_DOCUMENTS;
                fault("services.toml", format!("{slug}: at most {most} required documents"));
            }
            let codes: BTreeSet<_> = service.required_documents.iter().map(|d| &d.code).collect();
            if codes.len() != service.required_documents.len() {
                fault("services.toml", format!("{slug}: a required document is given twice"));
            }
            for v in valilik.keys() {
                let key = (slug.clone(), *v);
                if routes.contains_key(&key) {
                    continue;
                }
                let kind = instead.get(&(*v, service.unit_type.clone())).unwrap_or(&service.unit_type);
                match units.values().find(|unit| unit.valilik == *v && unit.unit_type == *kind) {
                    Some(unit) => {
                        routes.insert(key, unit.id.clone());
                    }
                    None => fault(
                        "routing.toml",
                        format!("{slug} in {v} has no unit: no route, and no {kind} there"),
                    ),
                }
            }
            if let Some(other) = services.insert(slug, service) {
                fault("services.toml", format!("service {} is given twice", other.slug));
            }
        }
        for (service, v) in &given {
            if !services.contains_key(service) {
                fault("routing.toml", format!("a route in {v} names an unknown service {service}"));
            }
        }

        let calendar = match Calendar::build(&raw.holiday, raw.settings.half_days_count) {
            Ok(calendar) => calendar,
            Err(why) => {
                fault("holidays.toml", why);
                return Err(errors);
            }
        };
        if errors.is_empty() {
            let coordinators_see_valilik = raw.settings.coordinators_see_valilik;
            let mut by_service = BTreeMap::<_, BTreeMap<_, _>>::new();
            for ((service, valilik), unit) in routes {
                by_service.entry(service).or_default().insert(valilik, unit);
            }
            let routes = by_service;
            Ok(Self { services, valilik, unit_types, units, routes, calendar, coordinators_see_valilik })
        } else {
            Err(errors)
        }
    }
}

/// What is wrong with a title, which stands in lists, on buttons and in the cells of files.
fn title_fault(title: &str) -> Option<String> {
    let most = budget::SHORT_CHARS;
    match title.chars().count() {
        _ if text::is_blank(title) => Some("is empty".to_owned()),
        chars if chars > most => Some(format!("has {chars} characters, more than {most}")),
        _ => None,
    }
}
