//! How a part of the process is doing, for `/readyz` and for people.

use std::mem::discriminant;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use crate::clock::Clock;

/// What a part says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Not yet at work.
    Starting,
    /// Waiting for something outside that will return by itself, and what for.
    Waiting(String),
    /// Tried again and again, but it takes a person: the code has a page in docs/errors.
    Refused {
        /// The error code.
        code: &'static str,
        /// One line: what happened and what to do.
        detail: String,
    },
    /// At work.
    Running,
    /// At work, and will not be for ever unless a person does something: the code has a page in
    /// docs/errors.
    Warned {
        /// The error code.
        code: &'static str,
        /// One line: what will happen and what to do.
        detail: String,
    },
    /// Stopped until a person has looked: the code has a page in docs/errors.
    Halted {
        /// The error code.
        code: &'static str,
        /// One line: what happened and what to do.
        detail: String,
    },
}

impl State {
    /// Whether the part is at work.
    #[must_use]
    pub const fn is_ready(&self) -> bool {
        matches!(self, Self::Running | Self::Warned { .. })
    }

    /// The error code, if there is one.
    #[must_use]
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::Starting | Self::Waiting(_) | Self::Running => None,
            Self::Refused { code, .. } | Self::Warned { code, .. } | Self::Halted { code, .. } => Some(code),
        }
    }

    /// Whether somebody who knows the one has nothing to learn from the other.
    fn is_like(&self, other: &Self) -> bool {
        discriminant(self) == discriminant(other) && self.code() == other.code()
    }
}

/// A shared place where one part keeps its state. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Health {
    name: Arc<str>,
    state: Arc<Mutex<(State, Timestamp)>>,
}

impl Health {
    /// A part that is starting.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self { name: name.into(), state: Arc::new(Mutex::new((State::Starting, Clock::System.now()))) }
    }

    /// The part's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The state now.
    #[must_use]
    pub fn state(&self) -> State {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).0.clone()
    }

    /// Since when it is in a state of this kind.
    #[must_use]
    pub fn since(&self) -> Timestamp {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).1
    }

    /// At work; said in the log when it was not before.
    pub fn running(&self) {
        if self.change(State::Running) {
            tracing::info!(part.name = %self.name, "{} runs", self.name);
        }
    }

    /// At work, with a warning; said once in the log, however often it is found.
    pub fn warned(&self, code: &'static str, detail: &str) {
        if self.change(State::Warned { code, detail: detail.to_owned() }) {
            tracing::warn!(
                part.name = %self.name,
                error.code = code,
                error.message = detail,
                "{} runs, and needs a person in time",
                self.name
            );
        }
    }

    /// Waiting; said once in the log, however often it is tried.
    pub fn waiting(&self, what_for: &str) {
        if self.change(State::Waiting(what_for.to_owned())) {
            tracing::warn!(
                part.name = %self.name,
                error.message = what_for,
                "{} waits, and continues by itself",
                self.name
            );
        }
    }

    /// Refused; said once in the log, however often it is tried.
    pub fn refused(&self, code: &'static str, detail: &str) {
        if self.change(State::Refused { code, detail: detail.to_owned() }) {
            tracing::error!(
                part.name = %self.name,
                error.code = code,
                error.message = detail,
                "{} is refused, and tries again until a person has fixed the cause",
                self.name
            );
        }
    }

    /// Stopped until a person has looked.
    pub fn halted(&self, code: &'static str, detail: &str) {
        if self.change(State::Halted { code, detail: detail.to_owned() }) {
            tracing::error!(
                part.name = %self.name,
                error.code = code,
                error.message = detail,
                "{} has halted until a person has fixed the cause and starts it again",
                self.name
            );
        }
    }

    /// Whether that is news.
    fn change(&self, to: State) -> bool {
        let mut now = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let news = !now.0.is_like(&to);
        if news {
            now.1 = Clock::System.now();
        }
        now.0 = to;
        news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_is_ready_and_the_start_of_a_wait_is_kept() {
        let health = Health::new("part");
        assert!(!health.state().is_ready());
        health.warned("keys_run_out", "in May");
        assert!(health.state().is_ready());
        health.waiting("the log");
        let since = health.since();
        health.waiting("the log, still");
        assert_eq!(health.since(), since);
        assert_eq!((health.state().is_ready(), health.state().code()), (false, None));
    }
}
