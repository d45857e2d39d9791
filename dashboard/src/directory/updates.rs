//! What records read from the log change.

use std::sync::Arc;

use ebasvuru_workflow::command_client::CommandClient;
use ebasvuru_workflow::domain::application::Application;
use ebasvuru_workflow::message::{Decision, Reply, ReplyTo, StateRecord};

use super::open::OpenApplications;
use super::others::RecentOthers;
use super::recent::RecentApplications;
use super::schedules::ScheduleDirectory;
use super::users::UserDirectory;

/// Everything that records read from the log change.
#[derive(Clone, Debug)]
pub struct LogUpdates {
    /// Those who wait for a reply.
    pub commands: Arc<CommandClient>,
    /// The users.
    pub users: Arc<UserDirectory>,
    /// The scheduled reports.
    pub schedules: Arc<ScheduleDirectory>,
    /// The applications that commands have changed last.
    pub recent: Arc<RecentApplications>,
    /// The lists of a person's other applications that were read last.
    pub others: Arc<RecentOthers>,
    /// The open applications.
    pub open: Arc<OpenApplications>,
}

impl LogUpdates {
    /// Updates for the replies to `commands`, with nothing read yet.
    #[must_use]
    pub fn new(commands: Arc<CommandClient>) -> Self {
        Self {
            commands,
            users: Arc::default(),
            schedules: Arc::default(),
            recent: Arc::default(),
            others: Arc::default(),
            open: Arc::default(),
        }
    }

    /// Applies the newest state of an application. `changed`: by a command, just now.
    pub fn apply_application(&self, application: Application, changed: bool) {
        if self.open.put(&application) {
            self.others.submitted(&application.applicant.tckn_index);
        }
        self.recent.put(Arc::new(application), changed);
    }

    /// Applies a record of the state, from this partition.
    pub fn apply_state(&self, state: &StateRecord, partition: i32) {
        if self.open.apply(state, partition)
            && let StateRecord::Application(application) = state
        {
            self.others.submitted(&application.applicant.tckn_index);
        }
    }

    /// Applies a reply to any command. The request that waits for it is woken last.
    pub fn apply_reply(&self, reply: Reply) {
        if let Some(application) = &reply.application {
            let accepted = matches!(reply.decision, Decision::Accepted { .. });
            self.apply_application(application.as_ref().clone(), accepted);
        }
        if let Some(user) = &reply.user {
            self.users.apply_reply(user);
        }
        match (&reply.to, &reply.schedule) {
            (ReplyTo::Schedule(_), Some(schedule)) => self.schedules.put(schedule.as_ref().clone()),
            (ReplyTo::Schedule(id), None) => self.schedules.delete(*id),
            _ => {}
        }
        self.commands.complete(reply);
    }
}
