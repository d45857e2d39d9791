//! An axis of counts, from 0 to a round number, with its lines at round numbers.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use plotters::coord::types::RangedCoordf64;

use crate::view::number;

/// An axis that begins at 0.
pub struct Axis {
    range: RangedCoordf64,
    lines: Vec<f64>,
    /// The decimals of its labels.
    places: usize,
}

impl Axis {
    /// An axis that reaches at least `most`, with about so many lines at multiples of 1, 2 or 5 times a power
    /// of ten; with `whole`, at whole numbers only.
    pub fn to(most: f64, lines: i32, whole: bool) -> Self {
        let rough = (most / f64::from(lines.max(1))).max(if whole { 1.0 } else { f64::MIN_POSITIVE });
        let power = rough.log10().floor();
        // The small parts are for what floats lose.
        let factor = [1.0, 2.0, 5.0].into_iter().find(|n| n * 10_f64.powf(power) >= rough * 0.999_999);
        let (factor, power) = factor.map_or((1.0, power + 1.0), |factor| (factor, power));
        let step = factor * 10_f64.powf(power);
        let count = (most / step - 1e-6).ceil().max(1.0);
        let lines: Vec<f64> = (0..=count as u32).map(|n| f64::from(n) * step).collect();
        let places = (-power).max(0.0) as usize;
        Self { range: (0.0..step * count).into(), lines, places }
    }

    /// An axis that ends at `most`, without lines.
    pub fn bare(most: f64) -> Self {
        Self { range: (0.0..most).into(), lines: Vec::new(), places: 0 }
    }

    /// The labels of its lines.
    pub fn labels(&self) -> impl Iterator<Item = String> {
        self.lines.iter().map(|line| self.format_ext(line))
    }
}

impl Ranged for Axis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        self.range.map(value, limit)
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        // All lines are bold ones.
        if hint.weight().allow_light_points() { Vec::new() } else { self.lines.clone() }
    }

    fn range(&self) -> Range<f64> {
        self.range.range()
    }
}

impl ValueFormatter<f64> for Axis {
    fn format_ext(&self, value: &f64) -> String {
        number::decimal(*value, self.places)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(most: f64, whole: bool) -> Vec<String> {
        Axis::to(most, 5, whole).labels().collect()
    }

    #[test]
    fn lines_are_at_round_numbers_and_reach_the_most() {
        assert_eq!(words(0.0, true), ["0", "1"]);
        assert_eq!(words(3.0, true), ["0", "1", "2", "3"]);
        assert_eq!(words(10.0, true), ["0", "2", "4", "6", "8", "10"]);
        assert_eq!(words(134.0, true), ["0", "50", "100", "150"]);
        assert_eq!(
            words(4_321_000.0, true),
            ["0", "1.000.000", "2.000.000", "3.000.000", "4.000.000", "5.000.000"]
        );
        assert_eq!(words(0.7, false), ["0,0", "0,2", "0,4", "0,6", "0,8"]);
        assert_eq!(words(0.012, false), ["0,000", "0,005", "0,010", "0,015"]);
        for most in [1.0, 7.0, 99.0, 101.0, 12_345.0, 9_999_999.0, 4e15] {
            let axis = Axis::to(most, 5, true);
            assert!(axis.lines.len() <= 7 && axis.range().end >= most, "{most}: {:?}", axis.lines);
            assert!(axis.lines.iter().all(|line| line.fract() == 0.0), "{most}: {:?}", axis.lines);
        }
    }
}
