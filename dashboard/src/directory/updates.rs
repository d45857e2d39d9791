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
        // Even if it is no news: the log may have told of it by a marker, which has no person.
        if let Some(closed) = application.filter(|application| application.status.is_closed()) {
            self.others.submitted(&closed.applicant.tckn_index);
        }
        match (news, application) {
            (News::Submitted, Some(application)) => self.others.submitted(&application.applicant.tckn_index),
            (News::Closed(closing), _) => self.closed.closed(closing),
            (News::ClosedSomewhere, _) => self.forget_kept(),
            (News::Submitted, None) | (News::None, _) => {}
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
    use jiff::ToSpan;
    use uuid::Uuid;

    use super::*;
    use crate::directory::HasUntil;
    use crate::tests::World;

    #[test]
    fn what_is_closed_in_a_unit_is_counted_there() {
        let world = World::new();
        let open = world.application(1, "");
        let now = world.app.clock.now();
        let at = now + 1.minute();
        let status = Status::Closed { outcome: Outcome::Withdrawn, officer: None, at };
        let closed = Application { status, version: open.version + 1, ..open.clone() };
        let marker = StateRecord::ClosedMarker(ClosedMarker::of(&closed).unwrap());
        let later = Application { version: closed.version + 1, ..closed.clone() };
        let later_marker = StateRecord::ClosedMarker(ClosedMarker::of(&later).unwrap());
        let state = |application: &Application| StateRecord::Application(Box::new(application.clone()));
        let elsewhere: UnitId = "06-nufus".parse().unwrap();
        let reply = |application: &Application| Reply {
            command_id: CommandId(Uuid::nil()),
            to: ReplyTo::Application(open.id),
            decision: Decision::Accepted { version: application.version },
            application: Some(Box::new(application.clone())),
            user: None,
            schedule: None,
        };
        let unknown = Application { id: world.application(2, "").id, ..closed.clone() };
        let unknown_marker = StateRecord::ClosedMarker(ClosedMarker::of(&unknown).unwrap());
        let moved = Application { unit: elsewhere.clone(), ..later.clone() };
        let newer = Application { version: closed.version, ..open.clone() };
        // What is told, and how many the two units have.
        type Told<'a> = &'a dyn Fn(&LogUpdates);
        let courses: [(&str, Told<'_>, [Option<u64>; 2]); 9] = [
            ("a state", &|updates| updates.apply_application(closed.clone(), true), [Some(1), Some(0)]),
            ("a marker", &|updates| updates.apply_state(&marker, 0), [Some(1), Some(0)]),
            ("a marker after more than its end", &|updates| updates.apply_state(&later_marker, 0), [None; 2]),
            ("a record", &|updates| updates.apply_state(&state(&closed), 0), [Some(1), Some(0)]),
            (
                "a state of an unknown one",
                &|updates| updates.apply_application(unknown.clone(), true),
                [Some(1), Some(0)],
            ),
            ("a marker of an unknown one", &|updates| updates.apply_state(&unknown_marker, 0), [None; 2]),
            (
                "a marker and a reply",
                &|updates| {
                    updates.apply_state(&marker, 0);
                    updates.apply_reply(reply(&closed));
                },
                [Some(1), Some(0)],
            ),
            (
                "a reply from a unit to which it has just gone, and a marker",
                &|updates| {
                    updates.apply_reply(reply(&moved));
                    updates.apply_state(&later_marker, 0);
                },
                [Some(0), Some(1)],
            ),
            (
                "what is not closed",
                &|updates| {
                    updates.apply_application(newer.clone(), true);
                    updates.apply_state(&state(&world.application(2, "")), 0);
                },
                [Some(0), Some(0)],
            ),
        ];
        for (what, tell, counted) in courses {
            let producer = Arc::from(world.app.log.producer().unwrap());
            let updates = LogUpdates::new(Arc::new(CommandClient::new(producer, Duration::ZERO)));
            updates.open.complete().store(true, Ordering::Release);
            updates.apply_state(&state(&open), 0);
            let units = [open.unit.clone(), elsewhere.clone()];
            let (asked, _) = updates.closed.ask(&units, Some(HasUntil::now()));
            for unit in &units {
                updates.closed.keep(&asked, unit.clone(), UnitClosed::default(), now);
            }
            tell(&updates);
            assert_eq!(units.each_ref().map(|unit| updates.closed.count(unit, None, at)), counted, "{what}");
        }
    }
}
