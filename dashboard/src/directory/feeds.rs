//! The threads that read the log: the user directory, the scheduled reports and the open applications from
//! their beginning, the replies and what becomes of applications from now on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use ebasvuru_workflow::domain::actor::Actor;
use ebasvuru_workflow::domain::ids::ApplicationId;
use ebasvuru_workflow::domain::user::User;
use ebasvuru_workflow::log::{Log, LogError, Reader, Record, Start, topic};
use ebasvuru_workflow::message::{DecodeError, Message, Reply, ScheduleRecord, StateRecord, VERSION_HEADER};
use tokio_util::sync::CancellationToken;

use super::updates::LogUpdates;

/// How long a poll waits for records before it checks whether to stop.
const POLL: Duration = Duration::from_millis(250);
/// The pause before a new attempt when the log fails.
const RETRY: Duration = Duration::from_secs(1);

/// The threads. They end when `stop` is cancelled; [`Feeds::join`] waits for them.
#[derive(Debug)]
pub struct Feeds {
    threads: Vec<JoinHandle<()>>,
    ready: [Arc<AtomicBool>; 3],
}

impl Feeds {
    /// Starts to read.
    pub fn start(
        log: &Arc<dyn Log>,
        updates: &LogUpdates,
        stop: &CancellationToken,
    ) -> std::io::Result<Self> {
        let ready: [Arc<AtomicBool>; 3] = Default::default();
        let [users, replies, settings] = &ready;
        let spawn = |name: &str,
                     topic: &'static str,
                     start: Start,
                     hooks: Option<Hooks>,
                     apply,
                     ready: &Arc<AtomicBool>| {
            let (log, updates, ready) = (Arc::clone(log), updates.clone(), Arc::clone(ready));
            let feed = Feed { log, updates, topic, start, hooks, apply, ready };
            let stop = stop.clone();
            thread::Builder::new().name(name.into()).spawn(move || feed.run(&stop))
        };
        let threads = vec![
            spawn("dash-users", topic::USERS, Start::Beginning, None, apply_user, users)?,
            spawn("dash-replies", topic::REPLIES, Start::End, None, apply_reply, replies)?,
            // Not needed to be ready: a page shows what ClickHouse has if a state does not come.
            spawn("dash-states", topic::APPLICATIONS, Start::End, None, apply_change, &Arc::default())?,
            spawn("dash-settings", topic::SETTINGS, Start::Beginning, None, apply_setting, settings)?,
        ];
        // Nobody waits for all open applications: until they are read, ClickHouse makes their lists. Nor does a
        // stop wait for this thread, which may be in the middle of millions.
        let forget = Some(Hooks {
            begin: |updates| {
                updates.open.clear();
                updates.forget_kept();
            },
            end: LogUpdates::forget_kept,
        });
        let open = updates.open.complete();
        spawn("dash-open", topic::APPLICATIONS, Start::Beginning, forget, apply_state, open)?;
        Ok(Self { threads, ready })
    }

    /// Returns a check whether the whole directory has been read, and what follows is being read.
    /// Before that, nobody can log in.
    pub fn readiness(&self) -> impl Fn() -> bool + Send + Sync + Clone + use<> {
        let ready = self.ready.clone();
        move || ready.iter().all(|r| r.load(Ordering::Acquire))
    }

    /// Waits until all threads have ended.
    pub fn join(self) {
        for thread in self.threads {
            if thread.join().is_err() {
                tracing::error!("a thread that reads for the dashboard has panicked");
            }
        }
    }
}

/// Called each time that a topic is read from its start.
#[derive(Clone, Copy)]
struct Hooks {
    /// Before the first record.
    begin: fn(&LogUpdates),
    /// When all that was there has been read, and `ready` says so.
    end: fn(&LogUpdates),
}

struct Feed {
    log: Arc<dyn Log>,
    updates: LogUpdates,
    topic: &'static str,
    start: Start,
    hooks: Option<Hooks>,
    apply: fn(&LogUpdates, &Record),
    /// Whether the topic is read up to now.
    ready: Arc<AtomicBool>,
}

impl Feed {
    /// Reads until `stop`, with a new reader after each failure. What is read from its beginning is
    /// then read again, which changes nothing. Replies missed meanwhile only cost those who
    /// wait for them the page "birazdan görünecek".
    fn run(&self, stop: &CancellationToken) {
        let mut warned = false;
        while !stop.is_cancelled() {
            if let Err(error) = self.read(stop) {
                // One warning, however long the log fails.
                if self.ready.swap(false, Ordering::AcqRel) || !warned {
                    tracing::warn!(
                        record.topic = self.topic,
                        error.message = %error,
                        "the dashboard cannot read {}; it tries again",
                        self.topic
                    );
                }
                warned = true;
                thread::sleep(RETRY);
            }
        }
    }

    fn read(&self, stop: &CancellationToken) -> Result<(), LogError> {
        if let Some(hooks) = &self.hooks {
            (hooks.begin)(&self.updates);
        }
        let mut reader: Box<dyn Reader> = self.log.reader(self.topic, self.start.clone())?;
        reader.catch_up(&mut |record| (self.apply)(&self.updates, &record))?;
        self.ready.store(true, Ordering::Release);
        if let Some(hooks) = &self.hooks {
            (hooks.end)(&self.updates);
        }
        while !stop.is_cancelled() {
            for record in reader.poll(1000, POLL)? {
                (self.apply)(&self.updates, &record);
            }
        }
        Ok(())
    }
}

