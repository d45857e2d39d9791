//! Checks shape and types: reads parsed JSON into the types of the contract, without copying texts.
//!
//! Written by hand, because derived readers accept an array for an object, and quote the wrong text,
//! which may be personal, in their errors.

use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;
use uuid::Uuid;

use super::failure::{CheckFailure, Code};
use crate::json::{Json, Object};
use crate::submission::{
    Applicant, Contact, Document, Fields, Form, Message, SUBMISSION, Submission, WITHDRAWAL, Withdrawal,
};

/// Reads a message; the only code it gives is `schema`.
pub(super) fn read<'v>(value: &'v Json<'_>) -> Result<Message<'v>, CheckFailure> {
    let root = Members::of(value, At::ROOT)?;
    let says = |name, what| root.map.get(name).and_then(Json::as_text) == Some(what);
    if says("kind", "withdrawal") || says("schema", WITHDRAWAL) {
        withdrawal(&root).map(Message::Withdrawal)
    } else {
        submission(&root).map(Message::Submission)
    }
}

fn submission<'v>(root: &Members<'v, '_>) -> Result<Submission<'v>, CheckFailure> {
    root.constant("schema", SUBMISSION)?;
    let applicant = root.members("applicant")?;
    let contact = root.members("contact")?;
    let form = root.members("form")?;
    Ok(Submission {
        schema: SUBMISSION,
        submission_id: root.uuid("submission_id")?,
        submitted_at: root.timestamp("submitted_at")?,
        service: root.text("service")?,
        valilik: root.integer("valilik")?,
        applicant: Applicant {
            tckn: applicant.text("tckn")?,
            first_name: applicant.text("first_name")?,
            last_name: applicant.text("last_name")?,
            phone: applicant.text("phone")?,
            email: applicant.optional_text("email")?,
        },
        contact: Contact { address: contact.text("address")?, district: contact.optional_text("district")? },
        form: Form {
            subject: form.text("subject")?,
            text: form.text("text")?,
            fields: form.texts("fields")?,
        },
        documents: documents(root)?,
        confirmation: root.text("confirmation")?,
    })
}

fn withdrawal<'v>(root: &Members<'v, '_>) -> Result<Withdrawal<'v>, CheckFailure> {
    root.constant("schema", WITHDRAWAL)?;
    if root.optional("kind").is_some() {
        root.constant("kind", "withdrawal")?;
    }
    Ok(Withdrawal {
        schema: WITHDRAWAL,
        kind: Some("withdrawal"),
        submission_id: root.uuid("submission_id")?,
        withdrawn_at: root.timestamp("withdrawn_at")?,
        reason: root.optional_text("reason")?,
    })
}

fn documents<'v>(root: &Members<'v, '_>) -> Result<Vec<Document<'v>>, CheckFailure> {
    let Json::Array(items) = root.get("documents")? else {
        return Err(root.at.wrong("documents", "an array"));
    };
    items
        .iter()
        .enumerate()
        .map(|(i, item)| document(&Members::of(item, At("documents", Some(i)))?))
        .collect()
}

fn document<'v>(it: &Members<'v, '_>) -> Result<Document<'v>, CheckFailure> {
    let (uri, data) = (it.optional_text("uri")?, it.optional_text("data")?);
    if uri.is_some() == data.is_some() {
        return Err(schema(format!("{} must have either uri or data", it.at)));
    }
    Ok(Document {
        kind: it.text("kind")?,
        name: it.text("name")?,
        media_type: it.text("media_type")?,
        size: it.integer("size")?,
        sha256: it.text("sha256")?,
        uri,
        data,
    })
}

fn schema(detail: impl Into<Cow<'static, str>>) -> CheckFailure {
    CheckFailure::new(Code::Schema, detail)
}

/// The place of an object in the message.
#[derive(Clone, Copy)]
struct At(&'static str, Option<usize>);

impl At {
    const ROOT: Self = Self("", None);

    fn wrong(self, name: &str, expected: &str) -> CheckFailure {
        schema(format!("{} must be {expected}", self.member(name)))
    }

    fn member(self, name: &str) -> String {
        if self.0.is_empty() { name.to_owned() } else { format!("{self}.{name}") }
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self("", _) => f.write_str("the message"),
            Self(name, None) => f.write_str(name),
            Self(name, Some(index)) => write!(f, "{name}[{index}]"),
        }
    }
}

/// An object and its place.
struct Members<'v, 'a> {
    map: &'v Object<'a>,
    at: At,
}

