//! What one message becomes: a command, or the reason why it does not.

use std::sync::Arc;

use ebasvuru_workflow::domain::actor::Actor;
use ebasvuru_workflow::domain::application::command::Receive;
use ebasvuru_workflow::domain::application::{Command, CommandBody};
use ebasvuru_workflow::domain::catalog::Catalog;
use ebasvuru_workflow::domain::document::{Document, store_uri};
use ebasvuru_workflow::domain::ids::{ApplicationId, CommandId, SubmissionId};
use ebasvuru_workflow::domain::text;
use ebasvuru_workflow::log::{Blob, Outgoing, Record, dead_letter};
use ebasvuru_workflow::message::{
    ApplicationCommand, Contact, Form, Message as _, Person, SubmissionContent, json,
};
use ebasvuru_workflow::seal::{self, Field, SealError, Sealer};
use jiff::Timestamp;
use rayon::prelude::*;

use crate::check::{self, CheckFailure, CheckedDocument};
use crate::submission::{Message, Submission, Withdrawal};

/// As many records as are worth waking another thread for.
const PART: usize = 100;

/// Checks, routes and seals one message at a time; any thread may.
#[derive(Debug)]
pub(crate) struct Stage {
    catalog: Arc<Catalog>,
    sealer: Sealer,
    /// The largest message, in bytes.
    max_bytes: usize,
}

/// Buffers that are used for one message after the other.
#[derive(Debug, Default)]
struct Scratch {
    canonical: Vec<u8>,
    content: Vec<u8>,
}

/// What a good message becomes.
pub(crate) struct Made {
    /// The record with the command.
    pub(crate) command: Outgoing,
    /// The content to store before it is committed.
    pub(crate) blobs: Vec<Blob>,
    /// When the citizen confirmed it; `None` of a withdrawal.
    pub(crate) submitted_at: Option<Timestamp>,
}

/// Why a message did not become a command.
pub(crate) enum Stop {
    /// The message is bad.
    Bad(CheckFailure),
    /// It cannot be sealed, which is not the fault of the message: it waits.
    Seal(SealError),
}

impl From<CheckFailure> for Stop {
    fn from(failure: CheckFailure) -> Self {
        Self::Bad(failure)
    }
}

impl From<SealError> for Stop {
    fn from(error: SealError) -> Self {
        Self::Seal(error)
    }
}

impl Stage {
    pub(crate) const fn new(catalog: Arc<Catalog>, sealer: Sealer, max_bytes: usize) -> Self {
        Self { catalog, sealer, max_bytes }
    }

    /// The commands for records that are read at `now`, in their order; made on all cores.
    pub(crate) fn commands(&self, records: &[Record], now: Timestamp) -> Vec<Result<Made, Stop>> {
        let made = |scratch: &mut Scratch, record| self.command(record, now, scratch);
        if records.len() <= PART {
            let mut scratch = Scratch::default();
            return records.iter().map(|record| made(&mut scratch, record)).collect();
        }
        records.par_iter().with_min_len(PART).map_init(Scratch::default, made).collect()
    }

    fn command(&self, record: &Record, now: Timestamp, scratch: &mut Scratch) -> Result<Made, Stop> {
        let value = check::parse(record.value.as_deref(), self.max_bytes)?;
        let message = check::read(&value)?;
        scratch.canonical.clear();
        value.write_canonical(&mut scratch.canonical);
        let content_hash = self.sealer.content_hash(&scratch.canonical);
        let mut made = match &message {
            Message::Submission(it) => self.receive(it, content_hash, record, now, &mut scratch.content)?,
            Message::Withdrawal(it) => self.withdraw(it, &content_hash, now)?,
        };
        // So that workflow can record that a replayed dead letter was accepted.
        made.command.headers.extend(dead_letter::replay_headers(&record.headers));
        Ok(made)
    }

