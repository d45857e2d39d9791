//! How dark the cells of a table are: in five steps, each with about as many cells as the others, so
//! that one very large number does not make all others look alike.

use super::table::{Cell, Table};

/// The number of steps.
const STEPS: usize = 5;

/// The steps of a table.
pub struct Shades<'a> {
    from: usize,
    /// The least number of each step but the first.
    bounds: Vec<f64>,
    /// The shaded cells, in order.
    cells: Vec<(f64, &'a Cell)>,
}

impl<'a> Shades<'a> {
    /// The steps of a table that is shaded.
    pub fn of(table: &'a Table) -> Option<Self> {
        let from = table.shaded_from?;
        let cells = table.rows.iter().flat_map(|row| row.iter().skip(from));
        let mut cells: Vec<_> =
            cells.filter_map(|cell| Some((cell.number().filter(|n| *n > 0.0)?, cell))).collect();
        cells.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        let least = cells.first().map_or(0.0, |(n, _)| *n);
        let bound = |step: usize| cells.get(cells.len() * step / STEPS).map(|(n, _)| *n);
        let mut bounds: Vec<f64> = (1..STEPS).filter_map(bound).filter(|n| *n > least).collect();
        bounds.dedup_by(|a, b| a.total_cmp(b).is_eq());
        Some(Self { from, bounds, cells })
    }

    /// The step of a cell in this column, from 1; 0 for a cell that is not shaded.
    pub fn step(&self, column: usize, cell: &Cell) -> usize {
        match cell.number() {
            Some(number) if column >= self.from && number > 0.0 => self.step_of(number),
            _ => 0,
        }
    }

    fn step_of(&self, number: f64) -> usize {
        1 + self.bounds.iter().filter(|bound| **bound <= number).count()
    }

    /// The legend: each step with its least and its highest number.
    pub fn legend(&self) -> Vec<(usize, String)> {
        let steps = self.cells.chunk_by(|(a, _), (b, _)| self.step_of(*a) == self.step_of(*b));
        let range = |cells: &[(f64, &Cell)]| {
            let ((number, least), (_, highest)) = (cells.first()?, cells.last()?);
            let (least, highest) = (least.display(), highest.display());
            let range = if least == highest { least } else { format!("{least} – {highest}") };
            Some((self.step_of(*number), range))
        };
        steps.filter_map(range).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shaded(numbers: &[u64]) -> Table {
        let row = |n: &u64| vec![Cell::text("x"), Cell::count(*n)];
        Table { rows: numbers.iter().map(row).collect(), shaded_from: Some(1), ..Table::default() }
    }

    #[test]
    fn each_step_has_as_many_cells_whatever_the_highest_number() {
        let table = shaded(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1_000_000]);
        let shades = Shades::of(&table).unwrap();
        let steps: Vec<_> = table.rows.iter().map(|row| shades.step(1, &row[1])).collect();
        assert_eq!(steps, [0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
        assert_eq!(shades.step(0, &Cell::count(9)), 0, "a column before");
        let legend = shades.legend();
        assert_eq!(legend.first(), Some(&(1, "1 – 2".to_owned())));
        assert_eq!(legend.last(), Some(&(5, "9 – 1.000.000".to_owned())));
    }

    #[test]
    fn equal_numbers_have_one_step() {
        let table = shaded(&[7, 7, 7]);
        let shades = Shades::of(&table).unwrap();
        assert_eq!(shades.step(1, &Cell::count(7)), 1);
        assert_eq!(shades.legend(), [(1, "7".to_owned())]);
        assert!(Shades::of(&shaded(&[])).unwrap().legend().is_empty());
    }
}
