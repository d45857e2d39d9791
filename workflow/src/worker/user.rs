//! Commands on users.

use std::sync::Arc;

use jiff::Timestamp;

use crate::domain::sealed::Sealed;
use crate::domain::user::{self, User, UserCommand};
use crate::log::Record;
use crate::message::{Decision, DecodeError, Message, Reply, ReplyTo};

use super::{WorkflowProcessor, is_asked_by_somebody};

impl WorkflowProcessor {
    /// Decides one command on a user. The commands after it in the same batch see its changes; an abort
    /// restores the directory.
    pub(super) fn user(&mut self, command: &UserCommand, now: Timestamp) {
        let before = self.directory.get(&command.user).cloned();
        let ctx = user::UserContext { now, catalog: &self.catalog, directory: &self.directory };
        let (decision, after) = match user::decide(before.as_deref(), command, &ctx) {
            Ok(events) => {
                let changed = !events.is_empty();
                let mut state = before.as_deref().cloned();
                for event in &events {
                    state = user::evolve(state, event);
                    self.uncommitted.outputs.push(event.to_record());
                }
                if let Some(after) = state.as_ref().filter(|_| changed) {
                    self.changed(after);
                }
                (Decision::Accepted { version: state.as_ref().map_or(0, |user| user.version) }, state)
            }
            Err(refusal) => (
                Decision::Refused { code: refusal.code().into(), text_tr: refusal.text_tr().into() },
                before.as_deref().cloned(),
            ),
        };
        if is_asked_by_somebody(&command.actor) {
            let reply: Reply = Reply {
                command_id: command.id,
                to: ReplyTo::User(command.user.clone()),
                decision,
                application: None,
                user: after.map(|user| Box::new(User { password: Sealed("".into()), ..user })),
                schedule: None,
            };
            self.uncommitted.outputs.push(reply.to_record());
        }
    }

    /// Takes a record of the directory's topic.
    pub(super) fn observe_user(&mut self, record: &Record) -> Result<(), DecodeError> {
        if record.value.is_none() || !self.knows(record) {
            return Ok(());
        }
        let user = User::from_record(record)?;
        // This worker knows its own commits before it reads them.
        let known = self.directory.get(&user.name).filter(|known| known.version > user.version);
        let user = known.cloned().unwrap_or_else(|| Arc::new(user));
        self.directory.put(user, record.offset);
        self.recheck_holders = true;
        Ok(())
    }

    fn changed(&mut self, after: &User) {
        self.uncommitted.outputs.push(after.to_record());
        self.uncommitted.directory_before.get_or_insert_with(|| self.directory.clone());
        // The change is known but not read from the topic: the offset of the directory stays.
        self.directory.put(Arc::new(after.clone()), self.directory.offset() - 1);
    }
}
