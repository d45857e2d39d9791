//! What the embedded engine refuses: it has no users, so it guards the machine itself.

use axum::http::HeaderMap;
use axum::http::header::{HOST, ORIGIN};

/// Functions, sources of dictionaries and table engines that reach outside of the data path.
const OUTSIDE: [&str; 40] = [
    "arrowflight",
    "azureblobstorage",
    "azurequeue",
    "backup",
    "cassandra",
    "deltalake",
    "disk",
    "executable",
    "executablepool",
    "file",
    "filelog",
    "filesystem",
    "gcs",
    "hdfs",
    "http",
    "hudi",
    "hive",
    "iceberg",
    "jdbc",
    "kafka",
    "local",
    "mongodb",
    "mysql",
    "nats",
    "odbc",
    "paimon",
    "postgresql",
    "python",
    "rabbitmq",
    "redis",
    "remote",
    "remotesecure",
    "s3",
    "s3queue",
    "sqlite",
    "url",
    "ytsaurus",
    "clickhouse",
    "oss",
    "cosn",
];
/// What follows some of their names: `s3Cluster`, `icebergS3`, `deltaLakeAzure`.
const VARIANTS: [&str; 7] = ["cluster", "s3", "azure", "hdfs", "local", "s3cluster", "azurecluster"];
/// Statements that are about the machine and not about tables.
const STATEMENTS: [&str; 3] = ["system", "backup", "restore"];

/// A word of a statement, lower case.
struct Word {
    text: String,
    /// Whether a `(` follows.
    call: bool,
}

/// Says why a statement is refused, as the exception to answer with.
pub fn refuse(sql: &str) -> Result<(), String> {
    let (words, statements) = read(sql);
    let no = |why: &str| {
        Err(format!("Code: 497. DB::Exception: The embedded engine refuses {why} (ACCESS_DENIED)"))
    };
    if let Some(first) = words.first().filter(|first| STATEMENTS.contains(&first.text.as_str())) {
        return no(&first.text.to_ascii_uppercase());
    }
    if let Some(call) = words.iter().find(|word| word.call && is_outside(&word.text)) {
        return no(&format!("{}()", call.text));
    }
    for pair in words.windows(2) {
        match (pair[0].text.as_str(), pair[1].text.as_str()) {
            ("into", "outfile") | ("from", "infile") => return no("files"),
            ("engine", name) if is_outside(name) => return no(&format!("the table engine {name}")),
            _ => {}
        }
    }
    if statements > 1 {
        return no("several statements at once");
    }
    Ok(())
}

fn is_outside(name: &str) -> bool {
    let known = |name: &str| OUTSIDE.contains(&name);
    known(name) || VARIANTS.iter().any(|variant| name.strip_suffix(variant).is_some_and(known))
}

/// Says why a request is refused whatever it asks: a page in a browser on this machine can send
/// requests here too, and shows itself by its origin or by the name it calls us by.
pub fn refuse_stranger(headers: &HeaderMap) -> Result<(), String> {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if headers.contains_key(ORIGIN) || !["127.0.0.1", "localhost"].contains(&name) {
        return Err("Code: 497. DB::Exception: The embedded engine refuses browsers (ACCESS_DENIED)".into());
    }
    Ok(())
}

/// Whether the statement only asks.
pub fn is_select(sql: &str) -> bool {
    read(sql).0.first().is_some_and(|first| ["select", "with"].contains(&first.text.as_str()))
}

/// The format that a statement itself asks for.
pub fn format_of(sql: &str) -> Option<String> {
    let (words, _) = read(sql);
    let at = words.iter().rposition(|word| word.text == "format" && !word.call)?;
    let rest = &words[at + 1..];
    let last = rest.get(1).is_none_or(|next| next.text == "settings");
    rest.first().filter(|_| last).map(|name| name.text.clone())
}

