//! XLSX, with one sheet for each table.

use jiff::civil::Date;
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

use super::table::{Cell, Section, Table};

/// The media type.
pub const MEDIA_TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The maximum number of rows of a sheet without its heading.
pub const MAX_SHEET_ROWS: u32 = 1_048_575;

/// All tables of a report, one on each sheet.
pub fn sections(sections: &[Section]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    for section in sections {
        let sheet = book.add_worksheet().set_name(sheet_name(&section.title))?;
        write(sheet, &section.table)?;
    }
    book.save_to_buffer()
}

fn write(sheet: &mut Worksheet, table: &Table) -> Result<(), XlsxError> {
    let labels: Vec<&str> = table.columns.iter().map(|column| column.label.as_str()).collect();
    heading(sheet, &labels)?;
    let share = Format::new().set_num_format("0.0%");
    let days = Format::new().set_num_format("0.00");
    for (y, row) in (1..).zip(&table.rows) {
        for (x, cell) in (0..).zip(row) {
            match cell {
                Cell::Text(_) | Cell::Coded(..) => sheet.write_string(y, x, cell.display())?,
                Cell::Day(day) => date(sheet, y, x, *day)?,
                Cell::None => sheet,
                Cell::Share(value) => sheet.write_number_with_format(y, x, *value, &share)?,
                Cell::Time(_) | Cell::Days(_) => {
                    sheet.write_number_with_format(y, x, cell.number().unwrap_or_default(), &days)?
                }
                Cell::Count(..) => sheet.write_number(y, x, cell.number().unwrap_or_default())?,
            };
        }
    }
    sheet.autofit();
    Ok(())
}

/// The first row, in bold and frozen.
pub fn heading(sheet: &mut Worksheet, labels: &[&str]) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    for (x, label) in (0..).zip(labels) {
        sheet.write_string_with_format(0, x, *label, &bold)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}

/// A day as Excel's serial number.
pub fn date(sheet: &mut Worksheet, y: u32, x: u16, day: Date) -> Result<&mut Worksheet, XlsxError> {
    let serial = f64::from(jiff::civil::date(1899, 12, 30).until(day).map_or(0, |span| span.get_days()));
    sheet.write_number_with_format(y, x, serial, &Format::new().set_num_format("dd.mm.yyyy"))
}

/// A valid sheet name: at most 31 characters, none that Excel refuses.
fn sheet_name(title: &str) -> String {
    title.chars().filter(|c| !"[]:*?/\\'".contains(*c)).take(31).collect()
}
