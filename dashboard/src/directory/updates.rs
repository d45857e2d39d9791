//! What records read from the log change.

use std::sync::Arc;

use ebasvuru_workflow::command_client::CommandClient;
use ebasvuru_workflow::domain::application::Application;
use ebasvuru_workflow::message::{Decision, Reply, ReplyTo, StateRecord};

use super::closed::ClosedCounts;
use super::open::{News, OpenApplications};
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
    /// How many closed applications units have.
    pub closed: Arc<ClosedCounts>,
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
            closed: Arc::default(),
            open: Arc::default(),
        }
    }

    /// Applies the newest state of an application. `changed`: by a command, just now.
    pub fn apply_application(&self, application: Application, changed: bool) {
        self.tell(self.open.put(&application), Some(&application));
        self.recent.put(Arc::new(application), changed);
    }

    /// Applies a record of the state, from this partition.
    pub fn apply_state(&self, state: &StateRecord, partition: i32) {
        let application = match state {
            StateRecord::Application(application) => Some(&**application),
            _ => None,
        };
        self.tell(self.open.apply(state, partition), application);
    }

    /// Forgets what was read from ClickHouse: what has changed until now is not known.
    pub fn forget_kept(&self) {
        self.others.clear();
        self.closed.clear();
    }

    fn tell(&self, news: News, application: Option<&Application>) {
        // Even if it is no news: the log may have told of it by a marker, which has neither unit nor person, and may
        // know it in the unit that it had before a havale.
        if let Some(closed) = application.filter(|application| application.status.is_closed()) {
            self.closed.changed(&closed.unit);
            self.others.submitted(&closed.applicant.tckn_index);
        }
        match (news, application) {
            (News::Submitted, Some(application)) => self.others.submitted(&application.applicant.tckn_index),
            // A marker alone: it was submitted and closed at once, and nothing says where.
            (News::Submitted, None) => self.forget_kept(),
            (News::Closed(unit), _) => self.closed.changed(&unit),
            (News::None, _) => {}
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;
    use std::time::Duration;

    use ebasvuru_analytics::read::UnitClosed;
    use ebasvuru_workflow::domain::application::{ClosedMarker, Outcome, Status};
    use ebasvuru_workflow::domain::catalog::UnitId;
    use ebasvuru_workflow::domain::ids::CommandId;
    use uuid::Uuid;

    use super::*;
    use crate::directory::HasUntil;
    use crate::tests::World;

    #[test]
    fn what_is_closed_in_a_unit_is_counted_anew() {
        let world = World::new();
        let open = world.application(1, "");
        let status = Status::Closed { outcome: Outcome::Withdrawn, officer: None, at: world.app.clock.now() };
        let closed = Application { status, version: open.version + 1, ..open.clone() };
        let marker = StateRecord::ClosedMarker(ClosedMarker::of(&closed).unwrap());
        let state = |application: &Application| StateRecord::Application(Box::new(application.clone()));
        let elsewhere: UnitId = "06-nufus".parse().unwrap();
        let reply = Reply {
            command_id: CommandId(Uuid::nil()),
            to: ReplyTo::Application(open.id),
            decision: Decision::Accepted { version: closed.version },
            application: Some(Box::new(Application { unit: elsewhere.clone(), ..closed.clone() })),
            user: None,
            schedule: None,
        };
        let unknown = Application { id: world.application(2, "").id, ..closed.clone() };
        let unknown_marker = StateRecord::ClosedMarker(ClosedMarker::of(&unknown).unwrap());
        let newer = Application { version: closed.version, ..open.clone() };
        // What is told, and of which of the two units the counts stay.
        type Told<'a> = &'a dyn Fn(&LogUpdates);
        let courses: [(&str, Told<'_>, [bool; 2]); 8] = [
            ("a state", &|updates| updates.apply_application(closed.clone(), true), [false, true]),
            ("a marker", &|updates| updates.apply_state(&marker, 0), [false, true]),
            (
                "a record of an older version",
                &|updates| updates.apply_state(&state(&closed), 0),
                [false, true],
            ),
            (
                "a state of an unknown one",
                &|updates| updates.apply_application(unknown.clone(), true),
                [false, true],
            ),
            (
                "a marker of an unknown one",
                &|updates| updates.apply_state(&unknown_marker, 0),
                [false, false],
            ),
            (
                "a reply after a marker, from a unit to which it has just gone",
                &|updates| {
                    updates.apply_state(&marker, 0);
                    updates.apply_reply(reply.clone());
                },
                [false, false],
            ),
            (
                "a state that is not closed",
                &|updates| updates.apply_application(newer.clone(), true),
                [true, true],
            ),
            ("a new one", &|updates| updates.apply_state(&state(&world.application(2, "")), 0), [true, true]),
        ];
        for (what, tell, stay) in courses {
            let producer = Arc::from(world.app.log.producer().unwrap());
            let updates = LogUpdates::new(Arc::new(CommandClient::new(producer, Duration::ZERO)));
            updates.open.complete().store(true, Ordering::Release);
            updates.apply_state(&state(&open), 0);
            let units = [&open.unit, &elsewhere];
            for unit in units {
                updates.closed.keep(unit.clone(), UnitClosed::default(), HasUntil::now());
            }
            tell(&updates);
            assert_eq!(units.map(|unit| updates.closed.get(unit, |_| Some(())).is_some()), stay, "{what}");
        }
    }
}
