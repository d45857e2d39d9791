//! Every error code that has a page in `docs/errors`: one table, in which each code is tied to
//! its page.
//!
//! A code is a contract: operators search for it, alerts match it, other systems read it in dead
//! letters. It never changes its spelling. To add one, add a line to the table and a page with
//! its cause and its fix; a test below fails while either is missing.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

macro_rules! error_codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $code:literal $(, page $page:literal)?;)+) => {
        /// A code that a person meets and looks up.
        ///
        /// The refusals of the domain ([`crate::domain::application::Refusal`],
        /// [`crate::domain::user::UserRefusal`], [`crate::domain::schedule::ScheduleRefusal`]) are enums of their own: the sentence beside each
        /// tells the person all there is to do, so most have no page and no entry here. Those that
        /// have a page take their spelling from here.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum ErrorCode {
            $($(#[doc = $doc])+ $name,)+
        }

        impl ErrorCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The code as people and machines see it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)+
                }
            }

            /// The file name of its page in `docs/errors`. Two codes that differ only by case
            /// share one page, because some file systems could not hold both names.
            #[must_use]
            pub const fn page(self) -> &'static str {
                match self {
                    $(Self::$name => error_codes!(@page $code $($page)?),)+
                }
            }
        }
    };
    (@page $code:literal) => {
        concat!($code, ".md")
    };
    (@page $code:literal $page:literal) => {
        $page
    };
}

