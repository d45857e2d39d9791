//! The processor: makes commands or dead letters of the records of `edevlet.submissions`.

use std::collections::BTreeMap;
use std::sync::Arc;

use ebasvuru_workflow::budget;
use ebasvuru_workflow::domain::catalog::Catalog;
use ebasvuru_workflow::error_code::ErrorCode;
use ebasvuru_workflow::log::dead_letter::{self, dead_letter_headers};
use ebasvuru_workflow::log::{Halt, Outgoing, Processor, Record, Step, topic};
use ebasvuru_workflow::metric;
use ebasvuru_workflow::seal::Sealer;
use jiff::Timestamp;

use crate::check::CheckFailure;
use crate::stage::{Made, Stage, Stop};
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
    stage: Stage,
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

impl IngestProcessor {
    /// A processor with this catalog and this sealer.
    #[must_use]
    pub fn new(catalog: Arc<Catalog>, sealer: Sealer, settings: Settings) -> Self {
        let stage = Stage::new(catalog, sealer, settings.max_message_bytes);
        Self { stage, window: Window::new(settings.bad_ratio), pending: None }
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

    fn restore(&mut self, _: Record) {}

    fn revoked(&mut self, _: i32) {}

    fn observe(&mut self, _: Record) {}

    fn process(&mut self, batch: &[Record], now: Timestamp) -> Step {
        let mut step = Step::default();
        let Pending { mut window, mut counts, mut delays } = self.pending.take().unwrap_or_else(|| Pending {
            window: self.window.clone(),
            counts: BTreeMap::new(),
            delays: Vec::new(),
        });
        for (record, made) in batch.iter().zip(self.stage.commands(batch, now)) {
            let (outcome, bad) = match made {
                Ok(Made { command, blobs, submitted_at }) => {
                    step.outputs.push(command);
                    step.blobs.extend(blobs);
                    delays.extend(submitted_at.map(|at| now.duration_since(at).as_secs_f64().max(0.0)));
                    (if submitted_at.is_some() { "received" } else { "withdrawn" }, false)
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
