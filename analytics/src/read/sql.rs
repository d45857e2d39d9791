//! Conditions with their values, which the server binds, and the two tables that they are about.

use std::borrow::Cow;

use clickhouse::query::Query;
use ebasvuru_workflow::domain::calendar::ISTANBUL;
use serde::Serialize;

use super::figure::open;
use crate::cut::Cut;

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

/// What no sweep has brought up to the cut.
macro_rules! unswept {
    () => {
        "NOT (topic = 'ebasvuru.archive' AND offset < arrayElement({swept:Array(Int64)}, partition + 1))"
    };
}

/// A table of applications, with what a query adds to read each application in it once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// The open ones, and those that no sweep has brought yet.
    Open,
    /// The closed ones that a sweep has brought.
    Closed,
}

impl Table {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::Open, Self::Closed];

    /// `FROM` up to the first condition, for open applications alone. Sweeps bring closed ones only.
    pub const OPEN_ALONE: &str = concat!("open_applications FINAL WHERE ", open!());

    /// `FROM` up to the first condition, for closed applications that no sweep has brought yet. A closed
    /// version is the last one, so that FINAL has nothing to do; but a row may be there twice.
    pub const CLOSED_OF_OPEN: &str = concat!("open_applications WHERE ", unswept!(), " AND stage = 'closed'");

    /// `FROM` up to the first condition.
    pub const fn from(self) -> &'static str {
        match self {
            Self::Open => concat!("open_applications FINAL WHERE ", unswept!()),
            Self::Closed => "closed_applications WHERE sweep > {no_sweep:UInt32} AND sweep <= {sweep:UInt32}",
        }
    }

    /// The day of the receipt, in Istanbul.
    pub fn received_on(self) -> String {
        match self {
            Self::Open => day_of("received_at"),
            Self::Closed => "received_on".to_owned(),
        }
    }

    /// The day of the closing, in Istanbul; that of the receipt of an application that is open.
    pub fn closed_on(self) -> String {
        match self {
            Self::Open => day_of("ifNull(closed_at, received_at)"),
            Self::Closed => "closed_on".to_owned(),
        }
    }

    /// The hour of the week of the receipt, in Istanbul, from 0, which is the first of Monday.
    pub fn hour_of_week(self) -> String {
        match self {
            Self::Open => format!(
                "toUInt8(toDayOfWeek(received_at, 1, '{ISTANBUL}') * 24 + toHour(received_at, '{ISTANBUL}'))"
            ),
            Self::Closed => "hour_of_week".to_owned(),
        }
    }
}

/// The day in Istanbul of a time.
pub fn day_of(time: &str) -> String {
    format!("toDate({time}, '{ISTANBUL}')")
}

/// Binds the cut to which [`Table::from`] refers.
pub fn bind_cut(query: Query, cut: &Cut) -> Query {
    query
        .param("swept", &cut.until)
        .param("no_sweep", Cut::before_the_first(cut.generation))
        .param("sweep", cut.sweep)
}

/// A condition, as each table has it.
#[derive(Clone, Debug)]
struct Clause {
    open: Cow<'static, str>,
    closed: Cow<'static, str>,
}

/// `WHERE` with its parameters.
#[derive(Clone, Debug, Default)]
pub struct Conditions {
    clauses: Vec<Clause>,
    /// Those of them that are met by applications of some services of some governorates only.
    narrow: Vec<&'static str>,
    params: Vec<(&'static str, Value)>,
}

impl Conditions {
    /// Adds a condition without a value.
    pub fn and(&mut self, clause: &'static str) {
        self.and_each(clause, clause);
    }

    /// Adds a condition that each table has in its own words.
    pub fn and_each(&mut self, open: impl Into<Cow<'static, str>>, closed: impl Into<Cow<'static, str>>) {
        self.clauses.push(Clause { open: open.into(), closed: closed.into() });
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

    /// Adds a condition with its value that is met by applications of some services of some governorates only.
    pub fn and_narrow(&mut self, clause: &'static str, name: &'static str, value: Value) {
        self.and_with(clause, name, value);
        self.narrow.push(clause);
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
        self.narrow.extend(other.narrow);
        self.params.extend(other.params);
    }

    /// What follows `WHERE` in a query of this table: each condition after an `AND`.
    pub fn sql(&self, table: Table) -> String {
        let clause = |clause: &Clause| match table {
            Table::Open => format!(" AND {}", clause.open),
            Table::Closed => format!(" AND {}", clause.closed),
        };
        self.clauses.iter().map(clause).collect()
    }

    /// The same for a read of [`Table::from`] or [`Table::OPEN_ALONE`]. FINAL reads all granules whose keys
    /// intersect with those in which an index finds something: nearly all of a table with a part of few rows.
    /// So the governorates and services, which lead the key and never change, are looked up first, in any
    /// version.
    pub fn of_current(&self, table: Table) -> String {
        let sql = self.sql(table);
        if table == Table::Closed || self.narrow.is_empty() {
            return sql;
        }
        let narrow = self.narrow.join(" AND ");
        format!(
            "{sql} AND (valilik, service) IN (SELECT DISTINCT valilik, service FROM open_applications WHERE {narrow})"
        )
    }

    /// Binds the values.
    pub fn bind(&self, query: Query) -> Query {
        self.params.iter().fold(query, |query, (name, value)| query.param(name, value))
    }
}

/// One query for each table, joined by `UNION ALL`.
pub fn union(tables: &[Table], query: impl Fn(Table) -> String) -> String {
    let queries: Vec<String> = tables.iter().map(|table| format!("({})", query(*table))).collect();
    queries.join("\nUNION ALL\n")
}

/// The condition of cells that they are of these months, in these versions. There must be one.
pub fn of_versions(cells: &[(u32, u64)]) -> String {
    let cells: Vec<String> = cells.iter().map(|(month, version)| format!("({month}, {version})")).collect();
    format!("(month, version) IN ({})", cells.join(", "))
}

/// The condition of closed applications whose number meets a condition.
macro_rules! by_number {
    ($condition:literal) => {
        concat!(
            "(unit, received_at, id) IN (SELECT unit, received_at, id FROM closed_snapshots WHERE ",
            $condition,
            ")"
        )
    };
}
pub(super) use by_number;
