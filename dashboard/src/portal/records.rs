//! What e-Devlet itself keeps: what it published, and what it was told. Both are read back
//! from the log, so a restart forgets nothing. Only the demo citizens' are kept.

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
pub struct Entry {
    pub id: Uuid,
    pub tckn: String,
    pub service: String,
    pub valilik: u8,
    pub at: Timestamp,
    /// Whether a withdrawal was published.
    pub withdrawing: bool,
    pub told: Vec<Notification>,
}

/// All of them.
#[derive(Debug, Default)]
pub struct Records(Mutex<HashMap<Uuid, Entry>>);

impl Records {
    /// Somebody's own, the newest first.
    pub fn of(&self, tckn: &str) -> Vec<Entry> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut own: Vec<_> = all.values().filter(|entry| entry.tckn == tckn).cloned().collect();
        own.sort_by_key(|entry| std::cmp::Reverse((entry.at, entry.id)));
        own
    }

    /// One of somebody's own, by its number or, before it has one, by the submission's id.
    pub fn find(&self, tckn: &str, no: &str) -> Option<Entry> {
        let is = |entry: &Entry| {
            entry.id.to_string() == no || entry.told.iter().any(|told| told.application_no.as_str() == no)
        };
        self.of(tckn).into_iter().find(is)
    }

    /// Takes in what was published; the first message of a submission says whose it is.
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
            Some(Entry {
                id,
                tckn: text("/applicant/tckn")?.to_owned(),
                service: text("/service")?.to_owned(),
                valilik: message.get("valilik")?.as_u64()?.try_into().ok()?,
                at: text("/submitted_at")?.parse().ok()?,
                withdrawing: false,
                told: Vec::new(),
            })
        };
        if let Some(entry) = entry().filter(|e| citizens().iter().any(|citizen| citizen.tckn == e.tckn)) {
            all.entry(id).or_insert(entry);
        }
    }

    /// Takes in what the citizen is told; the same twice is told once.
    pub fn told(&self, notification: Notification) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = all.get_mut(&notification.submission_id.0)
            && !entry.told.contains(&notification)
        {
            entry.told.push(notification);
            entry.told.sort_by_key(|told| told.at);
        }
    }

    /// Reads both topics until `stop`; after a failure from the beginning, which changes nothing.
    pub fn follow(&self, log: &dyn Log, stop: &CancellationToken) {
        let mut told = false;
        while !stop.is_cancelled() {
            let began = Instant::now();
            if let Err(error) = self.read(log, stop) {
                // Once, however long the log is away.
                if !told || began.elapsed() > SETTLED {
                    tracing::warn!(error.message = %error, "the portal cannot read the log; it tries again");
                }
                told = true;
                std::thread::sleep(Duration::from_secs(1));
            }
        }
    }

    fn read(&self, log: &dyn Log, stop: &CancellationToken) -> Result<(), LogError> {
        let mut submissions = log.reader(topic::SUBMISSIONS, Start::Beginning)?;
        let mut notifications = log.reader(topic::NOTIFICATIONS, Start::Beginning)?;
        submissions.catch_up(&mut |record| self.take(&record))?;
        while !stop.is_cancelled() {
            let told = notifications.poll(1000, Duration::from_millis(200))?;
            if told.is_empty() {
                continue;
            }
            // A notification comes after its submission, so all of these are known by now.
            submissions.catch_up(&mut |record| self.take(&record))?;
            for record in told {
                match Notification::from_record(&record) {
                    Ok(notification) => self.told(notification),
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

    fn take(&self, record: &Record) {
        if let Some(message) = record.value.as_deref().and_then(|v| serde_json::from_slice(v).ok()) {
            self.published(&message);
        }
    }
}
