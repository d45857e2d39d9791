//! docs/REQUIREMENTS.md is up to date: each number has a browser test named after it, and each route
//! exists.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::web::routes;

/// The numbers of the guide's requirements and of the decisions.
fn numbers() -> Vec<String> {
    (1..=31).map(|n| n.to_string()).chain(('a'..='n').map(String::from)).collect()
}

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The browser tests of each number: the file, and the title after the numbers (`req 1, req 2: title`).
fn shown() -> BTreeMap<String, Vec<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/browser");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    let mut shown = BTreeMap::<String, Vec<String>>::new();
    for file in files.iter().filter(|file| file.to_string_lossy().ends_with(".test.mjs")) {
        let name = file.file_name().unwrap().to_string_lossy().replace(".test.mjs", "");
        let source = std::fs::read_to_string(file).unwrap();
        for title in source.lines().filter_map(|line| line.strip_prefix("test('")?.split("', ").next()) {
            let Some((numbers, title)) = title.split_once(": ") else { continue };
            for number in numbers.split(", ").filter_map(|number| number.strip_prefix("req ")) {
                shown.entry(number.to_owned()).or_default().push(format!("{name}: {title}"));
            }
        }
    }
    shown
}

/// The paths of both webs, those of the portal with the prefix `portal`.
fn paths() -> BTreeSet<String> {
    let portal = include_str!("../portal/routes.rs");
    let portal = portal.split(".route(\"").skip(1).filter_map(|rest| rest.split('"').next());
    let staff = routes::table().into_iter().map(|route| route.path);
    staff.chain(portal.map(|path| format!("portal {path}"))).collect()
}

#[test]
fn every_requirement_has_its_test_and_its_route() {
    let (doc, shown, paths) = (read("docs/REQUIREMENTS.md"), shown(), paths());
    let rows: Vec<Vec<&str>> = doc
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.strip_suffix('|'))
        .map(|line| line.split('|').map(str::trim).collect())
        .filter(|row: &Vec<&str>| row[0] != "No")
        .collect();
    let listed: Vec<&str> = rows.iter().map(|row| row[0]).collect();
    assert_eq!(listed, numbers(), "the numbers, in order");
    let mut wrong = Vec::new();
    for row in &rows {
        let (number, text, places, tests) = (row[0], row[1], row[2], row[3]);
        let web = if places.starts_with("*portal*") { "portal " } else { "" };
        for path in places.split('`').skip(1).step_by(2) {
            if !paths.contains(&format!("{web}{path}")) {
                wrong.push(format!("{number}: there is no route {web}{path}"));
            }
        }
        let titles = shown.get(number).map(|titles| titles.join("; ")).unwrap_or_default();
        if titles.is_empty() {
            wrong.push(format!("{number}: no browser test is named after it"));
        } else if titles != tests {
            wrong.push(format!("this row is out of date:\n| {number} | {text} | {places} | {titles} |"));
        }
    }
    assert!(wrong.is_empty(), "docs/REQUIREMENTS.md:\n{}", wrong.join("\n"));
    let unknown: Vec<_> = shown.keys().filter(|number| !listed.contains(&number.as_str())).collect();
    assert!(unknown.is_empty(), "tests are named after requirements that there are not: {unknown:?}");
}
