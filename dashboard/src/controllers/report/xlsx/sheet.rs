//! What every sheet of rows has: a name, a heading that stays in sight and filters, and a printed form.

use std::collections::HashSet;

use ebasvuru_workflow::domain::text;
use rust_xlsxwriter::{Format, Worksheet, XlsxError};

use crate::view::i18n::tr;

/// The maximum number of rows of a sheet without its heading.
pub const MAX_ROWS: u32 = 1_048_575;
/// The longest name of a sheet, in characters.
const NAME_CHARS: usize = 31;
/// A4, as Excel numbers it.
const A4: u8 = 9;

/// The names of the sheets of a book: each only once, whatever the case of its letters.
#[derive(Default)]
pub struct Names(HashSet<String>);

impl Names {
    /// A name that Excel takes for a sheet, and that no other sheet has.
    pub fn free(&mut self, title: &str) -> String {
        let allowed: String = text::line(title).chars().filter(|c| !"[]:*?/\\'".contains(*c)).collect();
        let name = |number: usize| {
            let end = if number == 1 { String::new() } else { format!(" {number}") };
            text::shortened(&allowed, NAME_CHARS - end.len()).into_owned() + &end
        };
        let free = |name: &String| !name.is_empty() && !self.0.contains(&name.to_lowercase());
        let name = (1..).map(name).find(free).unwrap_or_default();
        self.0.insert(name.to_lowercase());
        name
    }
}

/// The first row, in bold and frozen.
pub fn heading<'a>(
    sheet: &mut Worksheet,
    labels: impl IntoIterator<Item = &'a str>,
) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold().set_text_wrap();
    for (x, label) in (0..).zip(labels) {
        sheet.write_string_with_format(0, x, label, &bold)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}

/// What a sheet needs once its last row is known: the filter of its heading, and how it is printed.
pub fn end(sheet: &mut Worksheet, last: u32, columns: usize) -> Result<(), XlsxError> {
    if let Some(last_column) = columns.checked_sub(1).and_then(|x| u16::try_from(x).ok()) {
        sheet.autofilter(0, 0, last, last_column)?;
    }
    sheet.set_landscape().set_repeat_rows(0, 0)?;
    for_paper(sheet);
    Ok(())
}

/// As wide as one page, with the pages numbered.
pub fn for_paper(sheet: &mut Worksheet) {
    let (issuer, page) = (tr("T.C. İçişleri Bakanlığı e-Başvuru Sistemi"), tr("Sayfa"));
    let footer = format!("&L{issuer}&C&A&R{page} &P / &N");
    sheet.set_paper_size(A4).set_print_fit_to_pages(1, 0).set_footer(footer);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sheets_have_names_that_excel_takes() {
        let mut names = Names::default();
        let mut name = |title| names.free(title);
        assert_eq!(name("Özet"), "Özet");
        assert_eq!(name("ÖZET"), "ÖZET 2");
        assert_eq!(name("Süresi geçmiş başvurusu olan birimler"), "Süresi geçmiş başvurusu olan b…");
        assert_eq!(name("Süresi geçmiş başvurusu olan birimler"), "Süresi geçmiş başvurusu olan… 2");
        assert_eq!(name("a/b: 'c'?"), "ab c");
        assert_eq!(name("*"), " 2", "a name is never empty");
    }
}
