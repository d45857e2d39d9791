//! The printed table: a line for each figure, with its reference and its goal.

use crate::broker::Run;

/// A figure, and its reference in the same run.
pub struct Line {
    pub what: String,
    pub figure: String,
    pub reference: String,
    /// The figure divided by the reference, if there is one.
    pub ratio: Option<f64>,
    pub goal: Goal,
}

/// The goal of a figure.
pub enum Goal {
    /// No goal.
    None,
    /// The goal in words, and whether it was met.
    Of(&'static str, bool),
}

pub fn head(name: &str) {
    println!("\n{name:<44} {:>16} {:>16} {:>7}  goal\n{}", "figure", "reference", "ratio", "─".repeat(104));
}

pub fn print(line: &Line) {
    let ratio = line.ratio.map(|ratio| format!("{ratio:.2}")).unwrap_or_default();
    let goal = match line.goal {
        Goal::None => String::new(),
        Goal::Of(words, true) => words.to_owned(),
        Goal::Of(words, false) => format!("{words}  MISSED"),
    };
    println!("{:<44} {:>16} {:>16} {ratio:>7}  {goal}", line.what, line.figure, line.reference);
}

/// The line of a rate and its reference, each the median of several rounds.
pub fn rates(what: &str, mut rounds: Vec<(f64, f64)>, words: &'static str, at_least: f64) -> Line {
    rounds.sort_by(|a, b| (a.0 / a.1).total_cmp(&(b.0 / b.1)));
    let (ours, reference) = rounds[rounds.len() / 2];
    let ratio = ours / reference;
    Line {
        what: what.into(),
        figure: rate(ours),
        reference: rate(reference),
        ratio: Some(ratio),
        goal: Goal::Of(words, ratio >= at_least),
    }
}

/// The line of the bytes that a run read and wrote.
pub fn volume(run: &Run) -> Line {
    let (read, wrote) = run.bytes;
    Line {
        what: "  MB that it wrote; that it read".into(),
        figure: thousands(wrote as f64 / 1e6),
        reference: thousands(read as f64 / 1e6),
        ratio: Some(wrote as f64 / read as f64),
        goal: Goal::None,
    }
}

/// `12 345/s`
pub fn rate(per_second: f64) -> String {
    format!("{}/s", thousands(per_second))
}

pub fn thousands(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut spaced = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            spaced.push(' ');
        }
        spaced.push(digit);
    }
    spaced
}
