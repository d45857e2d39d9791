//! Conditions with their values, which the server binds.

use clickhouse::query::Query;
use serde::Serialize;

/// A value of a named parameter.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// A number, or a time in milliseconds.
    Int(i64),
    /// A text.
    Text(String),
    /// Several numbers.
    Ints(Vec<i64>),
    /// Several texts.
    Texts(Vec<String>),
}

/// The applications of the person with this index. The index of an application never changes, so the
/// keys are looked up in any version first, without FINAL.
pub const OF_PERSON: &str = "(valilik, service, id) IN (SELECT valilik, service, id FROM applications \
     WHERE tckn_index = {tckn:String})";

/// `WHERE` with its parameters.
#[derive(Clone, Debug, Default)]
pub struct Conditions {
    clauses: Vec<&'static str>,
    params: Vec<(&'static str, Value)>,
}

impl Conditions {
    /// Adds a condition without a value.
    pub fn and(&mut self, clause: &'static str) {
        self.clauses.push(clause);
    }

    /// Adds the value of `{name:Type}`.
    pub fn param(&mut self, name: &'static str, value: Value) {
        self.params.push((name, value));
    }

    /// Adds a condition with its value.
    pub fn and_with(&mut self, clause: &'static str, name: &'static str, value: Value) {
        self.and(clause);
        self.param(name, value);
    }

    /// Adds a condition on a text, if there is one.
    pub fn and_text<T: ToString>(&mut self, clause: &'static str, name: &'static str, text: Option<&T>) {
        if let Some(text) = text {
            self.and_with(clause, name, Value::Text(text.to_string()));
        }
    }

    /// Adds all conditions of another.
    pub fn all_of(&mut self, other: Self) {
        self.clauses.extend(other.clauses);
        self.params.extend(other.params);
    }

    /// The text after `WHERE`.
    pub fn sql(&self) -> String {
        if self.clauses.is_empty() { "1".into() } else { self.clauses.join(" AND ") }
    }

    /// Binds the values.
    pub fn bind(&self, query: Query) -> Query {
        self.params.iter().fold(query, |query, (name, value)| query.param(name, value))
    }
}
