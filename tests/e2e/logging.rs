//! Every call that logs keeps to docs/LOGGING.md.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// A call that logs.
struct Call {
    at: String,
    level: String,
    fields: Vec<String>,
    message: String,
}

/// The sources of the product, without their tests.
fn sources(folder: &Path, each: &mut impl FnMut(&Path, &str)) {
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let name = entry.file_name().and_then(|name| name.to_str()).unwrap();
        if entry.is_dir() && name != "tests" {
            sources(&entry, each);
        } else if name.ends_with(".rs") && name != "tests.rs" {
            each(&entry, &fs::read_to_string(&entry).unwrap());
        }
    }
}

/// The arguments of a macro whose text begins behind its opening parenthesis. Braces hold fields as
/// well, so they count for nothing.
fn arguments(text: &str) -> Vec<String> {
    let (mut arguments, mut current) = (Vec::new(), String::new());
    let (mut depth, mut quoted, mut escaped) = (0, false, false);
    for c in text.chars() {
        if quoted {
            quoted = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else {
            match c {
                '"' => quoted = true,
                '(' | '[' => depth += 1,
                ')' if depth == 0 => break,
                ')' | ']' => depth -= 1,
                ',' if depth == 0 => {
                    arguments.push(std::mem::take(&mut current));
                    continue;
                }
                '{' | '}' if depth == 0 => continue,
                _ => {}
            }
        }
        current.push(c);
    }
    arguments.push(current);
    arguments.iter().map(|argument| argument.trim().to_owned()).filter(|it| !it.is_empty()).collect()
}

fn calls() -> Vec<Call> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut calls = Vec::new();
    for folder in ["src", "analytics/src", "dashboard/src", "ingest/src", "workflow/src"] {
        sources(&root.join(folder), &mut |file, source| {
            for (at, _) in source.match_indices("tracing::") {
                let rest = &source[at + "tracing::".len()..];
                let Some((level, rest)) = rest.split_once("!(") else { continue };
                if !["error", "warn", "info", "debug", "trace"].contains(&level) {
                    continue;
                }
                let arguments = arguments(rest);
                let text = arguments.iter().position(|argument| argument.starts_with('"'));
                let fields = arguments[..text.unwrap_or(arguments.len())].iter();
                calls.push(Call {
                    at: format!("{}:{}", file.display(), source[..at].lines().count()),
                    level: level.to_owned(),
                    fields: fields.filter(|field| !field.starts_with("target:")).cloned().collect(),
                    message: text
                        .map(|text| arguments[text].trim_matches('"').to_owned())
                        .unwrap_or_default(),
                });
            }
        });
    }
    calls
}

#[test]
fn messages_and_fields_keep_to_the_page() {
    let page = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/LOGGING.md")).unwrap();
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    let named: BTreeSet<&str> =
        rows.flat_map(|line| line.split('|').nth(1).unwrap().split('`').skip(1).step_by(2)).collect();
    let calls = calls();
    assert!(calls.len() > 50, "only {} calls are found", calls.len());
    let (mut faults, mut used) = (Vec::new(), BTreeSet::new());
    for Call { at, level, fields, message } in &calls {
        let mut fault = |what: &str| faults.push(format!("{at}: {what}"));
        let proper = ["ClickHouse", "Kafka"].iter().any(|name| message.starts_with(name));
        if message.is_empty() {
            fault("no message");
        } else if message.ends_with('.') || (message.starts_with(char::is_uppercase) && !proper) {
            fault(&format!("a message is lower case without a full stop: {message}"));
        }
        for field in fields {
            match field.split_once(" = ") {
                None => fault(&format!("a field without a name of its own: {field}")),
                Some((name, _)) if named.contains(name) => _ = used.insert(name),
                Some((name, _)) => fault(&format!("{name} is not in docs/LOGGING.md")),
            }
        }
        let says_why = fields.iter().any(|field| field.starts_with("error."));
        // What these say is all there is to say.
        let alone =
            ["an event does not follow", "a thread that reads"].iter().any(|it| message.starts_with(it));
        if level == "error" && !says_why && !alone {
            fault("an ERROR has error.code or error.message");
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    let unused: Vec<_> = named.difference(&used).collect();
    assert!(unused.is_empty(), "in docs/LOGGING.md and nowhere used: {unused:?}");
}
