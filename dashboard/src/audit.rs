//! Records who opens which personal data, before it is shown.

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use ebasvuru_workflow::clock::Clock;
use ebasvuru_workflow::domain::application::Application;
use ebasvuru_workflow::domain::ids::UserName;
use ebasvuru_workflow::log::{LogError, Outgoing, Producer};
use ebasvuru_workflow::message::{Access, Message as _, Opened};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

/// How many openings wait at most. While the log is away, the next ones fail at once.
const MOST_WAITING: usize = 1_024;
/// How many openings are appended together at most.
const MOST_TOGETHER: usize = 256;
/// How long a page waits. The record may then be in the log although nobody saw the page.
const PATIENCE: Duration = Duration::from_secs(5);

/// Appends to `ebasvuru.audit`, on one thread: what many people open at the same time is one append.
pub struct Audit {
    openings: mpsc::Sender<Opening>,
    clock: Clock,
}

/// What one page or document opens.
struct Opening {
    records: Vec<Outgoing>,
    recorded: oneshot::Sender<Result<(), String>>,
}

impl Audit {
    /// Appends with this producer until it is dropped.
    ///
    /// # Errors
    /// There is no thread.
    pub fn start(producer: Arc<dyn Producer>, clock: Clock) -> std::io::Result<Self> {
        let (openings, waiting) = mpsc::channel(MOST_WAITING);
        thread::Builder::new().name("dash-audit".into()).spawn(move || append(producer.as_ref(), waiting))?;
        Ok(Self { openings, clock })
    }

    /// Returns once the record that this person opens these parts of an application is durable.
    ///
    /// # Errors
    /// The log's: then nothing of it may be shown.
    pub async fn record(
        &self,
        user: &UserName,
        application: &Application,
        opened: &[Opened],
    ) -> Result<(), LogError> {
        let at = self.clock.now();
        let access = |what: &Opened| Access {
            id: Uuid::new_v4(),
            at,
            user: user.clone(),
            application: application.id,
            no: application.no.clone(),
            what: *what,
        };
        let records = opened.iter().map(|what| access(what).to_record()).collect();
        let (recorded, appended) = oneshot::channel();
        let unavailable = |why: &str| LogError::Unavailable(format!("who opens what is not recorded: {why}"));
        self.openings.try_send(Opening { records, recorded }).map_err(|error| match error {
            TrySendError::Full(_) => unavailable("too many wait"),
            TrySendError::Closed(_) => unavailable("the thread ended"),
        })?;
        match tokio::time::timeout(PATIENCE, appended).await {
            Ok(Ok(Ok(()))) => Ok(()),
            Ok(Ok(Err(why))) => Err(unavailable(&why)),
            Ok(Err(_)) => Err(unavailable("the thread ended")),
            Err(_) => Err(unavailable("the log took too long")),
        }
    }
}

fn append(producer: &dyn Producer, mut waiting: mpsc::Receiver<Opening>) {
    let (mut openings, mut away) = (Vec::new(), false);
    while waiting.blocking_recv_many(&mut openings, MOST_TOGETHER) > 0 {
        // Whose page has been given up sees nothing.
        openings.retain(|opening| !opening.recorded.is_closed());
        let records = openings.iter_mut().flat_map(|opening| std::mem::take(&mut opening.records)).collect();
        let appended = producer.send(records).map(drop).map_err(|error| error.to_string());
        // Those who wait may have gone by now.
        if let Err(why) = &appended
            && !away
        {
            tracing::error!(error.message = why, "who opens what cannot be recorded: nothing can be opened");
        }
        away = appended.is_err();
        for opening in openings.drain(..) {
            let _ = opening.recorded.send(appended.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Condvar, Mutex};

    use futures_util::future::join_all;

    use super::*;
    use crate::tests::World;

    /// A log that is away until it is released, and counts how many records come at once.
    #[derive(Default)]
    struct Held {
        released: Mutex<bool>,
        release: Condvar,
        appended: Mutex<Vec<usize>>,
    }

    impl Held {
        fn release(&self) {
            *self.released.lock().unwrap() = true;
            self.release.notify_all();
        }
    }

    impl Producer for Held {
        fn send(&self, records: Vec<Outgoing>) -> Result<Vec<(i32, i64)>, LogError> {
            let released = self.released.lock().unwrap();
            drop(self.release.wait_while(released, |released| !*released).unwrap());
            self.appended.lock().unwrap().push(records.len());
            Ok(records.iter().map(|_| (0, 0)).collect())
        }
    }

    #[tokio::test]
    async fn many_openings_are_few_appends_and_when_too_many_wait_the_next_ones_fail_at_once() {
        let world = World::new();
        let (application, user) = (world.application(1, ""), "sorumlu".parse().unwrap());
        let log = Arc::new(Held::default());
        let audit = Audit::start(Arc::<Held>::clone(&log), world.app.clock.clone()).unwrap();
        let open = || audit.record(&user, &application, &[Opened::Detail, Opened::Others]);
        // Those beyond the ones that the thread has taken, at most, and the ones that wait.
        let all = MOST_TOGETHER + MOST_WAITING + 10;
        let release = async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            log.release();
        };
        let (results, ()) = tokio::join!(join_all((0..all).map(|_| open())), release);
        let recorded = results.iter().filter(|result| result.is_ok()).count();
        assert!((MOST_WAITING..all).contains(&recorded), "{recorded} of {all}");
        let appended = log.appended.lock().unwrap().clone();
        assert_eq!(appended.iter().sum::<usize>(), 2 * recorded);
        assert!(appended.len() <= 2 + recorded / MOST_TOGETHER, "{appended:?}");
    }

    #[tokio::test]
    async fn a_page_waits_for_the_log_for_a_while_and_not_longer() {
        let world = World::new();
        let (application, user) = (world.application(1, ""), "sorumlu".parse().unwrap());
        let log = Arc::new(Held::default());
        let audit = Audit::start(Arc::<Held>::clone(&log), world.app.clock.clone()).unwrap();
        let late = audit.record(&user, &application, &[Opened::Detail]).await;
        assert!(late.is_err_and(|error| error.to_string().contains("too long")));
        log.release();
        assert!(audit.record(&user, &application, &[Opened::Detail]).await.is_ok());
    }
}
