//! The state of one part of the process, for `/readyz` and for people.

use std::mem::discriminant;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use crate::clock::Clock;
use crate::error_code::ErrorCode;

/// The state of a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HealthState {
    /// Not running yet.
    Starting,
    /// Waiting for something outside that is expected to return by itself.
    Waiting {
        /// The error code, if there is one.
        code: Option<ErrorCode>,
        /// One line: what it waits for.
        reason: String,
    },
    /// Retrying, but a person must act. The code has a page in docs/errors.
    Refused {
        /// The error code.
        code: ErrorCode,
        /// One line: what happened and what to do.
        detail: String,
    },
    /// Running.
    Running,
    /// Running, but a person must act before it stops. The code has a page in docs/errors.
    Warned {
        /// The error code.
        code: ErrorCode,
        /// One line: what will happen and what to do.
        detail: String,
    },
    /// Stopped until a person acts and starts it again. The code has a page in docs/errors.
    Halted {
        /// The error code.
        code: ErrorCode,
        /// One line: what happened and what to do.
        detail: String,
    },
}

impl HealthState {
    /// Whether the part does its work.
    #[must_use]
    pub const fn is_ready(&self) -> bool {
        matches!(self, Self::Running | Self::Warned { .. })
    }

    /// The error code, if there is one.
    #[must_use]
    pub const fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Starting | Self::Running => None,
            Self::Waiting { code, .. } => *code,
            Self::Refused { code, .. } | Self::Warned { code, .. } | Self::Halted { code, .. } => Some(*code),
        }
    }

    /// Whether the two differ in their detail at most: such a change is not logged.
    fn is_like(&self, other: &Self) -> bool {
        discriminant(self) == discriminant(other) && self.code() == other.code()
    }
}

/// The shared state of one part. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Health {
    name: Arc<str>,
    state: Arc<Mutex<(HealthState, Timestamp)>>,
}

impl Health {
    /// The state of a part that is starting.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self { name: name.into(), state: Arc::new(Mutex::new((HealthState::Starting, Clock::System.now()))) }
    }

    /// The name of the part.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The state now.
    #[must_use]
    pub fn state(&self) -> HealthState {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).0.clone()
    }

    /// Since when the state is of this kind.
    #[must_use]
    pub fn since(&self) -> Timestamp {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).1
    }

    /// Sets [`HealthState::Running`]; logs it once.
    pub fn running(&self) {
        if self.change(HealthState::Running) {
            tracing::info!(part.name = %self.name, "{} runs", self.name);
        }
    }

    /// Sets [`HealthState::Warned`]; logs it once, however often it is called.
    pub fn warned(&self, code: ErrorCode, detail: &str) {
        if self.change(HealthState::Warned { code, detail: detail.to_owned() }) {
            tracing::warn!(
                part.name = %self.name,
                error.code = code.as_str(),
                error.message = detail,
                "{} runs, and needs a person in time",
                self.name
            );
        }
    }

    /// Sets [`HealthState::Waiting`]; logs it once, however often it is called.
    pub fn waiting(&self, reason: &str) {
        self.waiting_with(None, reason);
    }

    /// As [`Health::waiting`], with the code of what it waits for.
    pub fn waiting_with(&self, code: Option<ErrorCode>, reason: &str) {
        if self.change(HealthState::Waiting { code, reason: reason.to_owned() }) {
            tracing::warn!(
                part.name = %self.name,
                error.code = code.map(ErrorCode::as_str),
                error.message = reason,
                "{} waits, and continues by itself",
                self.name
            );
        }
    }

    /// Sets [`HealthState::Refused`]; logs it once, however often it is called.
    pub fn refused(&self, code: ErrorCode, detail: &str) {
        if self.change(HealthState::Refused { code, detail: detail.to_owned() }) {
            tracing::error!(
                part.name = %self.name,
                error.code = code.as_str(),
                error.message = detail,
                "{} is refused, and tries again until a person has fixed the cause",
                self.name
            );
        }
    }

    /// Sets [`HealthState::Halted`]; logs it once.
    pub fn halted(&self, code: ErrorCode, detail: &str) {
        if self.change(HealthState::Halted { code, detail: detail.to_owned() }) {
            tracing::error!(
                part.name = %self.name,
                error.code = code.as_str(),
                error.message = detail,
                "{} has halted until a person has fixed the cause and starts it again",
                self.name
            );
        }
    }

    /// Sets the state; whether it is of another kind than before.
    fn change(&self, to: HealthState) -> bool {
        let mut now = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = !now.0.is_like(&to);
        if is_new {
            now.1 = Clock::System.now();
        }
        now.0 = to;
        is_new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warned_component_is_ready_and_since_is_the_start_of_the_wait() {
        let health = Health::new("part");
        assert!(!health.state().is_ready());
        health.warned(ErrorCode::KeysRunOut, "in May");
        assert!(health.state().is_ready());
        health.waiting("the log");
        let since = health.since();
        health.waiting("the log, still");
        assert_eq!(health.since(), since);
        assert_eq!((health.state().is_ready(), health.state().code()), (false, None));
    }
}
