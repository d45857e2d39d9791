//! Sends the scheduled reports.
//!
//! Every dashboard with a mail server looks at all of them. What is due it claims by a command; of
//! several that claim one occurrence, the workflow accepts one. Whoever the state then names as the
//! sender sends the mail and says what became of it. A process that dies in between leaves a sending
//! without an outcome, which nobody repeats but a person (decision 0061).

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use ebasvuru_workflow::domain::actor::Actor;
use ebasvuru_workflow::domain::ids::{CommandId, ScheduleId};
use ebasvuru_workflow::domain::schedule::{
    Schedule, ScheduleCommand, ScheduleCommandBody, Sending, SendingOutcome, Undelivered,
};
use ebasvuru_workflow::error_code::ErrorCode;
use ebasvuru_workflow::message::Decision;
use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::controllers::report::compose;
use crate::mail::{Mail, MailError, Mailer};
use crate::metric;
use crate::view::i18n::tr;
use crate::web::app::AppState;

/// How often the schedules are looked at.
const TICK: Duration = Duration::from_secs(1);
/// How long a claim without a reply is waited for before it is given again.
const ASKED_AGAIN: Duration = Duration::from_secs(60);
/// The pauses before another attempt: 14 minutes in all.
const PAUSES: [Duration; 6] = [
    Duration::from_secs(10),
    Duration::from_secs(30),
    Duration::from_secs(60),
    Duration::from_mins(2),
    Duration::from_mins(4),
    Duration::from_mins(6),
];
/// After this time no attempt begins: well before others count the sending as lost.
const GIVE_UP: SignedDuration = SignedDuration::from_mins(15);
/// The pause before an outcome is recorded again.
const RECORD_AGAIN: Duration = Duration::from_secs(5);
/// How long a process that stops waits for a mail that is on its way.
const LAST_MAIL: Duration = Duration::from_secs(30);

/// Sends what is due, and what "Şimdi Gönder" asks of this process.
pub struct Sender {
    app: AppState,
    stop: CancellationToken,
    pauses: Arc<[Duration]>,
    /// Claims that were given, and when.
    asked: HashMap<CommandId, Instant>,
    /// Sendings of this process, each of which begins once.
    begun: HashSet<CommandId>,
    tasks: JoinSet<()>,
}

impl Sender {
    /// A sender that has begun nothing.
    #[must_use]
    pub fn new(app: AppState, stop: CancellationToken) -> Self {
        Self {
            app,
            stop,
            pauses: PAUSES.into(),
            asked: HashMap::new(),
            begun: HashSet::new(),
            tasks: JoinSet::new(),
        }
    }

    /// Sends until `stop` is cancelled, once the schedules are `ready`. A mail that is on its way then
    /// is finished.
    pub async fn run(mut self, ready: impl Fn() -> bool) {
        while !self.stop.is_cancelled() {
            if ready() {
                self.tick().await;
            }
            let _ = timeout(TICK, self.stop.cancelled()).await;
        }
        let _ = timeout(LAST_MAIL, self.finish()).await;
    }

    /// Claims what is due, and begins what is this process's to send.
    async fn tick(&mut self) {
        let app = Arc::clone(&self.app);
        let Some(mailer) = &app.mailer else { return };
        for schedule in app.schedules.all() {
            let now = app.clock.now();
            if let Some(due) = schedule.due(now).filter(|_| !schedule.is_sending(now)) {
                self.claim(mailer, schedule.id, due.at).await;
            }
            let Some(schedule) = app.schedules.get(schedule.id) else { continue };
            let own = |sending: &&Sending| sending.sender == mailer.sender && !sending.is_over(now);
            if let Some(sending) = schedule.sending.as_ref().filter(own)
                && self.begun.insert(sending.id)
            {
                let delivery = Delivery {
                    app: Arc::clone(&app),
                    sending: sending.clone(),
                    schedule,
                    pauses: Arc::clone(&self.pauses),
                    stop: self.stop.clone(),
                };
                self.tasks.spawn(delivery.run());
            }
        }
        while self.tasks.try_join_next().is_some() {}
    }

    /// As a tick, until every mail is sent.
    #[cfg(test)]
    pub async fn look(&mut self) {
        self.tick().await;
        self.finish().await;
    }

    /// A sender with these pauses between attempts.
    #[cfg(test)]
    pub fn with_pauses(app: AppState, stop: CancellationToken, pauses: &[Duration]) -> Self {
        Self { pauses: pauses.into(), ..Self::new(app, stop) }
    }

    /// Claims what is due, and dies before it sends.
    #[cfg(test)]
    pub async fn claim_only(&mut self) {
        self.tick().await;
        self.tasks.abort_all();
        self.finish().await;
    }

    /// Waits for every mail that is on its way.
    async fn finish(&mut self) {
        while self.tasks.join_next().await.is_some() {}
    }

    /// The reply does not matter: the state says whose the occurrence is. The id is this process's own,
    /// because a reply is read by every dashboard, and "accepted" must mean one of them.
    async fn claim(&mut self, mailer: &Mailer, schedule: ScheduleId, occurrence: Timestamp) {
        let sender = mailer.sender;
        let id = CommandId::deterministic(&schedule.to_string(), &format!("{occurrence}/{sender}"));
        self.asked.retain(|_, at| at.elapsed() < ASKED_AGAIN);
        if self.asked.contains_key(&id) {
            return;
        }
        self.asked.insert(id, Instant::now());
        let body = ScheduleCommandBody::StartSending { sender, occurrence: Some(occurrence) };
        if let Err(error) = self.app.commands.execute_schedule(&command(&self.app, id, schedule, body)).await
        {
            tracing::debug!(error.message = %error, command.id = %id, "no reply to a claim yet");
        }
    }
}

