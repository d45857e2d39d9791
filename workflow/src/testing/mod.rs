//! Helpers for the tests and benchmarks of all crates. Behind the feature `testing`, which only
//! dev-dependencies turn on.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

pub mod catalog;
pub mod kafka;

use std::collections::VecDeque;
use std::sync::Arc;

use jiff::Timestamp;
use tempfile::TempDir;
use uuid::Uuid;

use crate::domain::actor::Role;
use crate::domain::application::{Applicant, Receive};
use crate::domain::document::{Document, store_uri};
use crate::domain::ids::SubmissionId;
use crate::domain::record_address::RecordAddress;
use crate::domain::sealed::{Sealed, SealedText};
use crate::domain::user::{Access, User, UserProfile};
use crate::log::{Log, Record, Start, topic};
use crate::seal::{KeyRing, Sealer};

/// A sealer with a new key ring, which has the entries of these classes for `months` from `from` on. The
/// ring lives as long as the folder.
pub fn sealer<'a>(
    classes: impl IntoIterator<Item = &'a str>,
    from: Timestamp,
    months: u32,
) -> (TempDir, Sealer) {
    let folder = tempfile::tempdir().unwrap();
    let ring = KeyRing::create(&folder.path().join("keyring.toml")).unwrap();
    for class in classes {
        ring.ensure_months(class, from, months).unwrap();
    }
    (folder, Sealer::new(Arc::new(ring)))
}

/// A text that only looks sealed.
#[must_use]
pub fn text(words: &str) -> SealedText {
    let chars = u32::try_from(words.trim().chars().count()).unwrap();
    SealedText { sealed: Sealed(format!("k.{words}").into()), chars }
}

/// A PDF with this name, which only looks sealed.
#[must_use]
pub fn document(name: &str) -> Document {
    let sha256 = "ab".repeat(32);
    Document {
        name: Sealed(format!("k.{name}").into()),
        media_type: "application/pdf".into(),
        size: 9,
        uri: store_uri(&sha256),
        sha256,
    }
}

/// What is stored of an applicant in clear.
#[must_use]
pub fn applicant() -> Applicant {
    Applicant {
        masked_name: "A*** Y***".into(),
        masked_tckn: "100******46".into(),
        tckn_index: "ab".into(),
        name_index: vec!["cd".into(), "ef".into()],
    }
}

/// The submission with this number.
#[must_use]
pub fn submission(n: u128) -> SubmissionId {
    SubmissionId(Uuid::from_u128(n))
}

/// Submission `n` for a service of [`catalog::UNIT`], as ingest hands it over, with one document. Its
/// message is at offset 42 of partition 3.
#[must_use]
pub fn receive(n: u128, service: &str, submitted_at: Timestamp) -> Receive {
    Receive {
        submission_id: submission(n),
        submitted_at,
        service: service.parse().unwrap(),
        valilik: 6.try_into().unwrap(),
        unit: catalog::UNIT.parse().unwrap(),
        applicant: applicant(),
        content: Sealed("k.content".into()),
        content_hash: "one".into(),
        documents: vec![document("dilekce")],
        source: RecordAddress::new(topic::SUBMISSIONS, 3, 42),
    }
}

/// An active user of version 1, whose password hash only looks sealed.
#[must_use]
pub fn user(name: &str, role: Role, unit: Option<&str>) -> User {
    User {
        name: name.parse().unwrap(),
        version: 1,
        profile: UserProfile { full_name: name.into(), role, unit: unit.map(|unit| unit.parse().unwrap()) },
        active: true,
        password: Sealed("k.hash".into()),
        must_change_password: false,
        password_set_at: Timestamp::UNIX_EPOCH,
        sessions_since: 1,
        access: Access::default(),
        delegation: None,
        recent_commands: VecDeque::new(),
    }
}

/// Every committed record of a topic.
pub fn records(log: &dyn Log, topic: &str) -> Vec<Record> {
    let mut records = Vec::new();
    log.reader(topic, Start::Beginning).unwrap().catch_up(&mut |record| records.push(record)).unwrap();
    records
}