error_codes! {
    // The start of a process, and commands.
    /// The catalog has errors; each line of the message is one.
    Catalog = "CATALOG";
    /// ClickHouse cannot be used.
    ClickHouse = "CLICKHOUSE";
    /// The configuration is not accepted (exit code 2).
    Config = "CONFIG";
    /// The group or others may enter a folder with personal data and keys.
    DataExposed = "DATA_EXPOSED";
    /// The data folder cannot be created or written.
    DataFolder = "DATA_FOLDER";
    /// The data folder belongs to another process.
    DataInUse = "DATA_IN_USE";
    /// The embedded ClickHouse cannot open its files.
    EngineData = "ENGINE_DATA";
    /// A folder that the embedded ClickHouse needs cannot be written.
    EngineDisk = "ENGINE_DISK";
    /// The file that was fetched is not the expected library.
    EngineHash = "ENGINE_HASH";
    /// Another process runs the embedded ClickHouse on the same folder.
    EngineInUse = "ENGINE_IN_USE";
    /// The library of the embedded ClickHouse cannot be loaded.
    EngineLibrary = "ENGINE_LIBRARY";
    /// npm could not fetch the package of the embedded ClickHouse.
    EngineNetwork = "ENGINE_NETWORK";
    /// npm cannot be run.
    EngineNpm = "ENGINE_NPM";
    /// The embedded ClickHouse does not run on this machine.
    EnginePlatform = "ENGINE_PLATFORM";
    /// The embedded ClickHouse cannot listen on the loopback address.
    EnginePort = "ENGINE_PORT";
    /// The process of the embedded ClickHouse ended before it served.
    EngineStart = "ENGINE_START";
    /// The settings of the Kafka client are not accepted.
    Kafka = "KAFKA";
    /// The log does not answer a command.
    LogAway = "LOG_AWAY";
    /// There is no embedded log in the data folder.
    LogMissing = "LOG_MISSING";
    /// The log refuses what a command asks; [`ErrorCode::LogRefused`] is the same for a worker.
    CommandLogRefused = "LOG_REFUSED", page "log_refused.md";
    /// The file of the embedded log cannot be opened.
    LogUnusable = "LOG_UNUSABLE";
    /// The mail server does not answer.
    MailAway = "MAIL_AWAY";
    /// A command was given and no worker answered in time.
    NoReply = "NO_REPLY";
    /// A process cannot listen on its address.
    PortInUse = "PORT_IN_USE";
    /// The key that signs sessions is too short.
    SessionKeyShort = "session_key_short";
    /// A rebuild was refused because a sink is running.
    SinkRuns = "SINK_RUNS";
    /// The document store does not keep and give back an object.
    StoreAway = "STORE_AWAY";
    /// `store.url` names a kind of store that this build cannot use.
    StoreUnknown = "store_unknown";
    /// The document store cannot be used as it is configured.
    StoreUnusable = "store_unusable";

    // Keys and sealed data.
    /// The keys of that month and retention class were destroyed.
    Erased = "erased";
    /// The key ring never had the requested entry.
    KeyEntryMissing = "key_entry_missing";
    /// A retention class cannot be part of an entry's name.
    KeyringClass = "keyring_class";
    /// Everybody on the machine may read the key ring.
    KeyringExposed = "keyring_exposed";
    /// A key is not the one that the log knows under its name.
    KeyringForeign = "keyring_foreign";
    /// The file of the key ring is not where the configuration says.
    KeyringMissing = "keyring_missing";
    /// The log knows keys that this copy of the key ring does not have.
    KeyringOldCopy = "keyring_old_copy";
    /// The key ring cannot be read, written or understood.
    KeyringUnreadable = "keyring_unreadable";
    /// The months ahead have no keys, and this process cannot make them.
    KeysRunOut = "keys_run_out";
    /// The operating system gives no random bytes.
    RandomUnavailable = "random_unavailable";
    /// There is a text where a sealed value belongs.
    SealedMalformed = "sealed_malformed";
    /// What was opened is not text.
    SealedNotText = "sealed_not_text";
    /// A sealed value does not open: it was changed, or belongs to something else.
    SealedUnopenable = "sealed_unopenable";

    // Workers: on `/readyz` and in the log.
    /// A command has a type or shape that this version does not know.
    CommandUnknown = "command_unknown";
    /// More messages were bad than `ingest.bad_ratio` allows.
    IngestTooManyBad = "ingest_too_many_bad";
    /// The log refuses what a worker asks; the worker keeps trying.
    LogRefused = "log_refused";
    /// A record of the commands topic is not a command of any version.
    MalformedCommand = "malformed_command";
    /// The topics have another number of partitions than the state was made for.
    PartitionsChanged = "partitions_changed";
    /// A worker made a record that no topic takes.
    RecordTooLarge = "record_too_large";
    /// Retention removed records before a group had read them.
    RecordsExpired = "records_expired";
    /// The mail server did not take a scheduled report for every recipient.
    ReportNotSent = "report_not_sent";
    /// ClickHouse refuses rows until a person changes something.
    SinkRefused = "sink_refused";
    /// The sink cannot decode a record; it is kept in `sink_rejects`.
    SinkUnreadableRecord = "sink_unreadable_record";
    /// Another process works in this worker's slot.
    SlotTaken = "slot_taken";
    /// A record of the worker's state was written in a newer format.
    StateNewer = "state_newer";
    /// The worker cannot read a record of its own state.
    StateUnreadable = "state_unreadable";
    /// A thread hit a defect in the program; the process ends.
    WorkerPanicked = "worker_panicked";

    // Dead letters.
    /// A document is not what the message says of it.
    DocumentInvalid = "document_invalid";
    /// A submission came again under the same id with other content.
    DuplicateConflict = "duplicate_conflict";
    /// `confirmation` is not `EVET`.
    NotConfirmed = "not_confirmed";
    /// A message is UTF-8 but not JSON.
    NotJson = "not_json";
    /// No unit of the governorate takes the service.
    NotRoutable = "not_routable";
    /// A message is not UTF-8.
    NotUtf8 = "not_utf8";
    /// A message is JSON but does not have the shape of the contract.
    Schema = "schema";
    /// A submission says that it was confirmed more than five minutes from now.
    SubmittedAtFuture = "submitted_at_future";
    /// The applicant's T.C. Kimlik No is not valid.
    TcknInvalid = "tckn_invalid";
    /// A message, a text in it, or a form on a page is above its limit.
    TooLarge = "too_large";
    /// The catalog has no such service.
    UnknownService = "unknown_service";
    /// There is no governorate with this plate code.
    UnknownValilik = "unknown_valilik";

    // Pages of the web.
    /// The address or the form cannot be read.
    BadRequest = "bad_request";
    /// The virus scanner found malware in a document.
    DocumentInfected = "document_infected";
    /// An application refers to a document that the document store does not have.
    DocumentMissing = "document_missing";
    /// No virus scanner is configured (a warning at the start).
    DocumentsNotScanned = "documents_not_scanned";
    /// The user name or the password is wrong, or the user is inactive.
    LoginRefused = "login_refused";
    /// There were too many wrong passwords.
    LoginThrottled = "login_throttled";
    /// The address exists, but not for this method.
    MethodNotAllowed = "method_not_allowed";
    /// The one-time password is too old.
    OneTimePasswordExpired = "one_time_password_expired";
    /// The one-time password has been used.
    OneTimePasswordUsed = "one_time_password_used";
    /// A form was sent in the session of another user than its own.
    OthersForm = "others_form";
    /// Whoever set the proposer's password may not approve yet.
    ProposerPasswordGiven = "proposer_password_given";
    /// A form or file came too slowly.
    RequestTimeout = "request_timeout";
    /// The virus scanner does not answer, so a document stays closed.
    ScannerAway = "scanner_away";
    /// A form was sent after the session had ended.
    SessionEnded = "session_ended";
    /// The server has no free connection.
    TooManyConnections = "too_many_connections";
}