/// A command of the product itself.
fn command(
    app: &AppState,
    id: CommandId,
    schedule: ScheduleId,
    body: ScheduleCommandBody,
) -> ScheduleCommand {
    ScheduleCommand { id, actor: Actor::System, expected_version: None, at: app.clock.now(), schedule, body }
}

/// One sending, from the report to its outcome.
struct Delivery {
    app: AppState,
    schedule: Arc<Schedule>,
    sending: Sending,
    pauses: Arc<[Duration]>,
    stop: CancellationToken,
}

/// The recipients of a sending, by what became of their mail.
struct Progress {
    /// Who is still to get it, with what was last said.
    waiting: Vec<Undelivered>,
    delivered: usize,
    refused: Vec<Undelivered>,
}

impl Delivery {
    async fn run(self) {
        let Some(mailer) = &self.app.mailer else { return };
        let progress = self.deliver(mailer).await;
        let (delivered, mut undelivered) = (progress.delivered, progress.refused);
        undelivered.extend(progress.waiting);
        self.report(delivered, undelivered.len());
        self.record(SendingOutcome { at: self.app.clock.now(), delivered, undelivered }).await;
    }

    /// Sends to each recipient until the server has taken or refused all mails, or there is no time left.
    async fn deliver(&self, mailer: &Mailer) -> Progress {
        let recipients = self.schedule.terms.recipients.iter().cloned();
        let (allowed, others): (Vec<_>, Vec<_>) = recipients.partition(|to| mailer.allows(to));
        let with = |reason: &'static str| move |to| Undelivered { to, reason: reason.to_owned() };
        let mut progress = Progress {
            waiting: allowed.into_iter().map(with("")).collect(),
            delivered: 0,
            refused: others.into_iter().map(with(tr("Bu alan adına gönderim kapalıdır."))).collect(),
        };
        let mut mail: Option<Mail> = None;
        for pause in std::iter::once(&Duration::ZERO).chain(self.pauses.iter()) {
            let stopped = timeout(*pause, self.stop.cancelled()).await.is_ok();
            if progress.waiting.is_empty() || stopped || self.is_late() {
                break;
            }
            if mail.is_none() {
                match compose(&self.app, mailer, &self.schedule.terms, &self.sending).await {
                    Ok(composed) => mail = Some(composed),
                    Err(MailError::Away(why)) => progress.say(&why),
                    Err(MailError::Refused(why)) => {
                        progress.say(&why);
                        break;
                    }
                }
            }
            if let Some(mail) = &mail {
                self.round(mailer, mail, &mut progress).await;
            }
        }
        progress
    }

    /// One attempt for each recipient who has not got it yet.
    async fn round(&self, mailer: &Mailer, mail: &Mail, progress: &mut Progress) {
        for recipient in std::mem::take(&mut progress.waiting) {
            if self.is_late() {
                progress.waiting.push(recipient);
                continue;
            }
            match mailer.send(mail, &recipient.to).await {
                Ok(()) => progress.delivered += 1,
                Err(MailError::Away(reason)) => progress.waiting.push(Undelivered { reason, ..recipient }),
                Err(MailError::Refused(reason)) => progress.refused.push(Undelivered { reason, ..recipient }),
            }
        }
    }

    fn is_late(&self) -> bool {
        self.app.clock.now().duration_since(self.sending.started_at) >= GIVE_UP
    }

    fn report(&self, delivered: usize, undelivered: usize) {
        metrics::counter!(metric::REPORT_MAILS, "outcome" => "delivered").increment(delivered as u64);
        metrics::counter!(metric::REPORT_MAILS, "outcome" => "undelivered").increment(undelivered as u64);
        if undelivered == 0 {
            tracing::info!(
                schedule.id = %self.schedule.id,
                mail.delivered = delivered,
                "a scheduled report was sent"
            );
        } else {
            tracing::error!(
                error.code = ErrorCode::ReportNotSent.as_str(),
                schedule.id = %self.schedule.id,
                mail.delivered = delivered,
                mail.undelivered = undelivered,
                "a scheduled report was not sent to everybody"
            );
        }
    }

    /// Records the outcome; tries until it is in the log.
    async fn record(&self, outcome: SendingOutcome) {
        let sending = self.sending.id;
        let id = CommandId::deterministic(&self.schedule.id.to_string(), &format!("{sending}/outcome"));
        let body = ScheduleCommandBody::EndSending { sending, outcome };
        let command = command(&self.app, id, self.schedule.id, body);
        loop {
            match self.app.commands.execute_schedule(&command).await {
                Ok(reply) => {
                    if let Decision::Refused { code, .. } = reply.decision {
                        // It was deleted meanwhile, or sent again after it had been counted as lost.
                        tracing::warn!(
                            schedule.id = %self.schedule.id,
                            refusal.code = code,
                            "the outcome of a sending was not recorded"
                        );
                    }
                    return;
                }
                Err(error) if self.stop.is_cancelled() => {
                    tracing::warn!(
                        schedule.id = %self.schedule.id,
                        error.message = %error,
                        "the outcome of a sending may not be recorded"
                    );
                    return;
                }
                Err(_) => sleep(RECORD_AGAIN).await,
            }
        }
    }
}

impl Progress {
    /// The same reason for all who wait.
    fn say(&mut self, why: &str) {
        self.waiting.iter_mut().for_each(|recipient| why.clone_into(&mut recipient.reason));
    }
}
