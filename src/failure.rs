//! A failure as one line for people.

use ebasvuru_workflow::log::LogError;

/// What went wrong and why, beginning with a code that has a page in docs/errors wherever an
/// operator can do something about it.
pub fn line(error: &anyhow::Error) -> String {
    let said = format!("{error:#}");
    if coded(&said).is_some() {
        return said;
    }
    let log = error.chain().find_map(|cause| cause.downcast_ref::<LogError>());
    let clickhouse = error.chain().any(|cause| cause.is::<clickhouse::error::Error>());
    match log {
        Some(LogError::Refused(_)) => format!("LOG_REFUSED: {said}"),
        Some(_) => {
            format!("LOG_AWAY: {said} (with Kafka: check KAFKA_BROKERS and that the brokers run)")
        }
        None if clickhouse => {
            format!("CLICKHOUSE: {said}: check CLICKHOUSE_URL and that the server runs, then try again")
        }
        None => said,
    }
}

/// Whether the log is away, and so will be back.
pub fn is_away(error: &anyhow::Error) -> bool {
    let log = error.chain().find_map(|cause| cause.downcast_ref::<LogError>());
    matches!(log, Some(LogError::Unavailable(_)))
}

/// The code that a line begins with.
pub fn coded(line: &str) -> Option<&str> {
    let (code, _) = line.split_once(": ")?;
    let fits = code.len() > 3 && code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    (fits && (code.contains('_') || code.bytes().all(|b| b.is_ascii_uppercase()))).then_some(code)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use anyhow::{Context, anyhow};

    use super::*;

    #[test]
    fn a_line_begins_with_the_code_of_what_failed() {
        let away = || anyhow::Error::from(LogError::Unavailable("no broker".into()));
        for (error, code) in [
            (away(), Some("LOG_AWAY")),
            (away().context("the topics"), Some("LOG_AWAY")),
            (away().context("KAFKA: the settings"), Some("KAFKA")),
            (LogError::Refused("no topic".into()).into(), Some("LOG_REFUSED")),
            (clickhouse::error::Error::TimedOut.into(), Some("CLICKHOUSE")),
            (anyhow!("keyring_missing: there is no key ring"), Some("keyring_missing")),
            (anyhow!("there is no user x"), None),
        ] {
            assert_eq!(coded(&line(&error)), code, "{error:#}");
        }
    }

    /// Every code in the sources that a person may meet has a page that says what to do.
    #[test]
    fn every_code_has_its_page() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut codes = BTreeSet::new();
        for folder in ["src", "analytics/src", "dashboard/src", "ingest/src", "workflow/src"] {
            sources(&root.join(folder), &mut |source| collect(source, &mut codes));
        }
        for known in
            ["PORT_IN_USE", "CONFIG", "ENGINE_HASH", "ENGINE_PORT", "sink_refused", "malformed_command"]
        {
            assert!(codes.contains(known), "{known} is not found: {codes:?}");
        }
        let missing: Vec<_> = codes
            .iter()
            .filter(|code| {
                let page = std::fs::read_to_string(root.join(format!("docs/errors/{code}.md")));
                !page.is_ok_and(|page| {
                    page.starts_with(&format!("# `{code}`\n")) && page.contains("\n## Fix\n")
                })
            })
            .collect();
        assert!(missing.is_empty(), "without a page in docs/errors: {missing:?}");
    }

    fn sources(folder: &Path, each: &mut impl FnMut(&str)) {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let name = entry.file_name().and_then(|name| name.to_str()).unwrap();
            if entry.is_dir() && name != "tests" {
                sources(&entry, each);
            } else if name.ends_with(".rs") && name != "tests.rs" {
                let source =
                    std::fs::read_to_string(&entry).with_context(|| entry.display().to_string()).unwrap();
                each(source.split("#[cfg(test)]\nmod tests {").next().unwrap());
            }
        }
    }

    /// Texts that begin with `CODE: `, the engine's codes alone, and what is given as a code.
    fn collect(source: &str, codes: &mut BTreeSet<String>) {
        for (at, _) in source.match_indices('"') {
            let rest = &source[at + 1..];
            let rest = rest.strip_prefix("ebasvuru: ").unwrap_or(rest);
            let upper = &rest
                [..rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_uppercase() || c == '_').len()];
            let after = &rest[upper.len()..];
            let engine = upper.starts_with("ENGINE_") && after.starts_with('"');
            let given = ["code = ", "code: ", "refused(", "halted(", "warned("]
                .iter()
                .any(|m| source[..at].ends_with(m));
            if upper.len() > 3 && (after.starts_with(": ") || engine) {
                codes.insert(upper.to_owned());
            } else if given {
                codes.insert(rest.split('"').next().unwrap().to_owned());
            }
        }
    }
}