impl<'v, 'a> Members<'v, 'a> {
    fn of(value: &'v Json<'a>, at: At) -> Result<Self, CheckFailure> {
        value.as_object().map(|map| Self { map, at }).ok_or_else(|| schema(format!("{at} must be an object")))
    }

    fn get(&self, name: &'static str) -> Result<&'v Json<'a>, CheckFailure> {
        self.map.get(name).ok_or_else(|| schema(format!("{} is missing", self.at.member(name))))
    }

    fn optional(&self, name: &'static str) -> Option<&'v Json<'a>> {
        self.map.get(name).filter(|value| **value != Json::Null)
    }

    fn members(&self, name: &'static str) -> Result<Self, CheckFailure> {
        Self::of(self.get(name)?, At(name, None))
    }

    fn text(&self, name: &'static str) -> Result<Cow<'v, str>, CheckFailure> {
        self.str(name).map(Cow::Borrowed)
    }

    fn str(&self, name: &'static str) -> Result<&'v str, CheckFailure> {
        self.get(name)?.as_text().ok_or_else(|| self.at.wrong(name, "a string"))
    }

    fn optional_text(&self, name: &'static str) -> Result<Option<Cow<'v, str>>, CheckFailure> {
        self.optional(name).map(|_| self.text(name)).transpose()
    }

    fn constant(&self, name: &'static str, expected: &'static str) -> Result<(), CheckFailure> {
        if self.str(name)? == expected { Ok(()) } else { Err(self.at.wrong(name, &format!("{expected:?}"))) }
    }

    /// An integer by value; a number outside `i64` becomes its nearest bound.
    fn integer(&self, name: &'static str) -> Result<i64, CheckFailure> {
        let Json::Number(number) = self.get(name)? else {
            return Err(self.at.wrong(name, "an integer"));
        };
        // The cast saturates, as meant.
        match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) => Ok(integer),
            (None, Some(float)) if float.fract() == 0.0 => Ok(float as i64),
            _ => Err(self.at.wrong(name, "an integer")),
        }
    }

    fn uuid(&self, name: &'static str) -> Result<Uuid, CheckFailure> {
        let text = self.str(name)?;
        // Only the hyphenated form; the other forms of the uuid crate have 32, 38 and 45 characters.
        Some(text)
            .filter(|text| text.len() == 36)
            .and_then(|text| Uuid::try_parse(text).ok())
            .ok_or_else(|| self.at.wrong(name, "a UUID"))
    }

    fn timestamp(&self, name: &'static str) -> Result<Timestamp, CheckFailure> {
        timestamp(self.str(name)?).ok_or_else(|| self.at.wrong(name, "an RFC 3339 time with an offset"))
    }

    fn texts(&self, name: &'static str) -> Result<Option<Fields<'v>>, CheckFailure> {
        let Some(value) = self.optional(name) else { return Ok(None) };
        let map = value.as_object().ok_or_else(|| self.at.wrong(name, "an object"))?;
        map.iter()
            .map(|(key, value)| Some((Cow::from(key), Cow::from(value.as_text()?))))
            .collect::<Option<_>>()
            .map(Some)
            .ok_or_else(|| self.at.wrong(name, "an object of strings"))
    }
}

/// RFC 3339, as in the pattern of the published schema; jiff accepts more.
fn timestamp(text: &str) -> Option<Timestamp> {
    let (front, rest) = text.as_bytes().split_at_checked(19)?;
    let front_fits = front.iter().enumerate().all(|(i, byte)| match i {
        4 | 7 => *byte == b'-',
        10 => matches!(byte, b'T' | b't'),
        13 | 16 => *byte == b':',
        0 => *byte == b'2',
        17 => matches!(byte, b'0'..=b'5'),
        _ => byte.is_ascii_digit(),
    });
    let zone = match rest.strip_prefix(b".") {
        None => rest,
        Some(fraction) => {
            let len = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
            (1..=9).contains(&len).then(|| &fraction[len..])?
        }
    };
    let zone_fits = match zone {
        b"Z" | b"z" => true,
        [b'+' | b'-', h @ (b'0'..=b'2'), hh, b':', b'0'..=b'5', mm] => {
            hh.is_ascii_digit() && mm.is_ascii_digit() && (*h < b'2' || *hh < b'4')
        }
        _ => false,
    };
    if front_fits && zone_fits { text.parse().ok() } else { None }
}
