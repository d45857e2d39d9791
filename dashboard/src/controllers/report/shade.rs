//! How dark the cells of a table are, by the classes of their numbers.

use super::classes::Classes;
use super::table::{Cell, Table};

/// The shades of a table.
pub struct Shades<'a> {
    from: usize,
    classes: Classes,
    /// The shaded cells, ascending.
    cells: Vec<(f64, &'a Cell)>,
}

impl<'a> Shades<'a> {
    /// The shades of a table that has them.
    pub fn of(table: &'a Table) -> Option<Self> {
        let from = table.shaded_from?;
        let cells = table.rows.iter().flat_map(|row| row.iter().skip(from));
        let mut cells: Vec<_> = cells.filter_map(|cell| Some((cell.number()?, cell))).collect();
        cells.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        let zero_is_none = cells.iter().any(|(_, cell)| cell.is_count());
        Some(Self { from, classes: Classes::of(cells.iter().map(|(n, _)| *n), zero_is_none), cells })
    }

    /// The class of a cell in this column; 0 for one that is not shaded.
    pub fn class(&self, column: usize, cell: &Cell) -> usize {
        cell.number().filter(|_| column >= self.from).map_or(0, |number| self.classes.class(number))
    }

    /// The legend: each class that is shaded with its least and its greatest number.
    pub fn legend(&self) -> Vec<(usize, String)> {
        let class = |cell: &(f64, &Cell)| self.classes.class(cell.0);
        let range = |cells: &[(f64, &Cell)]| {
            let (first, last) = (cells.first()?, cells.last()?);
            let (least, greatest) = (first.1.display(), last.1.display());
            let range = if least == greatest { least } else { format!("{least} – {greatest}") };
            Some((class(first), range)).filter(|(class, _)| *class > 0)
        };
        self.cells.chunk_by(|a, b| class(a) == class(b)).filter_map(range).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_shaded_after_the_names_and_nothing_is_not() {
        let row = |n: u64| vec![Cell::text("x"), Cell::count(n).linked("/x".into())];
        let numbers = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1_000_000];
        let rows = numbers.map(row).into();
        let table = Table { rows, shaded_from: Some(1), ..Table::default() };
        let shades = Shades::of(&table).unwrap();
        let classes: Vec<_> = table.rows.iter().map(|row| shades.class(1, &row[1])).collect();
        assert_eq!(classes, [0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
        assert_eq!(shades.class(0, &Cell::count(9)), 0, "a column before");
        let legend = shades.legend();
        assert_eq!(legend.first(), Some(&(1, "1 – 2".to_owned())));
        assert_eq!(legend.last(), Some(&(5, "9 – 1.000.000".to_owned())));
    }

    #[test]
    fn a_share_of_nothing_is_shaded_and_no_value_is_not() {
        let rows = [Cell::Share(0.0), Cell::Share(0.5), Cell::None].map(|cell| vec![cell]).into();
        let table = Table { rows, shaded_from: Some(0), ..Table::default() };
        let shades = Shades::of(&table).unwrap();
        let classes: Vec<_> = table.rows.iter().map(|row| shades.class(0, &row[0])).collect();
        assert!(classes[0] > 0 && classes[1] > classes[0] && classes[2] == 0, "{classes:?}");
    }
}