fn apply_user(updates: &LogUpdates, record: &Record) {
    match User::from_record(record) {
        Ok(user) => updates.users.apply(user, record.offset),
        Err(DecodeError::Tombstone) => {}
        Err(error) => skip(record, &error),
    }
}

fn apply_reply(updates: &LogUpdates, record: &Record) {
    match Reply::from_record(record) {
        Ok(reply) => updates.apply_reply(reply),
        Err(error) => skip(record, &error),
    }
}

/// What a command of a person has made of an application that stays open. The reply to it does not say.
fn apply_change(updates: &LogUpdates, record: &Record) {
    // There are far more submissions than commands of staff, and nobody waits for them here.
    if record.header(VERSION_HEADER) == Some("1") {
        return;
    }
    // What cannot be read is reported by the table of open applications.
    let Ok(StateRecord::Application(application)) = StateRecord::from_record(record) else { return };
    // Nobody waits for what the system does either, and at midnight that is very much.
    if application.history.last().is_some_and(|entry| entry.actor != Actor::System) {
        updates.apply_application(*application, true);
    }
}

fn apply_setting(updates: &LogUpdates, record: &Record) {
    match ScheduleRecord::from_record(record) {
        Ok(Some(ScheduleRecord::Schedule(schedule))) => updates.schedules.put(*schedule),
        Ok(Some(ScheduleRecord::Deleted(id))) => updates.schedules.delete(id),
        Ok(None) => {}
        Err(error) => skip(record, &error),
    }
}

fn apply_state(updates: &LogUpdates, record: &Record) {
    match StateRecord::from_record(record) {
        Ok(state) => updates.apply_state(&state, record.partition),
        Err(DecodeError::Tombstone) => {
            let id = record.key.as_deref().and_then(|key| std::str::from_utf8(key).ok()?.parse().ok());
            if let Some(id) = id.map(ApplicationId) {
                updates.open.forget(id, record.partition);
            }
        }
        Err(error) if updates.open.set_unreadable() => {
            report(record, &error, "from now on ClickHouse makes its lists");
        }
        // They may be many, if a newer version wrote them.
        Err(_) => {}
    }
}

fn skip(record: &Record, error: &DecodeError) {
    report(record, error, "it is skipped");
}

fn report(record: &Record, error: &DecodeError, then: &str) {
    tracing::error!(
        error.message = %error,
        record.topic = %record.topic,
        record.partition = record.partition,
        record.offset = record.offset,
        "the dashboard cannot read a record of {}: {then}",
        record.topic
    );
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use ebasvuru_analytics::read::WorklistFilter;
    use ebasvuru_workflow::command_client::CommandClient;
    use ebasvuru_workflow::domain::application::{Application, StatusName};
    use ebasvuru_workflow::log::embedded::EmbeddedLog;
    use ebasvuru_workflow::log::{Outgoing, Retention, TopicSpec};
    use ebasvuru_workflow::message::TYPE_HEADER;
    use jiff::Timestamp;

    use super::*;
    use crate::tests::World;

    fn eventually(what: &str, is: impl Fn() -> bool) {
        let began = Instant::now();
        while !is() {
            assert!(began.elapsed() < Duration::from_secs(20), "{what}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    #[test]
    fn open_applications_are_listed_as_the_log_has_them() {
        let (world, folder) = (World::new(), tempfile::tempdir().unwrap());
        let log = EmbeddedLog::open(&folder.path().join("log.sqlite")).unwrap();
        let names = [topic::USERS, topic::REPLIES, topic::SETTINGS, topic::APPLICATIONS];
        let topics = names.map(|name| TopicSpec { name, partitions: 1, retention: Retention::Forever });
        log.ensure_topics(&topics).unwrap();
        let log: Arc<dyn Log> = Arc::new(log);
        let producer: Arc<dyn ebasvuru_workflow::log::Producer> = Arc::from(log.producer().unwrap());
        let updates = LogUpdates::new(Arc::new(CommandClient::new(producer, Duration::from_secs(3))));
        let send = |record: Outgoing| drop(log.producer().unwrap().send(vec![record]).unwrap());
        let (first, second) = (world.application(1, ""), world.application(2, ""));
        send(first.to_record());

        let stop = CancellationToken::new();
        let feeds = Feeds::start(&log, &updates, &stop).unwrap();
        let filter = WorklistFilter {
            units: vec![first.unit.clone()],
            statuses: vec![StatusName::Unassigned],
            ..WorklistFilter::default()
        };
        let listed = || Some(updates.open.page(&filter, 10, Timestamp::UNIX_EPOCH)?.rows.len());
        eventually("what was there at the start", || listed() == Some(1));
        send(second.to_record());
        eventually("what comes", || listed() == Some(2));
        // What a command makes of it is kept, of which submissions are most.
        let of_version = |application: &Application, version: u64| {
            let mut application = Application { version, ..application.clone() };
            application.history[0].actor = Actor::Staff("sorumlu".parse().unwrap());
            let mut record = application.to_record();
            record.headers.push((VERSION_HEADER.into(), version.to_string().into()));
            record
        };
        send(of_version(&first, 1));
        send(of_version(&second, 2));
        let recent = |application: &Application| Some(updates.recent.by_no(&application.no)?.version);
        eventually("what was changed", || recent(&second) == Some(2));
        assert_eq!(recent(&first), None, "a submission");
        send(Outgoing { value: None, ..first.to_record() });
        eventually("what is gone", || listed() == Some(1));
        let newer = vec![(TYPE_HEADER.into(), "ebasvuru.application.v9".into())];
        send(Outgoing { headers: newer, ..first.to_record() });
        eventually("what cannot be read", || listed().is_none());
        stop.cancel();
        feeds.join();
    }
}
