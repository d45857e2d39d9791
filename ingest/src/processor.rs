//! The processor: makes commands or dead letters of the records of `edevlet.submissions`.

use std::collections::BTreeMap;
use std::sync::Arc;

use ebasvuru_workflow::budget;
use ebasvuru_workflow::domain::actor::Actor;
use ebasvuru_workflow::domain::application::command::Receive;
use ebasvuru_workflow::domain::application::{Command, CommandBody};
use ebasvuru_workflow::domain::catalog::Catalog;
use ebasvuru_workflow::domain::document::{Document, store_uri};
use ebasvuru_workflow::domain::ids::{ApplicationId, CommandId, SubmissionId};
use ebasvuru_workflow::domain::text;
use ebasvuru_workflow::error_code::ErrorCode;
use ebasvuru_workflow::log::dead_letter::{self, dead_letter_headers};
use ebasvuru_workflow::log::{Blob, Halt, Outgoing, Processor, Record, Step, topic};
use ebasvuru_workflow::message::{
    ApplicationCommand, Contact, Form, Message as _, Person, SubmissionContent,
};
use ebasvuru_workflow::metric;
use ebasvuru_workflow::seal::{self, Field, SealError, Sealer};
use jiff::Timestamp;

use crate::check::{self, CheckFailure, CheckedDocument};
use crate::submission::{Message, Submission, Withdrawal};
use crate::window::{WINDOW, Window};

/// The settings of ingest.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Ingest stops above this ratio of bad messages among the last 1,000; 0 to 1.
    pub bad_ratio: f64,
    /// The largest message, in bytes; at most [`budget::SUBMISSION`].
    pub max_message_bytes: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { bad_ratio: 0.2, max_message_bytes: budget::SUBMISSION }
    }
}

/// Checks, routes and seals submissions. Its only state is the window of bad messages, which is empty
/// when the process starts.
#[derive(Debug)]
pub struct IngestProcessor {
    catalog: Arc<Catalog>,
    sealer: Sealer,
    settings: Settings,
    window: Window,
    /// What counts if the open transaction is committed.
    pending: Option<Pending>,
}

/// What the messages of the open transaction add.
#[derive(Debug)]
struct Pending {
    /// The window after them.
    window: Window,
    /// How many there are, by outcome.
    counts: BTreeMap<&'static str, u64>,
    /// For each submission that was received, how many seconds after its confirmation.
    delays: Vec<f64>,
}

/// Why a message did not become a command.
enum Stop {
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

impl IngestProcessor {
    /// A processor with this catalog and this sealer.
    #[must_use]
    pub fn new(catalog: Arc<Catalog>, sealer: Sealer, settings: Settings) -> Self {
        Self { catalog, sealer, settings, window: Window::new(settings.bad_ratio), pending: None }
    }

    /// The command for a record, and the content to store before it is committed.
    fn command(&self, record: &Record, now: Timestamp) -> Result<(ApplicationCommand, Vec<Blob>), Stop> {
        let value = check::parse(record.value.as_deref(), self.settings.max_message_bytes)?;
        let message = check::read(&value)?;
        let content_hash = self.sealer.content_hash(&value);
        match &message {
            Message::Submission(it) => self.receive(it, content_hash, record, now),
            Message::Withdrawal(it) => Ok((self.withdraw(it, &content_hash, now)?, Vec::new())),
        }
    }

    fn receive(
        &self,
        it: &Submission<'_>,
        content_hash: String,
        record: &Record,
        now: Timestamp,
    ) -> Result<(ApplicationCommand, Vec<Blob>), Stop> {
        let admitted = check::admit(&self.catalog, it, now)?;
        let application = ApplicationId::of(SubmissionId(it.submission_id));
        let context = application.to_string();

        let content =
            serde_json::to_vec(&content(it, &admitted.documents)).map_err(|_| SealError::Malformed)?;
        // The month of its arrival: the key ring may have none of the month of `submitted_at` any more.
        let mut envelope = self.sealer.envelope(admitted.retention, now, &context)?;
        let content = envelope.seal(Field::Content, &content)?;
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
        let id = CommandId::deterministic(&context, &format!("receive/{content_hash}"));
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
        Ok((command(application, id, now, CommandBody::Receive(Box::new(receive))), blobs))
    }

