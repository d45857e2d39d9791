//! Days and months with their names, in the language of the request.

use jiff::civil::Date;

use super::i18n::tr;

const SHORT: [&str; 12] =
    ["Oca", "Şub", "Mar", "Nis", "May", "Haz", "Tem", "Ağu", "Eyl", "Eki", "Kas", "Ara"];
const LONG: [&str; 12] = [
    "Ocak", "Şubat", "Mart", "Nisan", "Mayıs", "Haziran", "Temmuz", "Ağustos", "Eylül", "Ekim", "Kasım",
    "Aralık",
];

fn of(names: [&'static str; 12], date: Date) -> &'static str {
    usize::try_from(date.month() - 1).ok().and_then(|at| names.get(at)).map_or("", |name| tr(name))
}

/// `Şub`, `Feb`
#[must_use]
pub fn short(date: Date) -> &'static str {
    of(SHORT, date)
}

/// `Şub 2026`, `Feb 2026`
#[must_use]
pub fn short_year(date: Date) -> String {
    format!("{} {}", short(date), date.year())
}

/// `9 Şub`, `9 Feb`
#[must_use]
pub fn day(date: Date) -> String {
    format!("{} {}", date.day(), short(date))
}

/// Days from the first to the last: `9 Şubat 2026`, `9–15 Şubat 2026`, `30 Mart – 5 Nisan 2026`; a whole
/// month by its name alone.
#[must_use]
pub fn span(from: Date, last: Date) -> String {
    let (first, month, year) = (from.day(), of(LONG, last), last.year());
    if from == last {
        return format!("{first} {month} {year}");
    }
    if from == last.first_of_month() && last == last.last_of_month() {
        return format!("{month} {year}");
    }
    let end = last.day();
    if from.first_of_month() == last.first_of_month() {
        format!("{first}–{end} {month} {year}")
    } else if from.year() == year {
        format!("{first} {} – {end} {month} {year}", of(LONG, from))
    } else {
        format!("{first} {} {} – {end} {month} {year}", of(LONG, from), from.year())
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::view::i18n::{Language, with_language};

    #[test]
    fn days_and_months_are_named_in_the_language_of_the_request() {
        let all = || {
            [
                short_year(date(2026, 2, 9)),
                day(date(2026, 2, 9)),
                span(date(2026, 3, 12), date(2026, 3, 12)),
                span(date(2026, 3, 9), date(2026, 3, 15)),
                span(date(2026, 3, 30), date(2026, 4, 5)),
                span(date(2025, 12, 29), date(2026, 1, 4)),
                span(date(2026, 2, 1), date(2026, 2, 28)),
            ]
        };
        let turkish = [
            "Şub 2026",
            "9 Şub",
            "12 Mart 2026",
            "9–15 Mart 2026",
            "30 Mart – 5 Nisan 2026",
            "29 Aralık 2025 – 4 Ocak 2026",
            "Şubat 2026",
        ];
        assert_eq!(all(), turkish);
        let english = [
            "Feb 2026",
            "9 Feb",
            "12 March 2026",
            "9–15 March 2026",
            "30 March – 5 April 2026",
            "29 December 2025 – 4 January 2026",
            "February 2026",
        ];
        assert_eq!(with_language(Language::English, all), english);
    }
}
