//! How current the read model is. Threads ask the log, so that no page waits for it.

use std::sync::{Arc, PoisonError, RwLock, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use ebasvuru_analytics::freshness::{Answer, Freshness, Probe};
use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::log::Log;
use jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

/// The pause between two questions. What a page says is true, but some of these older than it could be.
const INTERVAL: Duration = Duration::from_secs(2);
/// How long the thread sleeps before it looks again whether to stop.
const STOP_CHECK: Duration = Duration::from_millis(100);
/// An answer this old says nothing about now: the log has not answered since.
const LIFETIME: SignedDuration = SignedDuration::from_secs(30);

/// The log's last answer.
#[derive(Debug, Default)]
pub struct LatestFreshness(RwLock<Latest>);

#[derive(Clone, Copy, Debug, Default)]
struct Latest {
    /// When the log was asked that has answered last.
    answered: Option<Timestamp>,
    /// What it told last.
    freshness: Option<Freshness>,
}

impl LatestFreshness {
    /// What is known at this time; `None` while the log does not answer, and if its answer does not tell.
    #[must_use]
    pub fn at(&self, now: Timestamp) -> Option<Freshness> {
        self.look().freshness.filter(|fresh| now.duration_since(fresh.asked_at) <= LIFETIME)
    }

    /// Whether the log answers.
    #[must_use]
    pub fn log_answers(&self, now: Timestamp) -> bool {
        self.look().answered.is_some_and(|at| now.duration_since(at) <= LIFETIME)
    }

    fn look(&self) -> Latest {
        *self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut Latest)) {
        change(&mut self.0.write().unwrap_or_else(PoisonError::into_inner));
    }

    /// The log has answered to a question at this time.
    pub fn set_answered(&self, asked_at: Timestamp) {
        self.change(|latest| latest.answered = Some(asked_at));
    }

    /// What its answer tells.
    pub fn set(&self, freshness: Option<Freshness>) {
        self.change(|latest| latest.freshness = freshness);
    }

    /// Asks the log until `stop`. `set_back` is called when the sink or the clock has been set back. Nobody waits for
    /// the threads when the process stops: while the log is away, one question may take long.
    pub fn watch(
        self: &Arc<Self>,
        log: &Arc<dyn Log>,
        clock: &Clock,
        stop: &CancellationToken,
        set_back: impl Fn() + Send + 'static,
    ) -> std::io::Result<()> {
        // While records are read, which may take long, the log is still asked whether it answers.
        let (answered, answers) = mpsc::sync_channel::<Answer>(1);
        let (latest, reading) = (Arc::clone(self), Arc::clone(log));
        thread::Builder::new().name("dash-freshness".into()).spawn(move || {
            let mut probe = Probe::default();
            for answer in answers {
                if probe.take(&answer) {
                    latest.set(None);
                    set_back();
                }
                // A log that is away is reported by the feeds, and on every page.
                if let Ok(freshness) = probe.freshness(reading.as_ref(), &answer) {
                    latest.set(freshness);
                }
            }
        })?;
        let (latest, log, clock, stop) = (Arc::clone(self), Arc::clone(log), clock.clone(), stop.clone());
        thread::Builder::new().name("dash-log".into()).spawn(move || {
            while !stop.is_cancelled() {
                let now = clock.now();
                if let Ok(answer) = Answer::ask(log.as_ref(), now) {
                    latest.set_answered(now);
                    // The next one says more than one that would have to wait.
                    let _ = answered.try_send(answer);
                }
                let asked = Instant::now();
                while asked.elapsed() < INTERVAL && !stop.is_cancelled() {
                    thread::sleep(STOP_CHECK);
                }
            }
        })?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn an_old_answer_says_nothing() {
        let asked_at = at("2026-11-23T09:00:00Z");
        let fresh = Freshness { as_of: asked_at, asked_at, event_offset: 7 };
        let latest = LatestFreshness::default();
        assert_eq!(latest.at(asked_at), None, "not asked yet");
        latest.set(Some(fresh));
        latest.set_answered(asked_at);
        let (soon, late) = (at("2026-11-23T09:00:30Z"), at("2026-11-23T09:00:31Z"));
        assert_eq!((latest.at(soon), latest.log_answers(soon)), (Some(fresh), true));
        assert_eq!((latest.at(late), latest.log_answers(late)), (None, false));
        latest.set_answered(late);
        assert_eq!((latest.at(late), latest.log_answers(late)), (None, true));
    }
}