impl ErrorCode {
    /// The code with one line that says what happened and what to do.
    #[must_use]
    pub fn with(self, detail: impl Into<String>) -> CodedError {
        CodedError { code: self, detail: detail.into() }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for ErrorCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A text that is no error code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an error code")]
pub struct UnknownErrorCode;

impl FromStr for ErrorCode {
    type Err = UnknownErrorCode;

    fn from_str(text: &str) -> Result<Self, UnknownErrorCode> {
        Self::ALL.iter().copied().find(|code| code.as_str() == text).ok_or(UnknownErrorCode)
    }
}

/// A failure with its code, where no error type of its own is worth having: printed
/// `CODE: what happened and what to do`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct CodedError {
    /// The code.
    pub code: ErrorCode,
    /// What happened and what to do, in one line.
    pub detail: String,
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    use super::*;

    #[test]
    fn every_code_has_a_page_and_every_page_a_code() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/errors");
        let mut pages: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        for code in ErrorCode::ALL {
            pages.entry(code.page().to_owned()).or_default().insert(code.as_str());
        }
        let present: BTreeSet<String> = std::fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name != "README.md")
            .collect();
        assert_eq!(present, pages.keys().cloned().collect(), "the pages, and the codes' pages");
        for (page, codes) in pages {
            let text = std::fs::read_to_string(folder.join(&page)).unwrap();
            let title: Vec<String> = codes.iter().map(|code| format!("`{code}`")).collect();
            let title = format!("# {}\n", title.join(", "));
            assert!(text.starts_with(&title), "{page} does not begin with {title:?}");
            assert!(text.contains("\n## Cause\n") && text.contains("\n## Fix\n"), "{page}");
        }
    }

    #[test]
    fn names_of_pages_differ_by_more_than_case() {
        let pages: BTreeSet<&str> = ErrorCode::ALL.iter().map(|code| code.page()).collect();
        let folded: BTreeSet<String> = pages.iter().map(|page| page.to_lowercase()).collect();
        assert_eq!(folded.len(), pages.len());
    }

    #[test]
    fn a_code_is_read_back_and_no_two_are_spelt_alike() {
        let spellings: BTreeSet<&str> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(spellings.len(), ErrorCode::ALL.len());
        for code in ErrorCode::ALL {
            assert_eq!(code.as_str().parse(), Ok(*code));
        }
        assert_eq!("LOG_AWAY: no broker".parse::<ErrorCode>(), Err(UnknownErrorCode));
    }
}
