//! Cells: days and times are dates, numbers are numbers with a format.

use ebasvuru_workflow::domain::text;
use jiff::Timestamp;
use jiff::civil::DateTime;
use rust_xlsxwriter::{Format, Worksheet, XlsxError};

use crate::controllers::report::table::Cell;
use crate::view::i18n::tr;
use crate::view::labels;

/// The longest text of a cell, in characters. A longer one ends with "…".
const CELL_CHARS: usize = 32_767;

/// How cells are shown, in the language of the request. Excel itself chooses the marks of thousands and of
/// decimals.
pub struct Formats {
    /// `None` for Excel's own, which costs least in a long list.
    text: Option<Format>,
    count: Format,
    day: Format,
    moment: Format,
    share: Format,
    /// Days in a column of their own, whose heading has the unit.
    days: Format,
    /// Days among other numbers.
    days_with_unit: Format,
}

impl Formats {
    /// For rows.
    pub fn plain() -> Self {
        Self { text: None, ..Self::of(&Format::new()) }
    }

    /// For the row of totals.
    pub fn bold() -> Self {
        Self::of(&Format::new().set_bold())
    }

    fn of(base: &Format) -> Self {
        let of = |format: &str| base.clone().set_num_format(format);
        Self {
            text: Some(base.clone()),
            count: of("#,##0"),
            day: of("dd.mm.yyyy"),
            moment: of("dd.mm.yyyy hh:mm"),
            share: of("0.0%"),
            days: of("0.00"),
            days_with_unit: of(&format!("0.00\" {}\"", tr("gün"))),
        }
    }
}

/// A cell. `has_unit` says whether the heading of its column says "days".
pub fn write(
    sheet: &mut Worksheet,
    y: u32,
    x: u16,
    cell: &Cell,
    has_unit: bool,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let mut text = |text: &str| match &formats.text {
        Some(format) => sheet.write_string_with_format(y, x, text, format).map(drop),
        None => sheet.write_string(y, x, text).map(drop),
    };
    let (number, format) = match cell {
        Cell::None => return Ok(()),
        Cell::Linked(inner, _) => return write(sheet, y, x, inner, has_unit, formats),
        Cell::Text(words) => return text(&text::shortened(words, CELL_CHARS)),
        Cell::Coded(..) => return text(&cell.display()),
        Cell::Day(day) => (serial(day.at(0, 0, 0, 0)), &formats.day),
        Cell::Moment(at) => (in_turkey(*at), &formats.moment),
        Cell::Share(share) => (*share, &formats.share),
        Cell::Count(..) => (cell.number().unwrap_or_default(), &formats.count),
        Cell::Time(_) | Cell::Days(_) => {
            let format = if has_unit { &formats.days } else { &formats.days_with_unit };
            (cell.number().unwrap_or_default(), format)
        }
    };
    sheet.write_number_with_format(y, x, number, format).map(drop)
}

/// Excel's number for a time, as clocks in Turkey show it.
pub fn in_turkey(at: Timestamp) -> f64 {
    serial(at.to_zoned(labels::istanbul()).datetime())
}

/// Excel's number for a time of the clock on the wall: days since 30.12.1899. To the second, because
/// Excel rounds what it shows.
fn serial(at: DateTime) -> f64 {
    const DAY_SECONDS: f64 = 86_400.0;
    let epoch = jiff::civil::date(1899, 12, 30);
    let days = epoch.until(at.date()).map_or(0, |span| span.get_days());
    let time = at.time();
    let seconds = (i32::from(time.hour()) * 60 + i32::from(time.minute())) * 60 + i32::from(time.second());
    f64::from(days) + f64::from(seconds) / DAY_SECONDS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_times_are_numbers_of_the_clock_in_turkey() {
        assert!((serial(jiff::civil::date(2026, 11, 25).at(0, 0, 0, 0)) - 46_351.0).abs() < f64::EPSILON);
        let late = in_turkey("2026-11-25T22:30:00Z".parse().unwrap());
        assert!((late - (46_352.0 + 1.5 / 24.0)).abs() < 1e-9, "the day after, at 01:30");
    }
}
