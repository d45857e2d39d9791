//! XLSX: a first sheet with the head of the document and its charts, and one sheet for each table.

mod cells;
mod front;
mod plot;
mod sheet;

use std::ops::Range;

use rust_xlsxwriter::{ConditionalFormat2ColorScale, Workbook, Worksheet, XlsxError};

pub use cells::{Formats, write};
pub use front::Front;
pub use sheet::{MAX_ROWS, Names, end, heading};

use super::table::{Section, Table};
use crate::view::document::DocumentHead;
use crate::view::i18n::tr;

/// The media type.
pub const MEDIA_TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The widest column of a report, in pixels; texts that are wider are cut off on the screen only.
const MAX_WIDTH_PIXELS: u32 = 420;
/// Few and many, in a table that is coloured by its counts.
const FEW: u32 = 0xff_ff_ff;
const MANY: u32 = 0x8b_b4_dd;

/// The name of the first sheet.
pub fn front_name() -> &'static str {
    tr("Rapor")
}

/// A report as a file, in the language of the caller.
pub fn workbook(head: &DocumentHead, sections: &[Section]) -> Result<Vec<u8>, XlsxError> {
    let mut names = Names::default();
    let mut front = Front::new(head, &names.free(front_name()))?;
    let (mut sheets, mut more) = (Vec::new(), Vec::new());
    for section in sections {
        let (name, table) = (names.free(&section.title), &section.table);
        let mut sheet = filled(&name, table)?;
        heat(&mut sheet, table, &plot::coloured(section))?;
        if let Some(kind) = plot::kind(section) {
            let columns = plot::columns(kind, table);
            let largest = plot::largest(section, kind, &columns);
            let chart = if let Some((title, largest)) = largest {
                let name = names.free(&title);
                more.push(filled(&name, &largest)?);
                plot::chart(kind, &title, &name, &largest, &(1..=columns.len()).collect::<Vec<_>>())
            } else {
                plot::chart(kind, &section.title, &name, table, &columns)
            };
            if let Some(mut chart) = chart {
                front.chart(&mut chart)?;
            }
        }
        sheets.push(sheet);
    }
    let mut book = Workbook::new();
    for sheet in std::iter::once(front.into_sheet()).chain(sheets).chain(more) {
        book.push_worksheet(sheet);
    }
    book.save_to_buffer()
}

/// A sheet with a table.
fn filled(name: &str, table: &Table) -> Result<Worksheet, XlsxError> {
    let mut sheet = Worksheet::new();
    sheet.set_name(name)?;
    let labels: Vec<_> = (0..table.columns.len()).map(|x| table.file_label(x)).collect();
    heading(&mut sheet, labels.iter().map(String::as_str))?;
    let has_unit: Vec<_> = (0..table.columns.len()).map(|x| table.is_days(x)).collect();
    let (plain, bold) = (Formats::plain(), Formats::bold());
    let mut last = 0;
    for (y, row) in (1..).zip(&table.rows) {
        for ((x, cell), has_unit) in (0..).zip(row).zip(&has_unit) {
            write(&mut sheet, y, x, cell, *has_unit, &plain)?;
        }
        last = y;
    }
    end(&mut sheet, last, labels.len())?;
    // Below the range of the filter, so that no filter and no pivot table takes it for a row.
    for ((x, cell), has_unit) in (0..).zip(table.total.iter().flatten()).zip(&has_unit) {
        write(&mut sheet, last + 1, x, cell, *has_unit, &bold)?;
    }
    sheet.set_autofit_max_width(MAX_WIDTH_PIXELS).autofit();
    Ok(sheet)
}

/// Colours the numbers of these columns by how large they are.
fn heat(sheet: &mut Worksheet, table: &Table, columns: &Range<usize>) -> Result<(), XlsxError> {
    let Ok(rows @ 1..) = u32::try_from(table.rows.len()) else { return Ok(()) };
    let bounds = (u16::try_from(columns.start), u16::try_from(columns.end));
    let (Ok(first), Ok(after @ 1..)) = bounds else { return Ok(()) };
    let scale = ConditionalFormat2ColorScale::new().set_minimum_color(FEW).set_maximum_color(MANY);
    sheet.add_conditional_format(1, first, rows, after - 1, &scale)?;
    Ok(())
}
