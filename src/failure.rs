//! A failure of a command: its code, and one line for people.

use std::error::Error;

use ebasvuru_analytics::engine::EngineError;
use ebasvuru_analytics::rebuild::RebuildError;
use ebasvuru_dashboard::StartError;
use ebasvuru_workflow::documents::StoreError;
use ebasvuru_workflow::error_code::{CodedError, ErrorCode};
use ebasvuru_workflow::log::LogError;
use ebasvuru_workflow::private::FolderError;
use ebasvuru_workflow::seal::{KeyRingError, SealError};

/// What went wrong and why, with its code wherever an operator can do something about it.
pub fn line(error: &anyhow::Error) -> String {
    let text = format!("{error:#}");
    if own_code(error).is_some() {
        // The error says its code itself.
        return text;
    }
    match code_of_outage(error) {
        Some(code @ ErrorCode::LogAway) => {
            format!("{code}: {text} (with Kafka: check KAFKA_BROKERS and that the brokers run)")
        }
        Some(code @ ErrorCode::ClickHouse) => {
            format!("{code}: {text}: check CLICKHOUSE_URL and that the server runs, then try again")
        }
        Some(code) => format!("{code}: {text}"),
        None => text,
    }
}

/// The code that [`line()`] shows.
pub fn code(error: &anyhow::Error) -> Option<ErrorCode> {
    own_code(error).or_else(|| code_of_outage(error))
}

/// Whether the log does not answer, so that trying again later helps.
pub fn is_log_away(error: &anyhow::Error) -> bool {
    matches!(find(error), Some(LogError::Unavailable(_)))
}

/// The code of the outermost error that has one.
fn own_code(error: &anyhow::Error) -> Option<ErrorCode> {
    // A context is found by the error alone, not among its causes.
    if let Some(coded) = error.downcast_ref::<CodedError>() {
        return Some(coded.code);
    }
    error.chain().find_map(code_of)
}

fn code_of(cause: &(dyn Error + 'static)) -> Option<ErrorCode> {
    if let Some(error) = cause.downcast_ref::<CodedError>() {
        Some(error.code)
    } else if let Some(error) = cause.downcast_ref::<EngineError>() {
        Some(error.code)
    } else if let Some(error) = cause.downcast_ref::<KeyRingError>() {
        Some(error.code())
    } else if let Some(error) = cause.downcast_ref::<SealError>() {
        Some(error.code())
    } else if let Some(error) = cause.downcast_ref::<StoreError>() {
        Some(error.code())
    } else if let Some(error) = cause.downcast_ref::<FolderError>() {
        error.code()
    } else if let Some(error) = cause.downcast_ref::<StartError>() {
        error.code()
    } else {
        cause.downcast_ref::<RebuildError>().and_then(RebuildError::code)
    }
}

/// The code of a log or a ClickHouse that does not do what a command asks.
fn code_of_outage(error: &anyhow::Error) -> Option<ErrorCode> {
    match find::<LogError>(error) {
        Some(LogError::Refused(_)) => Some(ErrorCode::CommandLogRefused),
        Some(_) => Some(ErrorCode::LogAway),
        None => find::<clickhouse::error::Error>(error).map(|_| ErrorCode::ClickHouse),
    }
}

fn find<E: Error + 'static>(error: &anyhow::Error) -> Option<&E> {
    error.chain().find_map(|cause| cause.downcast_ref())
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    #[test]
    fn a_line_begins_with_the_code_of_what_failed() {
        let away = || anyhow::Error::from(LogError::Unavailable("no broker".into()));
        for (error, expected) in [
            (away(), Some(ErrorCode::LogAway)),
            (away().context("the topics"), Some(ErrorCode::LogAway)),
            (away().context(ErrorCode::Kafka.with("the settings")), Some(ErrorCode::Kafka)),
            (LogError::Refused("no topic".into()).into(), Some(ErrorCode::CommandLogRefused)),
            (
                RebuildError::from(LogError::Refused("no topic".into())).into(),
                Some(ErrorCode::CommandLogRefused),
            ),
            (RebuildError::SinkRuns { group: "g" }.into(), Some(ErrorCode::SinkRuns)),
            (clickhouse::error::Error::TimedOut.into(), Some(ErrorCode::ClickHouse)),
            (KeyRingError::Missing("ring".into()).into(), Some(ErrorCode::KeyringMissing)),
            (SealError::from(KeyRingError::Missing("ring".into())).into(), Some(ErrorCode::KeyringMissing)),
            (anyhow!("there is no user x"), None),
            (anyhow!("LOG_AWAY: a text is not a code"), None),
        ] {
            let line = line(&error);
            assert_eq!(code(&error), expected, "{line}");
            if let Some(code) = expected {
                assert!(line.starts_with(&format!("{code}: ")), "{line}");
                assert!(line.matches("no topic").count() < 2, "a cause is printed once: {line}");
            }
        }
    }
}
