//! What is due by the time, or because the directory changed.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::domain::application::{Application, Command, Refusal, clock_command, return_command};
use crate::domain::directory::Directory;
use crate::domain::ids::ApplicationId;
use crate::message::Decision;

use super::application::reply;
use super::uncommitted::Current;
use super::{StepError, WorkflowProcessor};

/// How many entries one step processes at most, so that its transaction is as short as that of a batch
/// of commands. The rest is processed in the next step.
const PER_STEP: usize = 2000;

impl WorkflowProcessor {
    /// Adds to the uncommitted changes what is due at `now`.
    pub(super) fn run_timers(&mut self, now: Timestamp) -> Result<(), StepError> {
        let mut budget = PER_STEP;
        if self.recheck_holders {
            self.return_unfit(now, &mut budget)?;
        }
        let partitions: Vec<i32> = self.partitions.keys().copied().collect();
        for partition in partitions {
            let Some(state) = self.partitions.get_mut(&partition) else { continue };
            let due: BTreeSet<_> = state.take_due(now, budget, self.retention).into_iter().collect();
            budget -= due.len().min(budget);
            self.uncommitted.timers.extend(due.iter().map(|id| (partition, *id)));
            for id in due {
                self.timer(partition, id, now)?;
            }
        }
        Ok(())
    }

    /// Returns applications to their units whose holders are no longer fit: inactive, of another role,
    /// or of another unit.
    fn return_unfit(&mut self, now: Timestamp, budget: &mut usize) -> Result<(), StepError> {
        let mut unfit = Vec::new();
        for (&partition, state) in &self.partitions {
            for holding in state.holdings() {
                // A holder who is not in the directory yet may still turn out to be fit.
                let known = self.directory.get(&holding.officer).is_some();
                if known && !self.directory.is_officer(&holding.officer, &holding.unit) {
                    unfit.extend(state.held_by(&holding).into_iter().map(|id| (partition, id)));
                }
            }
        }
        self.recheck_holders = unfit.len() > *budget;
        unfit.truncate(*budget);
        *budget -= unfit.len();
        for (partition, id) in unfit {
            self.open(partition, id, now, |application, directory| {
                return_command(application, directory, now)
            })?;
        }
        Ok(())
    }

    fn timer(&mut self, partition: i32, id: ApplicationId, now: Timestamp) -> Result<(), StepError> {
        let Some(state) = self.partitions.get(&partition) else { return Ok(()) };
        match self.uncommitted.current(partition, id, state)? {
            Current::Open(..) => {
                self.open(partition, id, now, |application, _| clock_command(application, now))?;
            }
            // The deduplication horizon has passed: the closed marker is removed.
            Current::Closed(_) => self.uncommitted.set(partition, id, Current::Absent),
            Current::Waiting(waiting) => {
                let decision = Decision::Refused {
                    code: Refusal::NotFound.code().into(),
                    text_tr: Refusal::NotFound.text_tr().into(),
                };
                let reply = reply(id, &waiting.command, decision, || None);
                self.uncommitted.outputs.extend(reply);
                self.uncommitted.set(partition, id, Current::Absent);
            }
            Current::Absent => {}
        }
        Ok(())
    }

    /// Decides the system's command on an open application, if there is one.
    fn open(
        &mut self,
        partition: i32,
        id: ApplicationId,
        now: Timestamp,
        command: impl FnOnce(&Application, &Directory) -> Option<Command>,
    ) -> Result<(), StepError> {
        let Some(state) = self.partitions.get(&partition) else { return Ok(()) };
        let Current::Open(application) = self.uncommitted.current(partition, id, state)? else {
            return Ok(());
        };
        match command(application, &self.directory) {
            Some(command) => self.application(partition, id, &command, now),
            None => Ok(()),
        }
    }
}
