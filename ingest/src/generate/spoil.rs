//! Messages that are bad on purpose, one for each code.

use ebasvuru_workflow::random::Random;
use jiff::SignedDuration;

use crate::check::Code;
use crate::submission::{Document, Submission};

/// The bytes of a message that ingest dead-letters with `code`. Not for `not_routable`, which depends on
/// the catalog.
pub fn spoil(mut it: Submission<'static>, code: Code, random: &mut Random) -> Vec<u8> {
    match code {
        Code::TcknInvalid => {
            let tckn = it.applicant.tckn.to_mut();
            let last = tckn.pop();
            tckn.push(if last == Some('9') { '0' } else { '9' });
        }
        Code::UnknownService => it.service.to_mut().push_str("-eski"),
        Code::UnknownValilik => it.valilik = 82 + i64::from(random.below(900)),
        Code::NotConfirmed => it.confirmation = "evet".into(),
        Code::DocumentInvalid => it.documents.push(Document {
            kind: "supporting".into(),
            name: "ek.pdf".into(),
            media_type: "application/pdf".into(),
            size: 0,
            sha256: "0".repeat(64).into(),
            uri: Some("store://sha256/".into()),
            data: None,
        }),
        Code::TooLarge => it.form.subject = "çok uzun ".repeat(60).into(),
        // A century, so that it is still to come however slowly they are published.
        Code::SubmittedAtFuture => {
            it.submitted_at += SignedDuration::from_hours(24 * 36_525);
        }
        Code::NotUtf8 | Code::NotJson | Code::Schema | Code::NotRoutable => {}
    }
    let mut bytes = it.to_json();
    match code {
        Code::NotUtf8 => bytes.insert(1, 0xfe),
        Code::NotJson => bytes.truncate(bytes.len() / 2),
        Code::Schema => {
            bytes.truncate(1);
            bytes.extend(br#""schema":"edevlet.submission.v1"}"#);
        }
        _ => {}
    }
    bytes
}
