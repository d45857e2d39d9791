//! The first sheet: what the document says of itself, and its charts.

use rust_xlsxwriter::{Chart, Format, FormatAlign, Worksheet, XlsxError};

use super::cells::in_turkey;
use super::sheet::for_paper;
use crate::view::document::{DocumentHead, Fact};
use crate::view::i18n::tr;

/// The height of a chart, in rows of Excel's own height (20 pixels), and of the gap below it.
const CHART_ROWS: u32 = 18;
const GAP_ROWS: u32 = 2;

/// The first sheet, being filled from the top.
pub struct Front {
    sheet: Worksheet,
    next: u32,
}

impl Front {
    /// The sheet with the head.
    pub fn new(head: &DocumentHead, name: &str) -> Result<Self, XlsxError> {
        let mut sheet = Worksheet::new();
        sheet.set_name(name)?.set_screen_gridlines(false);
        sheet.set_column_width(0, 22)?.set_column_width(1, 64)?;
        sheet.write_string(0, 0, tr("T.C. İçişleri Bakanlığı e-Başvuru Sistemi"))?;
        let title = Format::new().set_bold().set_font_size(16);
        sheet.write_string_with_format(1, 0, &head.title, &title)?;
        let mut front = Self { sheet, next: 3 };
        for (label, fact) in head.facts() {
            front.fact(label, &fact)?;
        }
        let warning = head.data.warning();
        if !warning.is_empty() {
            front.fact(tr("Uyarı"), &Fact::Text(warning))?;
        }
        for_paper(&mut front.sheet);
        Ok(front)
    }

    /// Adds a row: a label, and a value of its own kind.
    pub fn fact(&mut self, label: &str, fact: &Fact) -> Result<(), XlsxError> {
        let value = Format::new().set_align(FormatAlign::Left).set_text_wrap();
        let (sheet, y) = (&mut self.sheet, self.next);
        sheet.write_string_with_format(y, 0, label, &Format::new().set_bold().set_align(FormatAlign::Top))?;
        let as_of = format!("dd.mm.yyyy hh:mm:ss\" {}\"", tr("itibarıyla"));
        match fact {
            Fact::Text(text) => sheet.write_string_with_format(y, 1, text, &value),
            Fact::At(at) => sheet.write_number_with_format(
                y,
                1,
                in_turkey(*at),
                &value.set_num_format("dd.mm.yyyy hh:mm"),
            ),
            Fact::AsOf(at) => {
                sheet.write_number_with_format(y, 1, in_turkey(*at), &value.set_num_format(as_of))
            }
            // No log comes near 2^53 records.
            Fact::Number(n) => {
                sheet.write_number_with_format(y, 1, *n as f64, &value.set_num_format("#,##0"))
            }
        }?;
        self.next += 1;
        Ok(())
    }

    /// Adds a chart below.
    pub fn chart(&mut self, chart: &mut Chart) -> Result<(), XlsxError> {
        self.next += GAP_ROWS - 1;
        self.sheet.insert_chart(self.next, 0, chart.set_width(640).set_height(CHART_ROWS * 20))?;
        self.next += CHART_ROWS + 1;
        Ok(())
    }

    /// The sheet.
    pub fn into_sheet(self) -> Worksheet {
        self.sheet
    }
}
