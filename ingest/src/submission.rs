//! The input contract: what e-Devlet publishes onto `edevlet.submissions`.
//!
//! The published JSON Schemas (`ingest/schema/`) are generated from these types; [`crate::check`] reads
//! messages into them. The reader is tolerant: members that the contract does not name are ignored (but
//! they count when contents are compared), an optional member may be absent or `null`, and if a member
//! occurs twice, the last one counts. Numbers are compared by value, so `6.0` is the integer 6.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;
use schemars::{JsonSchema, Schema};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

/// The `schema` of a submission.
pub const SUBMISSION: &str = "edevlet.submission.v1";
/// The `schema` of a withdrawal.
pub const WITHDRAWAL: &str = "edevlet.withdrawal.v1";
/// What the citizen types into the Onay Kutusu.
pub const CONFIRMATION: &str = "EVET";
/// The largest document that may come inline, in bytes before base64.
pub const MAX_INLINE: usize = 256 * 1024;

/// RFC 3339, at most to the nanosecond, in this millennium. Together with `format: date-time` it says
/// exactly which texts are accepted.
const TIMESTAMP: &str = "^2[0-9]{3}-[0-9]{2}-[0-9]{2}[Tt]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$";

/// The service's own fields by name.
pub type Fields<'a> = BTreeMap<Cow<'a, str>, Cow<'a, str>>;

/// A message of the input topic, borrowed from the parsed JSON.
#[derive(Clone, Debug, PartialEq)]
#[expect(
    clippy::large_enum_variant,
    reason = "lives on the stack for one message, and nearly all are submissions"
)]
pub enum Message<'a> {
    /// A new application.
    Submission(Submission<'a>),
    /// The citizen withdraws an open one.
    Withdrawal(Withdrawal<'a>),
}

/// A citizen's application, as e-Devlet sends it, at most 1 MiB of JSON. Every member that is not called optional
/// must be there; the values themselves are checked after the shape.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(title = "edevlet.submission.v1")]
pub struct Submission<'a> {
    /// Names this contract.
    #[schemars(extend("const" = SUBMISSION))]
    pub schema: &'static str,
    /// e-Devlet's own identity of the submission; the same one twice is one application.
    pub submission_id: Uuid,
    /// When the citizen confirmed it: the receipt, from which deadlines count. At most five minutes in
    /// the future (more: `submitted_at_future`).
    #[schemars(with = "String", extend("format" = "date-time", "pattern" = TIMESTAMP))]
    pub submitted_at: Timestamp,
    /// The slug of a service of the catalog, such as `dernek-kurulus`.
    pub service: Cow<'a, str>,
    /// The plate code of the governorate, 1 to 81.
    #[schemars(transform = any_integer)]
    pub valilik: i64,
    /// Who applies.
    pub applicant: Applicant<'a>,
    /// Where to reach the applicant.
    pub contact: Contact<'a>,
    /// What is applied for.
    pub form: Form<'a>,
    /// The uploaded documents; may be empty, at most 200 (more: `too_large`).
    pub documents: Vec<Document<'a>>,
    /// What was typed into the Onay Kutusu; `EVET`.
    pub confirmation: Cow<'a, str>,
}

impl Submission<'_> {
    /// The message, as e-Devlet would write it.
    #[must_use]
    pub(crate) fn to_json(&self) -> Vec<u8> {
        #[expect(clippy::expect_used, reason = "the type has string keys and no failing serializer")]
        serde_json::to_vec(self).expect("a submission serializes")
    }
}

/// Who applies.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Applicant<'a> {
    /// T.C. Kimlik No: 11 digits with valid check digits.
    pub tckn: Cow<'a, str>,
    /// First names, at most 500 characters (more: `too_large`, as everywhere).
    pub first_name: Cow<'a, str>,
    /// Last name, at most 500 characters.
    pub last_name: Cow<'a, str>,
    /// Cep Telefonu, at most 500 characters.
    pub phone: Cow<'a, str>,
    /// e-posta, at most 500 characters. Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<Cow<'a, str>>,
}

/// Where to reach the applicant ("İletişim Bilgileri").
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Contact<'a> {
    /// The postal address, at most 10,000 characters.
    pub address: Cow<'a, str>,
    /// The district, at most 500 characters. Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub district: Option<Cow<'a, str>>,
}

/// What is applied for ("Başvuru Bilgileri").
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Form<'a> {
    /// The subject, at most 500 characters.
    pub subject: Cow<'a, str>,
    /// The text, at most 100,000 characters.
    pub text: Cow<'a, str>,
    /// The service's own fields by name, at most 200; a name has at most 500 characters, a
    /// field 10,000. Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fields: Option<Fields<'a>>,
}

/// An uploaded document: by reference (`uri`) or, when small, inline (`data`).
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(extend("oneOf" = json!([
    { "required": ["uri"], "properties": { "uri": { "type": "string" }, "data": { "type": "null" } } },
    { "required": ["data"], "properties": { "data": { "type": "string" }, "uri": { "type": "null" } } },
])))]
pub struct Document<'a> {
    /// `application` ("Başvuru Belgeniz") or `supporting` ("Dosya Yükle").
    #[schemars(extend("examples" = ["application", "supporting"]))]
    pub kind: Cow<'a, str>,
    /// The file's name, 1 to 255 characters, one of them visible.
    pub name: Cow<'a, str>,
    /// The media type, such as `application/pdf`.
    pub media_type: Cow<'a, str>,
    /// The size in bytes, more than 0.
    #[schemars(transform = any_integer)]
    pub size: i64,
    /// The SHA-256 of the content in hex.
    pub sha256: Cow<'a, str>,
    /// `store://sha256/` and the SHA-256 in hex, when the content lies in the store.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uri: Option<Cow<'a, str>>,
    /// The content in base64, when it is not larger than 256 KiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Cow<'a, str>>,
}

/// The citizen withdraws an open application. A message is read as a withdrawal when its
/// `kind` or its `schema` says so.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
#[schemars(title = "edevlet.withdrawal.v1")]
pub struct Withdrawal<'a> {
    /// Names this contract.
    #[schemars(extend("const" = WITHDRAWAL))]
    pub schema: &'static str,
    /// `withdrawal`. Optional, as `schema` says it too.
    #[schemars(with = "Option<String>", extend("enum" = ["withdrawal", null]))]
    pub kind: Option<&'static str>,
    /// The submission that is withdrawn.
    pub submission_id: Uuid,
    /// When the citizen withdrew it. Nothing counts from it: a withdrawal takes effect when it is read.
    #[schemars(with = "String", extend("format" = "date-time", "pattern" = TIMESTAMP))]
    pub withdrawn_at: Timestamp,
    /// Why, at most 10,000 characters. Optional.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Cow<'a, str>>,
}

/// Drops `format: int64`: every integer has the right type, however large.
fn any_integer(schema: &mut Schema) {
    schema.remove("format");
}

/// The JSON Schema (draft 2020-12) of a submission. It says no exactly to the messages that
/// are dead-lettered as `schema`; wrong values have codes of their own.
#[must_use]
pub fn submission_schema() -> Schema {
    schemars::schema_for!(Submission<'_>)
}

/// The JSON Schema (draft 2020-12) of a withdrawal.
#[must_use]
pub fn withdrawal_schema() -> Schema {
    schemars::schema_for!(Withdrawal<'_>)
}
