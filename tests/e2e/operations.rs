//! docs/OPERATIONS.md and docs/alerts.yml speak of what the product has.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::read_to_string;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;

use crate::product::{Backend, Product};

fn source(path: &str) -> String {
    read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// What stands between backticks.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Every metric's name with what its docstring has between backticks: its labels, and some values.
fn metrics() -> BTreeMap<String, BTreeSet<String>> {
    let mut metrics = BTreeMap::new();
    for file in ["workflow/src/metric.rs", "analytics/src/metric.rs", "dashboard/src/metric.rs"] {
        let mut docstring = String::new();
        for line in source(file).lines() {
            if let Some(text) = line.strip_prefix("///") {
                docstring.push_str(text);
            } else if let Some((_, name)) = line.split_once(": &str = \"") {
                let labels = code(&docstring).map(str::to_owned).collect();
                metrics.insert(name.trim_end_matches("\";").to_owned(), labels);
            }
            if !line.starts_with("///") {
                docstring.clear();
            }
        }
    }
    metrics
}

/// The names of metrics in a text, each with what follows it.
fn named(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.match_indices("ebasvuru_").map(|(at, _)| {
        let rest = &text[at..];
        rest.split_at(rest.find(|c: char| !c.is_ascii_lowercase() && c != '_').unwrap_or(rest.len()))
    })
}

#[test]
fn alerts_use_metrics_and_labels_that_exist_and_have_a_line_that_says_what_to_do() {
    let (rules, page, metrics) = (source("docs/alerts.yml"), source("docs/OPERATIONS.md"), metrics());
    assert!(metrics.len() > 20, "{metrics:?}");
    for (name, rest) in named(&rules) {
        let bare = ["_bucket", "_count", "_sum"].iter().find_map(|end| name.strip_suffix(end));
        let labels = bare.and_then(|bare| metrics.get(bare)).or_else(|| metrics.get(name));
        let labels = labels.unwrap_or_else(|| panic!("{name} is no metric"));
        let selector = rest.strip_prefix('{').map_or("", |rest| rest.split('}').next().unwrap());
        for condition in selector.split(',').filter(|condition| !condition.is_empty()) {
            let label = condition.split(['=', '!']).next().unwrap();
            assert!(labels.contains(label), "{name} has no label {label}");
        }
    }
    let alerts: BTreeSet<_> =
        rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    let (_, section) = page.split_once("\n## Alerts\n").unwrap();
    let explained: BTreeSet<_> = section
        .lines()
        .filter(|line| line.starts_with("| `Ebasvuru"))
        .flat_map(|line| code(line.split('|').nth(1).unwrap()))
        .collect();
    assert_eq!(alerts, explained);
}

#[test]
fn the_page_lists_every_metric_with_its_labels() {
    let (page, metrics) = (source("docs/OPERATIONS.md"), metrics());
    let mut listed = BTreeSet::new();
    for row in page.lines().filter(|line| line.starts_with("| `ebasvuru_")) {
        let cells: Vec<_> = row.split('|').collect();
        for name in code(cells[1]) {
            let labels = metrics.get(name).unwrap_or_else(|| panic!("{name} is no metric"));
            assert!(code(cells[2]).all(|label| labels.contains(label)), "{row}: {labels:?}");
            listed.insert(name);
        }
    }
    let missing: Vec<_> = metrics.keys().filter(|name| !listed.contains(name.as_str())).collect();
    assert!(missing.is_empty(), "not in docs/OPERATIONS.md: {missing:?}");
}

fn get(url: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(url.strip_prefix("http://").unwrap()).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).unwrap();
    said
}

#[test]
fn latency_is_scraped_as_a_histogram_by_route() {
    let product = Product::up(Backend::Embedded).unwrap();
    let endpoints = product.endpoints();
    let metrics = endpoints["metrics"]["up"].as_str().unwrap();
    get(endpoints["dashboard"].as_str().unwrap(), "/giris?sonra=%2Fbasvurular");
    get(metrics, "/healthz");
    let told = get(metrics, "/metrics");
    for labels in [
        r#"server="dashboard",method="GET",route="/giris",status="2xx",le="30""#,
        r#"server="health",method="GET",route="/healthz",status="2xx",le="30""#,
    ] {
        let line = format!("ebasvuru_http_request_seconds_bucket{{{labels}}} 1\n");
        assert!(told.contains(&line), "{line} is not in {told}");
    }
}