    fn receive(
        &self,
        it: &Submission<'_>,
        content_hash: String,
        record: &Record,
        now: Timestamp,
        plain: &mut Vec<u8>,
    ) -> Result<Made, Stop> {
        let admitted = check::admit(&self.catalog, it, now)?;
        let application = ApplicationId::of(SubmissionId(it.submission_id));
        let context = application.to_string();

        plain.clear();
        json::write(&content(it, &admitted.documents), plain);
        // The month of its arrival: the key ring may have none of the month of `submitted_at` any more.
        let mut envelope = self.sealer.envelope(admitted.retention, now, &context)?;
        let content = envelope.seal(Field::Content, plain)?;
        let mut documents = Vec::with_capacity(admitted.documents.len());
        let mut blobs = Vec::new();
        for document in admitted.documents {
            documents.push(Document {
                name: envelope.seal_name(&document.name)?,
                media_type: document.media_type.to_owned(),
                size: document.size,
                uri: store_uri(&document.sha256),
                sha256: document.sha256.clone(),
            });
            blobs.extend(document.inline.map(|bytes| Blob { sha256: document.sha256, bytes }));
        }
        let id = CommandId::deterministic(&context, &["receive/", &content_hash].concat());
        let receive = Receive {
            submission_id: SubmissionId(it.submission_id),
            submitted_at: it.submitted_at,
            service: admitted.service,
            valilik: admitted.valilik,
            unit: admitted.unit,
            applicant: self.sealer.applicant(
                &admitted.tckn,
                &it.applicant.first_name,
                &it.applicant.last_name,
            ),
            content,
            content_hash,
            documents,
            source: record.address(),
        };
        let command = command(application, id, now, CommandBody::Receive(Box::new(receive)));
        Ok(Made { command, blobs, submitted_at: Some(it.submitted_at) })
    }

    /// The reason of a withdrawal is sealed with the common class and the month of its own arrival,
    /// because those of the application are not known here.
    fn withdraw(&self, it: &Withdrawal<'_>, content_hash: &str, now: Timestamp) -> Result<Made, SealError> {
        let application = ApplicationId::of(SubmissionId(it.submission_id));
        let context = application.to_string();
        let reason = it.reason.as_deref().filter(|reason| !text::is_blank(reason));
        let seal = |reason| {
            let mut envelope = self.sealer.envelope(seal::APPLICATIONS, now, &context)?;
            envelope.seal_text(Field::WithdrawalReason, reason)
        };
        let reason = reason.map(seal).transpose()?;
        let id = CommandId::deterministic(&context, &["citizen-withdraw/", content_hash].concat());
        let command = command(application, id, now, CommandBody::CitizenWithdraw { reason });
        Ok(Made { command, blobs: Vec::new(), submitted_at: None })
    }
}

fn command(application: ApplicationId, id: CommandId, at: Timestamp, body: CommandBody) -> Outgoing {
    let command = Command { id, actor: Actor::Citizen, expected_version: None, at, body };
    ApplicationCommand { application, command }.to_record()
}

/// The content to seal.
fn content<'a>(it: &'a Submission<'_>, documents: &[CheckedDocument<'_>]) -> SubmissionContent<'a> {
    SubmissionContent {
        schema: SubmissionContent::SCHEMA.into(),
        applicant: Person {
            tckn: (*it.applicant.tckn).into(),
            first_name: (*it.applicant.first_name).into(),
            last_name: (*it.applicant.last_name).into(),
            phone: (*it.applicant.phone).into(),
            email: it.applicant.email.as_deref().map(Into::into),
        },
        contact: Contact {
            address: (*it.contact.address).into(),
            district: it.contact.district.as_deref().map(Into::into),
        },
        form: Form {
            subject: (*it.form.subject).into(),
            text: (*it.form.text).into(),
            fields: it.form.fields.iter().flatten().map(|(k, v)| ((**k).into(), (**v).into())).collect(),
        },
        document_kinds: documents.iter().map(|document| document.kind).collect(),
    }
}
