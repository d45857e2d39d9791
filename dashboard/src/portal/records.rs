//! What e-Devlet keeps itself: the submissions it published, and the notifications it received. Both
//! are read from the log, so that a restart loses nothing. Only those of the demo citizens are kept.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use ebasvuru_workflow::log::{Log, LogError, Record, Start, topic};
use ebasvuru_workflow::message::{Message as _, Notification};
use jiff::Timestamp;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::citizen::citizens;

/// After reading for this long, a failure is a new one.
const SETTLED: Duration = Duration::from_secs(10);

/// One submission of a demo citizen.
#[derive(Clone, Debug)]
pub struct SubmissionRecord {
    pub id: Uuid,
    pub tckn: String,
    pub service: String,
    pub valilik: u8,
    pub at: Timestamp,
    /// Whether a withdrawal was published.
    pub withdrawing: bool,
    /// The notifications, the oldest first.
    pub notifications: Vec<Notification>,
}

/// All submissions.
#[derive(Debug, Default)]
pub struct Records(Mutex<HashMap<Uuid, SubmissionRecord>>);

impl Records {
    /// The submissions of a citizen, the newest first.
    pub fn of(&self, tckn: &str) -> Vec<SubmissionRecord> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut own: Vec<_> = all.values().filter(|entry| entry.tckn == tckn).cloned().collect();
        own.sort_by_key(|entry| std::cmp::Reverse((entry.at, entry.id)));
        own
    }

    /// A submission of a citizen, by its application number or by the submission's id.
    pub fn find(&self, tckn: &str, no: &str) -> Option<SubmissionRecord> {
        let is = |entry: &SubmissionRecord| {
            entry.id.to_string() == no
                || entry.notifications.iter().any(|notification| notification.application_no.as_str() == no)
        };
        self.of(tckn).into_iter().find(is)
    }

    /// Applies a published message. The first message of a submission determines its citizen.
    pub fn published(&self, message: &Value) {
        let text = |at: &str| message.pointer(at).and_then(Value::as_str);
        let Some(id) = text("/submission_id").and_then(|id| id.parse().ok()) else { return };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if text("/schema") == Some("edevlet.withdrawal.v1") {
            if let Some(entry) = all.get_mut(&id) {
                entry.withdrawing = true;
            }
            return;
        }
        let entry = || {
            Some(SubmissionRecord {
                id,
                tckn: text("/applicant/tckn")?.to_owned(),
                service: text("/service")?.to_owned(),
                valilik: message.get("valilik")?.as_u64()?.try_into().ok()?,
                at: text("/submitted_at")?.parse().ok()?,
                withdrawing: false,
                notifications: Vec::new(),
            })
        };
        if let Some(entry) = entry().filter(|e| citizens().iter().any(|citizen| citizen.tckn == e.tckn)) {
            all.entry(id).or_insert(entry);
        }
    }

    /// Applies a notification; a duplicate is ignored.
    pub fn notified(&self, notification: Notification) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = all.get_mut(&notification.submission_id.0)
            && !entry.notifications.contains(&notification)
        {
            entry.notifications.push(notification);
            entry.notifications.sort_by_key(|notification| notification.at);
        }
    }

    /// Reads both topics until `stop`; after a failure from the beginning, which changes nothing.
    pub fn follow(&self, log: &dyn Log, stop: &CancellationToken) {
        let mut warned = false;
        while !stop.is_cancelled() {
            let began = Instant::now();
            if let Err(error) = self.read(log, stop) {
                // One warning, however long the log fails.
                if !warned || began.elapsed() > SETTLED {
                    tracing::warn!(error.message = %error, "the portal cannot read the log; it tries again");
                }
                warned = true;
                std::thread::sleep(Duration::from_secs(1));
            }
        }
    }

    fn read(&self, log: &dyn Log, stop: &CancellationToken) -> Result<(), LogError> {
        let mut submissions = log.reader(topic::SUBMISSIONS, Start::Beginning)?;
        let mut reader = log.reader(topic::NOTIFICATIONS, Start::Beginning)?;
        submissions.catch_up(&mut |record| self.apply(&record))?;
        while !stop.is_cancelled() {
            let records = reader.poll(1000, Duration::from_millis(200))?;
            if records.is_empty() {
                continue;
            }
            // The submissions precede their notifications, so all of them are known after this.
            submissions.catch_up(&mut |record| self.apply(&record))?;
            for record in records {
                match Notification::from_record(&record) {
                    Ok(notification) => self.notified(notification),
                    Err(error) => tracing::error!(
                        error.message = %error,
                        record.topic = %record.topic,
                        record.partition = record.partition,
                        record.offset = record.offset,
                        "the portal cannot read a notification and skips it"
                    ),
                }
            }
        }
        Ok(())
    }

    fn apply(&self, record: &Record) {
        if let Some(message) = record.value.as_deref().and_then(|v| serde_json::from_slice(v).ok()) {
            self.published(&message);
        }
    }
}