/// The words of a statement, quoted names among them, without texts and comments; and how
/// many statements it is.
fn read(sql: &str) -> (Vec<Word>, usize) {
    let mut words: Vec<Word> = Vec::new();
    let (mut statements, mut blank) = (0, true);
    // Whether the last word is still being read, or only followed by space.
    let (mut inside, mut follows) = (false, false);
    let mut chars = sql.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('-', Some('-')) | ('#', Some(' ' | '!')) => {
                while chars.next().is_some_and(|c| c != '\n') {}
                inside = false;
                continue;
            }
            ('/', Some('*')) => {
                let mut last = ' ';
                chars.next();
                for inner in chars.by_ref() {
                    if last == '*' && inner == '/' {
                        break;
                    }
                    last = inner;
                }
                inside = false;
                continue;
            }
            (';', _) => {
                (inside, follows, blank) = (false, false, true);
                continue;
            }
            _ if c.is_whitespace() => {
                inside = false;
                continue;
            }
            _ => {}
        }
        statements += usize::from(std::mem::take(&mut blank));
        match c {
            '\'' | '"' | '`' => {
                let mut text = String::new();
                while let Some(inner) = chars.next() {
                    if inner == '\\' {
                        text.extend(chars.next());
                    } else if inner != c {
                        text.push(inner.to_ascii_lowercase());
                    } else if chars.peek() == Some(&c) {
                        text.extend(chars.next());
                    } else {
                        break;
                    }
                }
                (inside, follows) = (false, c != '\'');
                if follows {
                    words.push(Word { text, call: false });
                }
            }
            '(' => {
                if let Some(last) = words.last_mut().filter(|_| follows) {
                    last.call = true;
                }
                (inside, follows) = (false, false);
            }
            _ if c.is_alphanumeric() || c == '_' => {
                if !inside {
                    words.push(Word { text: String::new(), call: false });
                }
                if let Some(last) = words.last_mut() {
                    last.text.push(c.to_ascii_lowercase());
                }
                (inside, follows) = (true, true);
            }
            _ => (inside, follows) = (false, false),
        }
    }
    (words, statements)
}

#[cfg(test)]
mod tests {
    use super::{format_of, is_select, refuse};

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
            "INSERT INTO t FROM INFILE 'x' FORMAT CSV",
            "SELECT * FROM `file`('/etc/passwd')",
            "SELECT * FROM \"File\" /* x */ ('/etc/passwd')",
            "SELECT * FROM urlCluster('c', 'x')",
            "SELECT * FROM icebergS3('x')",
            "CREATE TABLE t (a String) ENGINE = File(CSV)",
            "CREATE TABLE t (a String) ENGINE File",
            "CREATE TABLE t (a String) ENGINE = `URL`('http://x')",
            "CREATE DICTIONARY d (a String) PRIMARY KEY a SOURCE(HTTP(URL 'x'))",
            "CREATE DICTIONARY d (a String) PRIMARY KEY a SOURCE(EXECUTABLE(COMMAND 'x'))",
            "BACKUP TABLE t TO Disk('x', 'y')",
            "SELECT 'a''b' FROM file('x')",
        ] {
            assert!(refuse(bad).is_err(), "{bad}");
        }
        for good in [
            "SELECT ';', 'file(1)' FROM system.tables;",
            "SELECT file FROM t -- ; system",
            "SELECT 'it\\'s; fine'",
            "INSERT INTO t(a, file) VALUES",
            "SELECT 'it''s; fine' AS `a;b`",
            "SELECT replaceAll(text, 'url(', 'x') FROM t ;  ",
        ] {
            assert_eq!(refuse(good), Ok(()), "{good}");
        }
    }
    #[test]
    fn the_format_is_the_one_that_is_meant() {
        for (sql, format) in [
            ("SELECT 1 FORMAT CSVWithNames", Some("csvwithnames")),
            ("SELECT 1 format JSONEachRow SETTINGS max_threads = 1 ;", Some("jsoneachrow")),
            ("SELECT 'x FORMAT CSV'", None),
            ("SELECT format('{}', a) FROM t", None),
            ("SELECT format FROM t", None),
            ("SELECT format FROM t -- FORMAT CSV", None),
        ] {
            assert_eq!(format_of(sql).as_deref(), format, "{sql}");
        }
        assert!(is_select("/* x */ WITH 1 AS a SELECT a") && !is_select("SHOW TABLES"));
    }
}