    /// The reason of a withdrawal is sealed with the common class and the month of its own arrival,
    /// because those of the application are not known here.
    fn withdraw(
        &self,
        it: &Withdrawal<'_>,
        content_hash: &str,
        now: Timestamp,
    ) -> Result<ApplicationCommand, SealError> {
        let application = ApplicationId::of(SubmissionId(it.submission_id));
        let context = application.to_string();
        let reason = it.reason.as_deref().filter(|reason| !text::is_blank(reason));
        let seal = |reason| {
            let mut envelope = self.sealer.envelope(seal::APPLICATIONS, now, &context)?;
            envelope.seal_text(Field::WithdrawalReason, reason)
        };
        let reason = reason.map(seal).transpose()?;
        let id = CommandId::deterministic(&context, &format!("citizen-withdraw/{content_hash}"));
        Ok(command(application, id, now, CommandBody::CitizenWithdraw { reason }))
    }
}

fn command(
    application: ApplicationId,
    id: CommandId,
    at: Timestamp,
    body: CommandBody,
) -> ApplicationCommand {
    ApplicationCommand {
        application,
        command: Command { id, actor: Actor::Citizen, expected_version: None, at, body },
    }
}

/// The content to seal.
fn content(it: &Submission<'_>, documents: &[CheckedDocument<'_>]) -> SubmissionContent {
    SubmissionContent {
        schema: SubmissionContent::SCHEMA.to_owned(),
        applicant: Person {
            tckn: it.applicant.tckn.to_string(),
            first_name: it.applicant.first_name.to_string(),
            last_name: it.applicant.last_name.to_string(),
            phone: it.applicant.phone.to_string(),
            email: it.applicant.email.as_deref().map(Into::into),
        },
        contact: Contact {
            address: it.contact.address.to_string(),
            district: it.contact.district.as_deref().map(Into::into),
        },
        form: Form {
            subject: it.form.subject.to_string(),
            text: it.form.text.to_string(),
            fields: it.form.fields.iter().flatten().map(|(k, v)| (k.to_string(), v.to_string())).collect(),
        },
        document_kinds: documents.iter().map(|document| document.kind).collect(),
    }
}

/// The dead letter of a record.
fn dead_letter_of(record: &Record, failure: &CheckFailure, now: Timestamp) -> Outgoing {
    let why = dead_letter_headers(failure.code.as_str(), &failure.detail, &record.address(), now);
    dead_letter::copy_of(record, topic::DLQ, why)
}

impl Processor for IngestProcessor {
    fn state_topic(&self) -> Option<&'static str> {
        None
    }

    fn side_topics(&self) -> &'static [&'static str] {
        &[]
    }

    fn restore(&mut self, _: i32, _: Record) {}

    fn revoked(&mut self, _: i32) {}

    fn observe(&mut self, _: Record) {}

    fn process(&mut self, batch: &[Record], now: Timestamp) -> Step {
        let mut step = Step::default();
        let Pending { mut window, mut counts, mut delays } = self.pending.take().unwrap_or_else(|| Pending {
            window: self.window.clone(),
            counts: BTreeMap::new(),
            delays: Vec::new(),
        });
        for record in batch {
            let (outcome, bad) = match self.command(record, now) {
                Ok((command, blobs)) => {
                    let mut output = command.to_record();
                    // So that workflow can record that a replayed dead letter was accepted.
                    output.headers.extend(dead_letter::replay_headers(&record.headers));
                    step.outputs.push(output);
                    step.blobs.extend(blobs);
                    let outcome = match &command.command.body {
                        CommandBody::Receive(receive) => {
                            delays.push(now.duration_since(receive.submitted_at).as_secs_f64().max(0.0));
                            "received"
                        }
                        _ => "withdrawn",
                    };
                    (outcome, false)
                }
                Err(Stop::Bad(failure)) => {
                    step.outputs.push(dead_letter_of(record, &failure, now));
                    (failure.code.as_str(), true)
                }
                Err(Stop::Seal(error)) => {
                    step.halt = Some(Halt { code: error.code(), detail: error.to_string() });
                    break;
                }
            };
            step.consumed += 1;
            *counts.entry(outcome).or_default() += 1;
            // A replayed dead letter says nothing about what e-Devlet sends now.
            if !dead_letter::is_replay(&record.headers) && !window.take(bad) {
                step.halt = Some(Halt {
                    code: ErrorCode::IngestTooManyBad,
                    detail: format!(
                        "{} of the last {WINDOW} messages of {} were bad, the last one {outcome}; \
                         look at `ebasvuru dlq list`, fix the cause, start ingest again",
                        window.count(),
                        record.topic,
                    ),
                });
                break;
            }
        }
        self.pending = Some(Pending { window, counts, delays });
        step
    }

    fn due(&mut self, _: Timestamp) -> Option<Step> {
        None
    }

    fn committed(&mut self) {
        let Some(Pending { window, counts, delays }) = self.pending.take() else { return };
        self.window = window;
        for (outcome, count) in counts {
            metrics::counter!(metric::INGESTED, "outcome" => outcome).increment(count);
        }
        let delay = metrics::histogram!(metric::INGEST_DELAY_SECONDS);
        delays.into_iter().for_each(|seconds| delay.record(seconds));
    }

    fn aborted(&mut self) {
        self.pending = None;
    }
}
