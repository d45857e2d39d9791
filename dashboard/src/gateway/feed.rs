//! The two threads that read for the gateway: the user directory from its beginning, the
//! replies from now on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use ebasvuru_workflow::domain::user::User;
use ebasvuru_workflow::log::{Log, LogError, Reader, Record, Start, topic};
use ebasvuru_workflow::message::{DecodeError, Message, Reply};
use tokio_util::sync::CancellationToken;

use super::Gateway;

/// How long a read waits before it looks whether to stop.
const WAIT: Duration = Duration::from_millis(250);
/// How long to stay away from a log that does not answer.
const PAUSE: Duration = Duration::from_secs(1);

/// The threads. They end when `stop` is cancelled; [`Feeds::join`] waits for them.
#[derive(Debug)]
pub struct Feeds {
    threads: Vec<JoinHandle<()>>,
    ready: Arc<[AtomicBool; 2]>,
}

impl Feeds {
    /// Begins to read for `gateway`.
    pub fn start(
        log: &Arc<dyn Log>,
        gateway: &Arc<Gateway>,
        stop: &CancellationToken,
    ) -> std::io::Result<Self> {
        let ready = Arc::new([AtomicBool::new(false), AtomicBool::new(false)]);
        let spawn =
            |name: &str, topic: &'static str, start: Start, nth: usize, take: fn(&Gateway, &Record)| {
                let feed = Feed { log: Arc::clone(log), gateway: Arc::clone(gateway), topic, start, take };
                let (stop, ready) = (stop.clone(), Arc::clone(&ready));
                thread::Builder::new().name(name.into()).spawn(move || feed.run(&stop, &ready[nth]))
            };
        let threads = vec![
            spawn("dash-users", topic::USERS, Start::Beginning, 0, take_user)?,
            spawn("dash-replies", topic::REPLIES, Start::End, 1, take_reply)?,
        ];
        Ok(Self { threads, ready })
    }

    /// Whether the directory has been read in full and replies are being heard: before
    /// that, nobody can log in.
    #[must_use]
    pub fn ready(&self) -> bool {
        self.ready.iter().all(|r| r.load(Ordering::Acquire))
    }

    /// A handle that tells [`Feeds::ready`] to others.
    pub fn readiness(&self) -> impl Fn() -> bool + Send + Sync + Clone + use<> {
        let ready = Arc::clone(&self.ready);
        move || ready.iter().all(|r| r.load(Ordering::Acquire))
    }

    /// Waits until both threads have ended.
    pub fn join(self) {
        for thread in self.threads {
            if thread.join().is_err() {
                tracing::error!("a thread that reads for the dashboard has panicked");
            }
        }
    }
}

struct Feed {
    log: Arc<dyn Log>,
    gateway: Arc<Gateway>,
    topic: &'static str,
    start: Start,
    take: fn(&Gateway, &Record),
}

impl Feed {
    /// Reads until told to stop, with a new reader after each failure. The directory is
    /// then read from its beginning again, which changes nothing; replies missed meanwhile
    /// cost their askers the "birazdan görünecek" page, and nothing else.
    fn run(&self, stop: &CancellationToken, ready: &AtomicBool) {
        let mut said = false;
        while !stop.is_cancelled() {
            if let Err(error) = self.read(stop, ready) {
                // Once, however long the log is away.
                if ready.swap(false, Ordering::AcqRel) || !said {
                    tracing::warn!(
                        record.topic = self.topic,
                        error.message = %error,
                        "the dashboard cannot read {}; it tries again",
                        self.topic
                    );
                }
                said = true;
                thread::sleep(PAUSE);
            }
        }
    }

    fn read(&self, stop: &CancellationToken, ready: &AtomicBool) -> Result<(), LogError> {
        let mut reader: Box<dyn Reader> = self.log.reader(self.topic, self.start.clone())?;
        reader.catch_up(&mut |record| (self.take)(&self.gateway, &record))?;
        ready.store(true, Ordering::Release);
        while !stop.is_cancelled() {
            for record in reader.poll(1000, WAIT)? {
                (self.take)(&self.gateway, &record);
            }
        }
        Ok(())
    }
}

fn take_user(gateway: &Gateway, record: &Record) {
    match User::from_record(record) {
        Ok(user) => gateway.learned(user, record.offset),
        Err(DecodeError::Tombstone) => {}
        Err(error) => report(record, &error),
    }
}

fn take_reply(gateway: &Gateway, record: &Record) {
    match Reply::from_record(record) {
        Ok(reply) => gateway.heard(reply),
        Err(error) => report(record, &error),
    }
}

fn report(record: &Record, error: &DecodeError) {
    tracing::error!(
        error.message = %error,
        record.topic = %record.topic,
        record.partition = record.partition,
        record.offset = record.offset,
        "the dashboard cannot read a record of {} and skips it",
        record.topic
    );
}
