//! The choices of a select.

use ebasvuru_workflow::domain::turkish;
use serde::Serialize;

use super::i18n::tr;

/// The longest label of a value that is in no list, in characters.
const LONGEST_UNLISTED: usize = 80;

/// One choice.
#[derive(Clone, Debug, Serialize)]
pub struct Choice {
    value: String,
    label: String,
    chosen: bool,
    /// What a filter says of a value that is not in its list; empty for one of the list.
    unlisted: &'static str,
}

impl Choice {
    /// `chosen` is the current value of the form or address.
    pub fn new(value: impl ToString, label: impl Into<String>, chosen: &str) -> Self {
        let value = value.to_string();
        Self { chosen: value == chosen, value, label: label.into(), unlisted: "" }
    }
}

/// The choices of a filter, and the value of the address too if it is none of them: the page shows what
/// the filter holds. `applied`: whether the list is narrowed by it nevertheless.
#[must_use]
pub fn with_unlisted(
    mut choices: Vec<Choice>,
    value: &str,
    applied: bool,
    label: impl FnOnce() -> String,
) -> Vec<Choice> {
    if !value.is_empty() && !choices.iter().any(|choice| choice.chosen) {
        let unlisted = tr(if applied {
            "Bu değer listede yok."
        } else {
            "Bu değer tanınmıyor; koşul uygulanmadı."
        });
        let label: String = label().chars().take(LONGEST_UNLISTED).collect();
        choices.insert(0, Choice { unlisted, ..Choice::new(value, label, value) });
    }
    choices
}

/// The label of the choice that is taken; "Tümü" if there is none.
#[must_use]
pub fn label_of_chosen(choices: &[Choice]) -> String {
    let chosen = choices.iter().find(|choice| choice.chosen);
    chosen.map_or_else(|| tr("Tümü").to_owned(), |choice| choice.label.clone())
}

/// The choices in Turkish alphabetical order.
#[must_use]
pub fn sorted(choices: impl IntoIterator<Item = Choice>) -> Vec<Choice> {
    let mut choices: Vec<_> = choices.into_iter().collect();
    choices.sort_by(|a, b| turkish::compare(&a.label, &b.label));
    choices
}
