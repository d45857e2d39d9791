//! Numbers in the language of the request: one way for pages, charts and sentences.

use super::i18n::{Language, current_language};

/// The marks of the language: of thousands, and of decimals.
fn marks() -> (char, char) {
    if current_language() == Language::English { (',', '.') } else { ('.', ',') }
}

fn grouped(digits: &str) -> String {
    let (mark, _) = marks();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(mark);
        }
        out.push(digit);
    }
    out
}

/// `1.234.567`, `1,234,567`
#[must_use]
pub fn thousands(n: u64) -> String {
    grouped(&n.to_string())
}

/// `1.234,5`, `1,234.5`; finite numbers only.
#[must_use]
pub fn decimal(n: f64, places: usize) -> String {
    let text = format!("{:.places$}", n.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let zero = text.chars().all(|c| matches!(c, '0' | '.'));
    let sign = if n < 0.0 && !zero { "-" } else { "" };
    let (_, mark) = marks();
    let rest = if fraction.is_empty() { String::new() } else { format!("{mark}{fraction}") };
    format!("{sign}{}{rest}", grouped(whole))
}

/// `1234,5`, `1234.5`: for programs that read the language's decimals but no groups.
#[must_use]
pub fn ungrouped(n: f64, places: usize) -> String {
    let (_, mark) = marks();
    format!("{n:.places$}").replace('.', &mark.to_string())
}

/// `%12,5`, `12.5%`; `share` is 1 for the whole.
#[must_use]
pub fn share(share: f64) -> String {
    percent(share, 1)
}

/// A share without decimals: `%13`, `13%`.
#[must_use]
pub fn round_share(share: f64) -> String {
    percent(share, 0)
}

fn percent(share: f64, places: usize) -> String {
    let percent = decimal(share * 100.0, places);
    if current_language() == Language::English {
        return format!("{percent}%");
    }
    percent.strip_prefix('-').map_or_else(|| format!("%{percent}"), |percent| format!("-%{percent}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::i18n::with_language;

    #[test]
    fn numbers_follow_the_language() {
        let all = || {
            [
                thousands(1_234_567),
                decimal(4.5, 1),
                decimal(-12_345.678, 2),
                decimal(1e6, 0),
                decimal(-0.01, 1),
            ]
            .into_iter()
            .chain([share(0.1234), share(-0.5), round_share(0.615), ungrouped(-12_345.678, 2)])
            .collect::<Vec<_>>()
        };
        let turkish =
            ["1.234.567", "4,5", "-12.345,68", "1.000.000", "0,0", "%12,3", "-%50,0", "%62", "-12345,68"];
        assert_eq!(all(), turkish);
        let english =
            ["1,234,567", "4.5", "-12,345.68", "1,000,000", "0.0", "12.3%", "-50.0%", "62%", "-12345.68"];
        assert_eq!(with_language(Language::English, all), english);
        assert_eq!([0, 12, 999, 1000].map(thousands), ["0", "12", "999", "1.000"]);
    }
}
