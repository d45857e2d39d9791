//! Periods on the axis of time: days, weeks or months, whichever a drawing has room for.

use jiff::ToSpan;
use jiff::civil::Date;

use super::text;
use crate::controllers::report::filter::Period;
use crate::view::month;

/// The length of the parts of a period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A day.
    Day,
    /// Seven days, from the first day of the period on; the last part has what is left, too.
    Week,
    /// A month of the calendar; the first and the last may be incomplete.
    Month,
}

impl Step {
    /// The shortest step that divides a period into at most so many parts, or a month.
    pub fn at_most(period: Period, parts: usize) -> Self {
        let fits = |step: &Self| step.parts(period).len() <= parts;
        [Self::Day, Self::Week].into_iter().find(fits).unwrap_or(Self::Month)
    }

    /// The parts of a period.
    pub fn parts(self, period: Period) -> Vec<Period> {
        let mut parts = Vec::new();
        let mut from = period.from;
        while from <= period.last {
            let end = match self {
                Self::Day => from,
                Self::Week if period.last < from.saturating_add(13.days()) => period.last,
                Self::Week => from.saturating_add(6.days()),
                Self::Month => from.last_of_month(),
            };
            let last = end.min(period.last);
            parts.push(Period { from, last });
            let Ok(next) = last.tomorrow() else { break };
            from = next;
        }
        parts
    }
}

/// The name of a part in short: its month, or its first day if it is shorter than a fortnight.
pub fn name(part: Period) -> String {
    if part.days() < 14 { month::day(part.from) } else { month::short_year(part.last) }
}

/// A label of the axis: the part that it stands at, and its words.
pub type Label = (usize, String);

/// The labels of an axis with these parts, as many as there is room for without touching; `middle` is the
/// place of a part, and the axis ends at `width`. Labels stand at beginnings: of weeks, of months, of years.
pub fn labels(parts: &[Period], width: i32, font: i32, middle: impl Fn(usize) -> i32) -> Vec<(Label, i32)> {
    /// At least so much between two labels.
    const GAP: i32 = 8;
    let placed = |labels: Vec<Label>| {
        let mut row: Vec<(Label, i32)> = Vec::new();
        let mut free = 0;
        let mut all = true;
        for label in labels {
            let half = text::width(&label.1, font) / 2 + 1;
            let x = middle(label.0).min(width - half).max(half);
            if x - half < free {
                all = false;
            } else {
                free = x + half + GAP;
                row.push((label, x));
            }
        }
        (all && !row.is_empty(), row)
    };
    let mut last = Vec::new();
    for candidate in candidates(parts) {
        let (all, row) = placed(candidate);
        if all {
            return row;
        }
        if !row.is_empty() {
            last = row;
        }
    }
    last
}

/// The labels that an axis may have, from the densest to the sparsest.
fn candidates(parts: &[Period]) -> impl Iterator<Item = Vec<Label>> {
    let days = parts.iter().all(|part| part.from == part.last);
    let by_day = [1_usize, 2, 7, 14].into_iter().filter(move |_| days).map(|stride| {
        let wanted = move |i: usize, day: Date| match stride {
            7 => day.weekday() == jiff::civil::Weekday::Monday,
            stride => i.is_multiple_of(stride),
        };
        let days = parts.iter().map(|part| part.from).enumerate();
        days.filter(|(i, day)| wanted(*i, *day)).map(|(i, day)| (i, month::day(day))).collect()
    });
    let by_part = (!days).then(|| parts.iter().map(|part| name(*part)).enumerate().collect());
    let by_month = [1_i8, 2, 3, 6, 12].into_iter().map(|stride| {
        let begins = |part: &Period| {
            let first = part.last.first_of_month();
            (first >= part.from || parts.len() == 1).then_some(first)
        };
        let months = parts.iter().enumerate().filter_map(|(i, part)| Some((i, begins(part)?)));
        let mut year = None;
        months
            .filter(|(_, first)| ((first.month() - 1) % stride) == 0)
            .map(|(i, first)| {
                let named = year.replace(first.year()) == Some(first.year());
                (i, if named { month::short(first).to_owned() } else { month::short_year(first) })
            })
            .collect()
    });
    by_day.chain(by_part).chain(by_month)
}
