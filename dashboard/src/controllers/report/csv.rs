//! CSV for Excel in Turkey: UTF-8 with a byte order mark, `;` between cells, decimal commas. Cells that
//! a spreadsheet would take for formulas are escaped (OWASP, CSV Injection).

use std::borrow::Cow;

use csv::{Error, Terminator, Writer, WriterBuilder};

use super::table::{Cell, Table};
use crate::view::i18n::{Language, with_language};
use crate::view::number::ungrouped;

/// The byte order mark, without which Excel does not read UTF-8.
pub const BOM: &str = "\u{feff}";

/// The lines of a file that is being written.
pub struct Lines(Writer<Vec<u8>>);

impl Lines {
    /// A file with these headings.
    pub fn new<'a>(labels: impl IntoIterator<Item = &'a str>) -> Result<Self, Error> {
        let mut lines = Self(writer(BOM.as_bytes().to_vec()));
        lines.add(labels)?;
        Ok(lines)
    }

    /// Adds a line.
    pub fn add<'a>(&mut self, cells: impl IntoIterator<Item = &'a str>) -> Result<(), Error> {
        self.0
            .write_record(cells.into_iter().map(escape_formula).collect::<Vec<_>>().iter().map(AsRef::as_ref))
            .map(drop)
    }

    /// Adds a line of cells.
    pub fn add_cells(&mut self, cells: &[Cell]) -> Result<(), Error> {
        let cells: Vec<_> = cells.iter().map(cell).collect();
        self.add(cells.iter().map(AsRef::as_ref))
    }

    /// Takes what has been written since the last call.
    pub fn take(&mut self) -> Result<Vec<u8>, Error> {
        let written = std::mem::replace(&mut self.0, writer(Vec::new()));
        written.into_inner().map_err(|error| error.into_error().into())
    }
}

fn writer(start: Vec<u8>) -> Writer<Vec<u8>> {
    WriterBuilder::new().delimiter(b';').terminator(Terminator::CRLF).from_writer(start)
}

/// A table as CSV. Its last line is the total, if it has one; its first cell says so.
pub fn table(table: &Table) -> Result<Vec<u8>, Error> {
    let labels: Vec<_> = (0..table.columns.len()).map(|column| table.file_label(column)).collect();
    let mut lines = Lines::new(labels.iter().map(String::as_str))?;
    for row in table.rows.iter().chain(&table.total) {
        lines.add_cells(row)?;
    }
    lines.take()
}

/// A cell. Numbers, days and times are in Turkish format in every language.
fn cell(cell: &Cell) -> Cow<'_, str> {
    let number = || match cell {
        Cell::Text(_) | Cell::None => String::new(),
        Cell::Count(count, _) => count.to_string(),
        Cell::Share(share) => ungrouped(*share, 4),
        Cell::Coded(..) | Cell::Day(_) | Cell::Moment(_) => cell.display(),
        Cell::Linked(inner, _) => self::cell(inner).into_owned(),
        Cell::Time(_) | Cell::Days(_) => cell.number().map(|days| ungrouped(days, 2)).unwrap_or_default(),
    };
    match cell {
        Cell::Text(text) => text.into(),
        _ => with_language(Language::Turkish, number).into(),
    }
}

/// Puts an apostrophe before a text that begins like a formula.
pub fn escape_formula(text: &str) -> Cow<'_, str> {
    let numeric = text.trim_start_matches('-').chars().all(|c| c.is_ascii_digit() || c == ',');
    let dangerous = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && !numeric;
    if dangerous { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::super::table::Column;
    use super::*;

    #[test]
    fn a_table_is_written_for_excel_in_turkey() {
        let row = vec![
            Cell::text("=HYPERLINK(\"http://x\";\"y\")"),
            Cell::Count(1234, "/x".into()),
            Cell::Time(36 * 3_600_000),
            Cell::Share(0.25),
            Cell::None,
        ];
        let names = ["Ad", "Sayı", "Süre", "Oran", "Boş"];
        let columns = names.map(Column::of).into();
        let table = super::super::table::Table { columns, rows: vec![row], ..Default::default() }.summed();
        assert_eq!(
            String::from_utf8(super::table(&table).unwrap()).unwrap(),
            "\u{feff}Ad;Sayı;Süre (gün);Oran;Boş\r\n\"'=HYPERLINK(\"\"http://x\"\";\"\"y\"\")\";1234;1,50;0,2500;\r\n\
             Toplam;1234;;;\r\n"
        );
    }

    #[test]
    fn formulas_are_escaped_and_numbers_are_not() {
        for bad in ["=1+1", "+905", "@SUM(A1)", "-cmd|' /C calc'!A0", "\t=1"] {
            assert!(escape_formula(bad).starts_with('\''), "{bad}");
        }
        assert_eq!(["-3,5", "12", "Ankara"].map(escape_formula), ["-3,5", "12", "Ankara"]);
    }
}
