//! The choices of a select.

use ebasvuru_workflow::domain::turkish;
use serde::Serialize;

/// One choice.
#[derive(Clone, Debug, Serialize)]
pub struct Choice {
    value: String,
    label: String,
    chosen: bool,
}

impl Choice {
    /// `chosen` is the current value of the form or address.
    pub fn new(value: impl ToString, label: impl Into<String>, chosen: &str) -> Self {
        let value = value.to_string();
        Self { chosen: value == chosen, value, label: label.into() }
    }
}

/// The choices in Turkish alphabetical order.
#[must_use]
pub fn sorted(choices: impl IntoIterator<Item = Choice>) -> Vec<Choice> {
    let mut choices: Vec<_> = choices.into_iter().collect();
    choices.sort_by(|a, b| turkish::compare(&a.label, &b.label));
    choices
}
