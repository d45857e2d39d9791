//! The parts of a whole over time: each day, week or month is as long as the next, and divided. On a wide
//! drawing time goes to the right, on a phone downwards, where there is room for the numbers.

use plotters::style::text_anchor::HPos;

use super::canvas::{Canvas, Failed};
use super::legend::{Legend, Sample};
use super::palette::{Ink, On};
use super::time::{self, labels};
use super::{Caption, Drawing, Sheet, figure, nothing, text};
use crate::controllers::report::filter::Period;
use crate::view::{month, number};
use crate::web::problem::Problem;

/// One of the parts that each whole is divided into.
pub struct Part<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its ink.
    pub ink: Ink,
}

/// A whole: its period, and the count of each part.
pub type Whole = (Period, Vec<u64>);

/// The shares of the parts in each whole, with their numbers where there is room. Each share is a mark,
/// which leads to `behind` of its period and the place of its part. [`super::time::Step::at_most`] with 26
/// gives periods that a phone has room for.
pub fn shares(
    caption: &Caption<'_>,
    parts: &[Part<'_>],
    wholes: &[Whole],
    behind: &dyn Fn(Period, usize) -> String,
) -> Result<String, Problem> {
    if wholes.iter().flat_map(|(_, counts)| counts).all(|count| *count == 0) {
        return Ok(nothing(caption));
    }
    figure(caption, |sheet| {
        let names = parts.iter().map(|part| (part.name, part.ink));
        let legend = Legend::new(sheet, |_| Sample::Box, names);
        let chart = Shares { parts, wholes, behind, legend };
        if sheet.is_narrow() { chart.downwards(sheet) } else { chart.rightwards(sheet) }
    })
}

struct Shares<'a> {
    parts: &'a [Part<'a>],
    wholes: &'a [Whole],
    behind: &'a dyn Fn(Period, usize) -> String,
    legend: Legend,
}

/// The corners of a rectangle, upper left and lower right.
type Corners = [(i32, i32); 2];

impl Shares<'_> {
    fn rightwards(&self, sheet: Sheet) -> Drawing {
        const PLOT: i32 = 240;
        let top = self.legend.height + sheet.line();
        let canvas = Canvas::new(sheet, top + PLOT + 2 * sheet.line());
        self.legend.draw(&canvas)?;
        let left = text::width(&number::round_share(1.0), sheet.font) + 8;
        for quarter in 0..=4 {
            let y = top + PLOT - PLOT * quarter / 4;
            canvas
                .line(vec![(left, y), (sheet.width, y)], if quarter == 0 { Ink::Axis } else { Ink::Grid })?;
            let words = number::round_share(f64::from(quarter) / 4.0);
            canvas.text(&words, (left - 8, y), HPos::Right, &Ink::Text)?;
        }
        let count = i32::try_from(self.wholes.len())?;
        let edge = |i: i32| left + (sheet.width - left) * i / count;
        let gap = ((edge(1) - left) / 6).min(8);
        for (i, whole) in (0..).zip(self.wholes) {
            let (from, to) = (edge(i) + gap, edge(i + 1) - gap);
            let height = |share: f64| top + PLOT - (share * f64::from(PLOT)).round() as i32;
            self.divided(&canvas, whole, &|from_share, to_share| {
                // A pixel between two parts.
                [(from, height(to_share) + 1), (to.max(from + 1), height(from_share))]
            })?;
        }
        let periods: Vec<Period> = self.wholes.iter().map(|(period, _)| *period).collect();
        let middle = |i: usize| i32::try_from(i).map_or(0, |i| i32::midpoint(edge(i), edge(i + 1)));
        for ((_, words), x) in labels(&periods, sheet.width, sheet.font, middle) {
            canvas.text(&words, (x, top + PLOT + sheet.line()), HPos::Center, &Ink::Text)?;
        }
        Ok(canvas)
    }

    fn downwards(&self, sheet: Sheet) -> Drawing {
        const THICK: i32 = 24;
        const ROW: i32 = THICK + 6;
        let names: Vec<String> = self.wholes.iter().map(|(period, _)| time::name(*period)).collect();
        let left = names.iter().map(|name| text::width(name, sheet.font)).max().unwrap_or(0) + 8;
        let top = self.legend.height;
        let canvas = Canvas::new(sheet, top + ROW * i32::try_from(names.len())?);
        self.legend.draw(&canvas)?;
        for ((i, whole), name) in (0..).zip(self.wholes).zip(&names) {
            let y = top + i * ROW;
            canvas.text(name, (0, y + THICK / 2), HPos::Left, &Ink::Text)?;
            let x = |share: f64| left + (share * f64::from(sheet.width - left)).round() as i32;
            self.divided(&canvas, whole, &|from, to| [(x(from), y), (x(to) - 1, y + THICK)])?;
        }
        Ok(canvas)
    }

    /// Draws the shares of a whole; `corners` places what is between two shares.
    fn divided(
        &self,
        canvas: &Canvas,
        (period, counts): &Whole,
        corners: &dyn Fn(f64, f64) -> Corners,
    ) -> Result<(), Failed> {
        let sum: u64 = counts.iter().sum();
        let mut below = 0;
        for (i, (part, count)) in self.parts.iter().zip(counts).enumerate().filter(|(_, (_, n))| **n > 0) {
            let part_of = |n: u64| n as f64 / sum as f64;
            let [(left, top), (right, bottom)] = corners(part_of(below), part_of(below + count));
            below += count;
            let of = (month::span(period.from, period.last), part.name, number::thousands(*count));
            let title = format!("{}: {} {} ({})", of.0, of.1, of.2, number::share(part_of(*count)));
            canvas.mark(title, (self.behind)(*period, i), || {
                canvas.fill([(left, top), (right.max(left + 1), bottom.max(top + 1))], part.ink)?;
                let words = number::round_share(part_of(*count));
                let fits = text::width(&words, canvas.sheet.font) + 4 <= right - left;
                if fits && canvas.sheet.line() <= bottom - top {
                    let middle = (i32::midpoint(left, right), i32::midpoint(top, bottom));
                    canvas.text(&words, middle, HPos::Center, &On(part.ink))?;
                }
                Ok(())
            })?;
        }
        Ok(())
    }
}
