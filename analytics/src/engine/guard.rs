//! What the embedded engine refuses: it has no users, so it guards the machine itself.

/// Functions and tables that reach outside of the data path.
const OUTSIDE: [&str; 14] = [
    "file",
    "url",
    "s3",
    "s3cluster",
    "hdfs",
    "remote",
    "remotesecure",
    "executable",
    "mysql",
    "postgresql",
    "mongodb",
    "redis",
    "sqlite",
    "jdbc",
];

/// Says why a statement is refused, as the exception to answer with.
pub fn refuse(sql: &str) -> Result<(), String> {
    let words = words(sql);
    let no = |why: &str| {
        Err(format!("Code: 497. DB::Exception: The embedded engine refuses {why} (ACCESS_DENIED)"))
    };
    if words.iter().any(|(word, _)| word == "system")
        && words.first().is_some_and(|(word, _)| word == "system")
    {
        return no("SYSTEM");
    }
    if let Some((function, _)) = words.iter().find(|(word, call)| *call && OUTSIDE.contains(&word.as_str())) {
        return no(&format!("{function}()"));
    }
    if words.windows(2).any(|pair| pair[0].0 == "into" && pair[1].0 == "outfile") {
        return no("INTO OUTFILE");
    }
    if statements(sql) > 1 {
        return no("several statements at once");
    }
    Ok(())
}

/// The parts of a statement outside of quotes and comments.
fn bare(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len());
    let mut chars = sql.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\'' | '"' | '`', _) => {
                while let Some(inner) = chars.next() {
                    if inner == '\\' {
                        chars.next();
                    } else if inner == c {
                        break;
                    }
                }
                out.push('_');
            }
            ('-', Some('-')) | ('#', Some(' ' | '!')) => while chars.next().is_some_and(|c| c != '\n') {},
            ('/', Some('*')) => {
                let mut last = ' ';
                for inner in chars.by_ref() {
                    if last == '*' && inner == '/' {
                        break;
                    }
                    last = inner;
                }
                out.push(' ');
            }
            _ => out.push(c),
        }
    }
    out
}

/// Lower-case words, each with whether a `(` follows.
fn words(sql: &str) -> Vec<(String, bool)> {
    let bare = bare(sql);
    let mut words = Vec::new();
    let mut rest = bare.as_str();
    while let Some(start) = rest.find(|c: char| c.is_alphanumeric() || c == '_') {
        rest = &rest[start..];
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        words.push((word.to_ascii_lowercase(), after.trim_start().starts_with('(')));
        rest = after;
    }
    words
}

fn statements(sql: &str) -> usize {
    bare(sql).split(';').filter(|part| !part.trim().is_empty()).count()
}

#[cfg(test)]
mod tests {
    use super::refuse;

    #[test]
    fn what_reaches_outside_is_refused_and_what_only_looks_so_is_not() {
        for bad in [
            "SYSTEM SHUTDOWN",
            " /* x */ system flush logs",
            "SELECT 1; DROP TABLE a",
            "SELECT * FROM file('/etc/passwd')",
            "SELECT * FROM URL ('x')",
            "SELECT 1 INTO OUTFILE 'x'",
            "INSERT INTO FUNCTION file('x') SELECT 1",
        ] {
            assert!(refuse(bad).is_err(), "{bad}");
        }
        for good in [
            "SELECT ';', 'file(1)' FROM system.tables;",
            "SELECT file FROM t -- ; system",
            "SELECT 'it\\'s; fine'",
            "INSERT INTO t(url, file) VALUES",
        ] {
            assert_eq!(refuse(good), Ok(()), "{good}");
        }
    }
}
