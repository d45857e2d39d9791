//! Which exceptions take a person, and what the person has to do.

use clickhouse::error::Error;

use super::code::*;
use super::code_in;

/// What has to be done before ClickHouse takes the statement; `None` if waiting is enough.
#[must_use]
pub fn fix_for(error: &Error) -> Option<&'static str> {
    const MIGRATE: &str = "run `ebasvuru migrate` of this release";
    match error {
        Error::SchemaMismatch(_) => Some(MIGRATE),
        Error::BadResponse(text) => match code_in(text)? {
            // A table, a column or a type is not as the schema creates it.
            CANNOT_PARSE_TEXT
            | NOT_FOUND_COLUMN_IN_BLOCK
            | NO_SUCH_COLUMN_IN_TABLE
            | NUMBER_OF_COLUMNS_DOESNT_MATCH
            | CANNOT_PARSE_INPUT_ASSERTION_FAILED
            | CANNOT_READ_ALL_DATA
            | ILLEGAL_TYPE_OF_ARGUMENT
            | ILLEGAL_COLUMN
            | UNKNOWN_FUNCTION
            | UNKNOWN_IDENTIFIER
            | UNKNOWN_TYPE
            | TYPE_MISMATCH
            | UNKNOWN_TABLE
            | SYNTAX_ERROR
            | CANNOT_CONVERT_TYPE
            | UNKNOWN_DATABASE
            | INCORRECT_DATA
            | CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN => Some(MIGRATE),
            UNKNOWN_SETTING => {
                Some("this server does not know every setting that is needed: use ClickHouse 25.8 or newer")
            }
            UNKNOWN_USER
            | WRONG_PASSWORD
            | REQUIRED_PASSWORD
            | IP_ADDRESS_NOT_ALLOWED
            | AUTHENTICATION_FAILED => Some("fix clickhouse.user and clickhouse.password"),
            READONLY | DATABASE_ACCESS_DENIED | ACCESS_DENIED => {
                Some("grant clickhouse.user SELECT, INSERT, CREATE and ALTER on the database")
            }
            NOT_ENOUGH_SPACE => Some("free space on ClickHouse's disk"),
            TABLE_SIZE_EXCEEDS_MAX_DROP_SIZE_LIMIT => Some("raise max_table_size_to_drop"),
            VIOLATED_CONSTRAINT => Some("a constraint that is not ours refuses the rows: drop it"),
            _ => None,
        },
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_table_takes_a_person_and_full_memory_takes_time() {
        let response = |text: &str| Error::BadResponse(text.into());
        let missing = response("Code: 60. DB::Exception: Table t does not exist.");
        assert!(fix_for(&missing).unwrap().contains("migrate"));
        assert!(fix_for(&response("Code: 516. DB::Exception: default: Authentication failed")).is_some());
        for text in [
            "Code: 241. DB::Exception: memory",
            "Code: 252. DB::Exception: Too many parts",
            "502 Bad Gateway",
        ] {
            assert_eq!(fix_for(&response(text)), None, "{text}");
        }
        assert_eq!(fix_for(&Error::TimedOut), None);
    }
}
