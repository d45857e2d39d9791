//! What happened on each day, in cells of a day in Istanbul, a unit and a governorate. A sweep writes
//! those of closed applications to `closed_days`; a query counts those of the others itself.

use ebasvuru_workflow::domain::calendar::day_of;
use jiff::Timestamp;
use jiff::civil::Date;

use super::figure::{ANSWERED, OPEN, OVERDUE, RESPONSE_HOURS};
use super::report::ReportFilter;
use super::sql::{self, Conditions, Table, Value, of_versions, union};
use crate::cut::Cut;

/// What is counted, and at which moment of an application: its receipt (1), its closing (2), or when it
/// was decided whether the answer is in time (3).
const COUNTS: [(&str, &str); 10] = [
    ("received", "what = 1"),
    ("closed", "what = 2"),
    ("closed_overdue", "what = 2 AND late"),
    ("positive", "what = 2 AND outcome = 'positive'"),
    ("negative", "what = 2 AND outcome = 'negative'"),
    ("lapsed", "what = 2 AND outcome = 'lapsed'"),
    ("withdrawn", "what = 2 AND outcome = 'withdrawn'"),
    ("on_time", "what = 3 AND NOT late"),
    ("judged", "what = 3 AND (is_open OR is_answered)"),
    ("breached", "what = 3 AND late"),
];

/// The cells of closed applications: `day`, `unit`, `valilik`, the counts, and the `hours` from receipt to
/// answer of those answered on the day. `source` is what follows `FROM`.
pub fn cells(source: &str) -> String {
    let counts = COUNTS.map(|(key, condition)| format!("countIf({condition}) AS {key}"));
    format!(
        "SELECT day, unit, valilik, {}, groupArrayIf(hours_taken, what = 2 AND is_answered) AS hours
         FROM ({}) GROUP BY day, unit, valilik",
        counts.join(", "),
        moments(Table::Closed, source)
    )
}

/// The moments of these rows, each as a cell of its own: to group them into cells takes longer than to
/// count them one by one.
fn single_cells(table: Table, source: &str) -> String {
    let counts = COUNTS.map(|(key, condition)| format!("toUInt32({condition}) AS {key}"));
    format!(
        "SELECT day, unit, valilik, {}, if(what = 2 AND is_answered, [hours_taken], []) AS hours
         FROM ({}) WHERE day >= {{first:Date}}",
        counts.join(", "),
        moments(table, source)
    )
}

/// The columns of a cell in `closed_days`.
fn stored_columns() -> String {
    format!("{}, response_hours AS hours", COUNTS.map(|(key, _)| key).join(", "))
}

/// The counts of several cells together, each a `UInt64`.
pub fn sums() -> String {
    COUNTS.map(|(key, _)| format!("toUInt64(sum({key})) AS {key}")).join(", ")
}

/// A number that depends on the whole content of a cell, from the columns of `closed_days`, or from
/// [`cells`].
pub fn cell_hash(stored: bool) -> String {
    let hours = if stored { "response_hours" } else { "hours" };
    format!(
        "groupBitXor(sipHash64(day, toString(unit), valilik, {}, arraySort({hours})))",
        COUNTS.map(|(key, _)| format!("toUInt64({key})")).join(", ")
    )
}

/// Each application on the day of its receipt, of its closing, and of the moment that decided whether
/// its answer was in time ([`Moment::Judged`](super::Moment::Judged)).
fn moments(table: Table, source: &str) -> String {
    let due = sql::day_of("due_at");
    let [received, closed, breached, hours] = match table {
        Table::Open => {
            let [received, closed, breached] = ["received_at", "closed_at", "breached_at"].map(sql::day_of);
            [received, closed, breached, format!("toUInt16({RESPONSE_HOURS})")]
        }
        Table::Closed => ["received_on", "closed_on", "breached_on", "response_hours"].map(str::to_owned),
    };
    format!(
        "SELECT moment.1 AS what, assumeNotNull(moment.2) AS day, unit, valilik, outcome, late, is_open, is_answered,
             hours_taken
         FROM (
             SELECT {OVERDUE} AS late, {OPEN} AS is_open, {ANSWERED} AS is_answered, {hours} AS hours_taken,
                 unit, valilik, outcome,
                 arrayJoin([
                     (1, toNullable({received})),
                     (2, toNullable({closed})),
                     (3, multiIf(late, ifNull({breached}, {due}), is_answered, toNullable({closed}), NULL))
                 ]) AS moment
             FROM {source}
         ) WHERE isNotNull(moment.2)"
    )
}

/// The cells of some days and of the filter's scope, as [`cells`] has them.
pub struct Days {
    conditions: Conditions,
    sql: String,
}

impl Days {
    /// The cells of the filter's scope, from this day on. There may be several of the same day and place.
    pub fn since(first: Date, filter: &ReportFilter, cut: &Cut) -> Self {
        let mut conditions = filter.scope();
        conditions.param("first", Value::Text(clamped(first).to_string()));
        let count = |table: Table| {
            // No moment of an application is later than its closing, but for clocks that differ.
            let since = match table {
                Table::Open => "",
                Table::Closed => " AND closed_on + 1 >= {first:Date}",
            };
            let source = format!("{}{since}{}", table.from(), conditions.of_current(table));
            single_cells(table, &source)
        };
        // The cells do not tell services apart.
        let has_cells = filter.service.is_none() && !cut.figures.is_empty();
        let sql = union(&Table::BOTH, |table| {
            if table == Table::Open || !has_cells {
                return count(table);
            }
            format!(
                "SELECT day, unit, valilik, {} FROM closed_days WHERE {} AND day >= {{first:Date}}{}",
                stored_columns(),
                of_versions(&cut.figures),
                conditions.sql(table)
            )
        });
        Self { conditions, sql }
    }

    /// The query of the cells.
    pub fn sql(&self) -> &str {
        &self.sql
    }

    /// The values of the query.
    pub const fn conditions(&self) -> &Conditions {
        &self.conditions
    }
}

/// The first day that ClickHouse's `Date` has.
const FIRST_DAY: Date = Date::constant(1970, 1, 1);
/// And its last.
const LAST_DAY: Date = Date::constant(2149, 6, 6);

/// The day, or the nearest one that ClickHouse's `Date` has.
pub fn clamped(day: Date) -> Date {
    day.clamp(FIRST_DAY, LAST_DAY)
}

/// The days of a filter: the first one, and the one after the last.
pub fn period_of(filter: &ReportFilter) -> (Date, Date) {
    let day = |at: Option<Timestamp>, otherwise| at.map_or(otherwise, |at| clamped(day_of(at)));
    (day(filter.from, FIRST_DAY), day(filter.until, LAST_DAY))
}
