//! Conditions with their values, bound on the server's side.

use clickhouse::query::Query;
use serde::Serialize;

/// A value of a named parameter.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// A number, or a moment in milliseconds.
    Int(i64),
    /// A text.
    Text(String),
    /// Several numbers.
    Ints(Vec<i64>),
    /// Several texts.
    Texts(Vec<String>),
}

/// Of the person with this index. Never changes, so the keys are found first, in whatever version,
/// by the index and without FINAL.
pub const OF_PERSON: &str = "(valilik, service, id) IN (SELECT valilik, service, id FROM applications \
     WHERE tckn_index = {tckn:String})";

/// `WHERE` with its parameters.
#[derive(Clone, Debug, Default)]
pub struct Conditions {
    clauses: Vec<&'static str>,
    params: Vec<(&'static str, Value)>,
}

impl Conditions {
    /// A condition without a value of its own.
    pub fn and(&mut self, clause: &'static str) {
        self.clauses.push(clause);
    }

    /// A value for `{name:Type}`.
    pub fn param(&mut self, name: &'static str, value: Value) {
        self.params.push((name, value));
    }

    /// A condition with its value.
    pub fn and_with(&mut self, clause: &'static str, name: &'static str, value: Value) {
        self.and(clause);
        self.param(name, value);
    }

    /// A condition on one text, if there is one.
    pub fn and_text<T: ToString>(&mut self, clause: &'static str, name: &'static str, text: Option<&T>) {
        if let Some(text) = text {
            self.and_with(clause, name, Value::Text(text.to_string()));
        }
    }

    /// All of another's conditions, too.
    pub fn all_of(&mut self, other: Self) {
        self.clauses.extend(other.clauses);
        self.params.extend(other.params);
    }

    /// The clause itself.
    pub fn sql(&self) -> String {
        if self.clauses.is_empty() { "1".into() } else { self.clauses.join(" AND ") }
    }

    /// Hands the values over.
    pub fn bind(&self, query: Query) -> Query {
        self.params.iter().fold(query, |query, (name, value)| query.param(name, value))
    }
}
