//! What ClickHouse says no to until a person has mended it.

use clickhouse::error::Error;

/// What has to be done before ClickHouse will say yes; `None` where waiting is enough.
#[must_use]
pub fn mend(error: &Error) -> Option<&'static str> {
    const MIGRATE: &str = "run `ebasvuru migrate` of this release";
    match error {
        Error::SchemaMismatch(_) => Some(MIGRATE),
        Error::BadResponse(said) => match code(said)? {
            // Tables, columns and types that are not as the schema makes them.
            6 | 10 | 16 | 20 | 27 | 33 | 43 | 44 | 46 | 47 | 50 | 53 | 60 | 62 | 70 | 81 | 117 | 349 => {
                Some(MIGRATE)
            }
            115 => Some("this server knows not every setting that is needed: use ClickHouse 25.8 or newer"),
            192..=195 | 516 => Some("mend clickhouse.user and clickhouse.password"),
            164 | 291 | 497 => Some("grant clickhouse.user SELECT, INSERT, CREATE and ALTER on the database"),
            243 => Some("free space on ClickHouse's disk"),
            359 => Some("raise max_table_size_to_drop"),
            469 => Some("a constraint that is not ours refuses the rows: drop it"),
            _ => None,
        },
        _ => None,
    }
}

/// The number of an exception: `Code: 60. DB::Exception: …`.
fn code(said: &str) -> Option<u32> {
    let digits = said.split_once("Code: ")?.1;
    digits.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_table_takes_a_person_and_a_full_memory_takes_time() {
        let said = |text: &str| Error::BadResponse(text.into());
        assert!(mend(&said("Code: 60. DB::Exception: Table t does not exist.")).unwrap().contains("migrate"));
        assert!(mend(&said("Code: 516. DB::Exception: default: Authentication failed")).is_some());
        for text in [
            "Code: 241. DB::Exception: memory",
            "Code: 252. DB::Exception: Too many parts",
            "502 Bad Gateway",
        ] {
            assert_eq!(mend(&said(text)), None, "{text}");
        }
        assert_eq!(mend(&Error::TimedOut), None);
    }
}
