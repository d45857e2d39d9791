//! One budget of sizes, from e-Devlet's message to the limits of the log: what is accepted makes only
//! records that fit into their topics. docs/ARCHITECTURE.md, "Sizes", has it as a table.
//!
//! Each number follows from the ones above it. What must hold between them is asserted below, so
//! that a change that breaks the budget does not compile.

const KIB: usize = 1024;
const MIB: usize = KIB * KIB;

/// The largest record of any topic of ours, in bytes: the topics' `max.message.bytes` and the
/// producers' `message.max.bytes`.
pub const RECORD: usize = 4 * MIB;
/// The largest record of `edevlet.submissions`: well above the largest submission, so that a
/// submission that is too large is dead-lettered, where people see it.
pub const INPUT_RECORD: usize = 2 * MIB;
/// The largest submission that is accepted, in bytes of JSON.
pub const SUBMISSION: usize = MIB;
/// How many documents, and how many fields, a submission may have.
pub const SUBMISSION_ITEMS: usize = 200;
/// The longest short text of a submission (names, phone, e-mail, district, subject) and of the catalog
/// (titles, labels, options), in characters.
pub const SHORT_CHARS: usize = 500;
/// The longest address, field or reason of a withdrawal, in characters.
pub const MIDDLE_CHARS: usize = 10_000;
/// The longest text of a form, in characters.
pub const LONG_CHARS: usize = 100_000;

/// The longest text that staff write (answer, note, reason), in characters.
pub const TEXT_CHARS: usize = 20_000;
/// The longest name of a document, in characters.
pub const NAME_CHARS: usize = 255;
/// The longest media type, in bytes: type and subtype of RFC 6838 (127 bytes each), and parameters of
/// the same length.
pub const MEDIA_TYPE: usize = 3 * 127 + 2;
/// The longest name of a user, in characters.
pub const FULL_NAME_CHARS: usize = 100;
/// The longest sealed password hash, in bytes.
pub const SEALED_PASSWORD: usize = KIB;
/// How many scheduled reports there may be.
pub const SCHEDULES: usize = 200;
/// How many recipients a scheduled report may have.
pub const RECIPIENTS: usize = 20;
/// The longest name of a scheduled report, in characters.
pub const SCHEDULE_NAME_CHARS: usize = 100;
/// The longest address of a report's page with its filters, in bytes.
pub const REPORT_ADDRESS: usize = 2 * KIB;
/// The longest reason for which a report was not sent, in characters.
pub const REASON_CHARS: usize = 300;
/// The longest header that explains something (`dlq-detail`), in bytes.
pub const HEADER: usize = KIB;

/// How many answers of the unit that owns it an application may have.
pub const ANSWERS: usize = 50;
/// How many notes of that unit it may have.
pub const NOTES: usize = 50;
/// How many reasons for sending it back an application keeps; older ones are in the events.
pub const SEND_BACKS: usize = 50;
/// How many documents it may have, the citizen's included.
pub const DOCUMENTS: usize = SUBMISSION_ITEMS + 100;
/// How many official documents of that unit it may have.
pub const OFFICIAL_DOCUMENTS: usize = 50;
/// How many required documents a service may have.
pub const REQUIRED_DOCUMENTS: usize = 100;
/// How many entries of its history an application keeps; older ones are in the events.
pub const HISTORY: usize = 500;

/// The longest name of a key entry: retention class, year, month.
const KEY_ENTRY: usize = 32 + "-2026-11".len();
/// What sealing adds to the bytes, of all versions the most: XChaCha20's nonce and Poly1305's tag.
const AROUND: usize = 24 + 16;
/// A character of UTF-8 has at most four bytes.
const UTF8: usize = 4;
/// A character of one byte has at most six bytes in JSON (`\u0001`).
const ESCAPED: usize = 6;
/// What an item (an answer, a note, a document) takes in addition to its sealed text and media type:
/// member names, user names, times, hash, address.
pub const ITEM: usize = 512;
/// The longest entry of the history.
const HISTORY_LINE: usize = 480;
/// What a record has in addition to the JSON of a state: a reply's members, key, headers, framing.
const ENVELOPE: usize = 16 * KIB;

/// The largest sealed size of `plain` bytes: entry name, version mark, base64.
#[must_use]
pub const fn sealed(plain: usize) -> usize {
    KEY_ENTRY + ".3.".len() + ((plain + AROUND) * 4).div_ceil(3)
}

/// A text of staff, sealed.
pub const SEALED_TEXT: usize = sealed(TEXT_CHARS * UTF8);
/// A document's name, sealed.
pub const SEALED_NAME: usize = sealed(NAME_CHARS * UTF8);
/// What ingest makes of the largest submission. Content and names are disjoint parts of the message and
/// grow by base64; each document, masked name and blind index adds its own. JSON escapes add nothing:
/// serde writes none longer than those of the message.
pub const RECEIVED: usize =
    sealed(SUBMISSION + 4 * KIB) + SUBMISSION_ITEMS * (sealed(0) + 2 * MEDIA_TYPE + ITEM) + 64 * KIB;
/// The largest state of an application as JSON. A reply contains all of it.
pub const STATE: usize = RECORD - ENVELOPE;
/// What is kept free in a state for what must always be possible: history, checks, status.
pub const CLOSING: usize = HISTORY * HISTORY_LINE + REQUIRED_DOCUMENTS * ITEM + 16 * KIB;
/// What is kept free for one answer: without an answer, an application cannot be closed.
pub const LAST_ANSWER: usize = SEALED_TEXT + ITEM;

const _: () = {
    assert!(SUBMISSION + ENVELOPE <= INPUT_RECORD, "the largest submission fits into the input topic");
    assert!(INPUT_RECORD + ENVELOPE <= RECORD, "every record of the input topic fits into a dead letter");
    assert!(RECEIVED + CLOSING + 16 * LAST_ANSWER <= STATE, "16 of the longest texts always fit");
    let documents = OFFICIAL_DOCUMENTS * (NAME_CHARS * ESCAPED + 2 * MEDIA_TYPE + ITEM);
    assert!(TEXT_CHARS * ESCAPED + documents + ENVELOPE <= RECORD, "every notification fits");
};
