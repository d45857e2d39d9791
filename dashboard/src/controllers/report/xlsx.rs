//! XLSX: days and times are dates, numbers are numbers with a format, in sheets with a frozen heading
//! that filters.

use std::collections::HashSet;

use ebasvuru_workflow::domain::text;
use jiff::Timestamp;
use jiff::civil::DateTime;
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

use super::table::{Cell, Section};
use crate::view::i18n::tr;
use crate::view::labels;

/// The media type.
pub const MEDIA_TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The maximum number of rows of a sheet without its heading.
pub const MAX_SHEET_ROWS: u32 = 1_048_575;
/// The longest text of a cell, in characters. A longer one ends with "…".
const CELL_CHARS: usize = 32_767;
/// The longest name of a sheet, in characters.
const SHEET_NAME_CHARS: usize = 31;
/// The widest column of a report, in pixels; texts that are wider are cut off on the screen only.
const MAX_WIDTH_PIXELS: u32 = 420;

/// How cells are shown, in the language of the request.
pub struct Formats {
    heading: Format,
    day: Format,
    moment: Format,
    share: Format,
    /// Days in a column of their own, whose heading has the unit.
    days: Format,
    /// Days among other numbers.
    days_with_unit: Format,
}

impl Formats {
    /// The formats; Excel itself chooses the decimal mark.
    pub fn new() -> Self {
        let of = |format: &str| Format::new().set_num_format(format);
        Self {
            heading: Format::new().set_bold(),
            day: of("dd.mm.yyyy"),
            moment: of("dd.mm.yyyy hh:mm"),
            share: of("0.0%"),
            days: of("0.00"),
            days_with_unit: of(&format!("0.00\" {}\"", tr("gün"))),
        }
    }
}

/// All tables of a report, one on each sheet.
pub fn sections(sections: &[Section]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let (formats, mut names) = (Formats::new(), HashSet::new());
    for section in sections {
        let table = &section.table;
        let sheet = book.add_worksheet().set_name(sheet_name(&section.title, &mut names))?;
        let labels: Vec<_> = (0..table.columns.len()).map(|x| table.file_label(x)).collect();
        heading(sheet, labels.iter().map(String::as_str), &formats)?;
        let has_unit: Vec<_> = (0..table.columns.len()).map(|x| table.is_days(x)).collect();
        let mut last = 0;
        for (y, row) in (1..).zip(&table.rows) {
            for ((x, cell), has_unit) in (0..).zip(row).zip(&has_unit) {
                write(sheet, y, x, cell, *has_unit, &formats)?;
            }
            last = y;
        }
        end(sheet, last, labels.len())?;
        // Below the range of the filter, so that no filter and no pivot table takes it for a row.
        if let Some(total) = &table.total {
            sheet.set_row_format(last + 1, &formats.heading)?;
            for ((x, cell), has_unit) in (0..).zip(total).zip(&has_unit) {
                write(sheet, last + 1, x, cell, *has_unit, &formats)?;
            }
        }
        sheet.set_autofit_max_width(MAX_WIDTH_PIXELS).autofit();
    }
    book.save_to_buffer()
}

/// The first row, in bold and frozen.
pub fn heading<'a>(
    sheet: &mut Worksheet,
    labels: impl IntoIterator<Item = &'a str>,
    formats: &Formats,
) -> Result<(), XlsxError> {
    for (x, label) in (0..).zip(labels) {
        sheet.write_string_with_format(0, x, label, &formats.heading)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}

/// What a sheet needs once its last row is known: the filter of its heading.
pub fn end(sheet: &mut Worksheet, last: u32, columns: usize) -> Result<(), XlsxError> {
    if let Some(last_column) = columns.checked_sub(1).and_then(|x| u16::try_from(x).ok()) {
        sheet.autofilter(0, 0, last, last_column)?;
    }
    Ok(())
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
    let days = if has_unit { &formats.days } else { &formats.days_with_unit };
    let number = cell.number().unwrap_or_default();
    match cell {
        Cell::None => return Ok(()),
        Cell::Text(text) => sheet.write_string(y, x, text::shortened(text, CELL_CHARS)),
        Cell::Coded(..) => sheet.write_string(y, x, cell.display()),
        Cell::Day(day) => sheet.write_number_with_format(y, x, serial(day.at(0, 0, 0, 0)), &formats.day),
        Cell::Moment(at) => sheet.write_number_with_format(y, x, serial(in_turkey(*at)), &formats.moment),
        Cell::Share(_) => sheet.write_number_with_format(y, x, number, &formats.share),
        Cell::Time(_) | Cell::Days(_) => sheet.write_number_with_format(y, x, number, days),
        Cell::Count(..) => sheet.write_number(y, x, number),
    }
    .map(drop)
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

fn in_turkey(at: Timestamp) -> DateTime {
    at.to_zoned(labels::istanbul()).datetime()
}

/// A name that Excel takes for a sheet, and that no other sheet of the file has.
fn sheet_name(title: &str, taken: &mut HashSet<String>) -> String {
    let allowed: String = text::line(title).chars().filter(|c| !"[]:*?/\\'".contains(*c)).collect();
    let name = |number: usize| {
        let end = if number == 1 { String::new() } else { format!(" {number}") };
        text::shortened(&allowed, SHEET_NAME_CHARS - end.len()).into_owned() + &end
    };
    let free = |name: &String| !name.is_empty() && !taken.contains(&name.to_lowercase());
    let name = (1..).map(name).find(free).unwrap_or_default();
    taken.insert(name.to_lowercase());
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sheets_have_names_that_excel_takes() {
        let mut taken = HashSet::new();
        let mut name = |title| sheet_name(title, &mut taken);
        assert_eq!(name("Özet"), "Özet");
        assert_eq!(name("ÖZET"), "ÖZET 2");
        assert_eq!(name("Süresi geçen başvurusu olan birimler"), "Süresi geçen başvurusu olan bi…");
        assert_eq!(name("Süresi geçen başvurusu olan birimler"), "Süresi geçen başvurusu olan … 2");
        assert_eq!(name("a/b: 'c'?"), "ab c");
        assert_eq!(name("*"), " 2", "a name is never empty");
    }

    #[test]
    fn days_and_times_are_numbers_of_the_clock_in_turkey() {
        assert!((serial(jiff::civil::date(2026, 11, 25).at(0, 0, 0, 0)) - 46_351.0).abs() < f64::EPSILON);
        let late = in_turkey("2026-11-25T22:30:00Z".parse().unwrap());
        assert!((serial(late) - (46_352.0 + 1.5 / 24.0)).abs() < 1e-9, "the day after, at 01:30");
    }
}
