//! How a part of the process is doing, for `/readyz` and for people.

use std::sync::{Arc, Mutex, PoisonError};

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
    /// Stopped until a person has looked: the code has a page in docs/errors.
    Halted {
        /// The error code.
        code: &'static str,
        /// One line: what happened and what to do.
        detail: String,
    },
}

/// A shared place where one part keeps its state. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Health {
    name: Arc<str>,
    state: Arc<Mutex<State>>,
}

impl Health {
    /// A part that is starting.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self { name: name.into(), state: Arc::new(Mutex::new(State::Starting)) }
    }

    /// The part's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The state now.
    #[must_use]
    pub fn state(&self) -> State {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// At work; said in the log when it was not before.
    pub fn running(&self) {
        if self.change(State::Running) {
            tracing::info!(part = %self.name, "at work");
        }
    }

    /// Waiting; said once in the log, however often it is tried.
    pub fn waiting(&self, what_for: &str) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let said = matches!(*state, State::Waiting(_));
        *state = State::Waiting(what_for.to_owned());
        if !said {
            tracing::warn!(part = %self.name, reason = what_for, "waiting, will go on by itself");
        }
    }

    /// Refused; said once in the log, however often it is tried.
    pub fn refused(&self, code: &'static str, detail: &str) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let said = matches!(&*state, State::Refused { code: before, .. } if *before == code);
        *state = State::Refused { code, detail: detail.to_owned() };
        if !said {
            tracing::error!(part = %self.name, code, detail, "refused until someone has mended it; tried on");
        }
    }

    /// Stopped until a person has looked.
    pub fn halted(&self, code: &'static str, detail: &str) {
        if self.change(State::Halted { code, detail: detail.to_owned() }) {
            tracing::error!(part = %self.name, code, detail, "stopped until someone has looked");
        }
    }

    fn change(&self, to: State) -> bool {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = *state != to;
        *state = to;
        changed
    }
}
