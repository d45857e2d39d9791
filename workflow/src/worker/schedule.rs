//! Commands on scheduled reports.

use jiff::Timestamp;

use crate::domain::schedule::{self, Schedule, ScheduleCommand};
use crate::log::Record;
use crate::message::{Decision, DecodeError, Message, Reply, ReplyTo, ScheduleRecord, type_of};

use super::WorkflowProcessor;

impl WorkflowProcessor {
    /// Decides one command on a scheduled report, as [`WorkflowProcessor::user`] does on users. There is
    /// a reply to each: the dashboard waits for those of people, and its own are few.
    pub(super) fn schedule(&mut self, command: &ScheduleCommand, now: Timestamp) {
        let before = self.schedules.get(command.schedule).cloned();
        let version = |schedule: &Option<Schedule>| schedule.as_ref().map_or(0, |it| it.version);
        let ctx = schedule::ScheduleContext { now, directory: &self.directory, count: self.schedules.len() };
        let before = before.as_deref().cloned();
        let (decision, after) = match schedule::decide(before.as_ref(), command, &ctx) {
            Ok(None) => (Decision::Accepted { version: version(&before) }, before),
            Ok(Some(event)) => {
                self.uncommitted.outputs.push(event.to_record());
                self.uncommitted.schedules_before.get_or_insert_with(|| self.schedules.clone());
                let after = schedule::evolve(before, &event);
                let record = match &after {
                    Some(schedule) => {
                        self.schedules.put(schedule.clone());
                        schedule.to_record()
                    }
                    None => {
                        self.schedules.delete(command.schedule);
                        ScheduleRecord::deletion(command.schedule)
                    }
                };
                self.uncommitted.outputs.push(record);
                (Decision::Accepted { version: event.seq }, after)
            }
            Err(refusal) => {
                let (code, text_tr) = (refusal.code().into(), refusal.text_tr().into());
                (Decision::Refused { code, text_tr }, before)
            }
        };
        let reply: Reply = Reply {
            command_id: command.id,
            to: ReplyTo::Schedule(command.schedule),
            decision,
            application: None,
            user: None,
            schedule: after.map(Box::new),
        };
        self.uncommitted.outputs.push(reply.to_record());
    }

    /// Takes a record of the settings' topic. Other settings there are no concern of this worker.
    pub(super) fn observe_setting(&mut self, record: &Record) -> Result<(), DecodeError> {
        if type_of(record) == Schedule::TYPE && !self.knows(record) {
            return Ok(());
        }
        match ScheduleRecord::from_record(record)? {
            Some(ScheduleRecord::Schedule(schedule)) => self.schedules.put(*schedule),
            Some(ScheduleRecord::Deleted(id)) => self.schedules.delete(id),
            None => {}
        }
        Ok(())
    }
}
