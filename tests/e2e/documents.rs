//! What the documents point at exists: links, anchors, and the files that recipes name.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Every file of the repository, relative to its root; what builds and tests make is left out.
fn files(root: &Path, folder: &Path, found: &mut BTreeSet<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = entry.file_name();
        if ["target", "node_modules", ".git", "data"].iter().any(|left_out| name == *left_out) {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            files(root, &entry.path(), found);
        } else {
            found.insert(entry.path().strip_prefix(root).unwrap().to_owned());
        }
    }
}

/// The targets of the links in a text.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](").skip(1).filter_map(|rest| rest.split_once(')').map(|(target, _)| target))
}

/// What stands between backticks.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines().flat_map(|line| line.split('`').skip(1).step_by(2))
}

/// The anchor of a heading, as GitHub makes it.
fn anchor(heading: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || [' ', '-', '_'].contains(c);
    heading.trim().to_lowercase().chars().filter(kept).map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn has_anchor(document: &Path, wanted: &str) -> bool {
    let text = fs::read_to_string(document).unwrap();
    let mut headings = text.lines().filter(|line| line.starts_with('#'));
    headings.any(|line| anchor(line.trim_start_matches('#')) == wanted)
}

#[test]
fn links_and_named_files_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = BTreeSet::new();
    files(root, root, &mut all);
    let mut missing = Vec::new();
    for document in all.iter().filter(|file| file.extension().is_some_and(|kind| kind == "md")) {
        let text = fs::read_to_string(root.join(document)).unwrap();
        let folder = root.join(document.parent().unwrap());
        for link in links(&text).filter(|link| !link.contains(':')) {
            let (path, wanted) = link.split_once('#').unwrap_or((link, ""));
            let target = if path.is_empty() { root.join(document) } else { folder.join(path) };
            if !target.exists() || (!wanted.is_empty() && !has_anchor(&target, wanted)) {
                missing.push(format!("{}: {link}", document.display()));
            }
        }
        // A recipe may name a file by the end of its path.
        let source = |name: &&str| [".rs", ".mjs", ".sql", ".html"].iter().any(|kind| name.ends_with(kind));
        for name in code(&text).filter(source).filter(|name| !name.contains(['{', '<', '…', ' '])) {
            if !all.iter().any(|file| file.ends_with(name)) {
                missing.push(format!("{}: `{name}`", document.display()));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}
