//! The legend above a chart: what its inks stand for.

use plotters::style::text_anchor::HPos;

use super::canvas::{Canvas, Failed};
use super::palette::Ink;
use super::{Sheet, text};

/// How an ink is shown.
#[derive(Clone, Copy)]
pub enum Sample {
    /// As a line with the points of a series.
    Line(Shape),
    /// As a filled box.
    Box,
    /// Not at all: the entry says what the others count.
    Heading,
}

/// The shape of a point; each series of a chart has its own.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    Circle,
    Square,
    Triangle,
}

impl Shape {
    /// The shape of a series, by its place.
    pub const fn of(series: usize) -> Self {
        match series % 3 {
            0 => Self::Circle,
            1 => Self::Square,
            _ => Self::Triangle,
        }
    }

    /// Draws a point.
    pub fn draw(self, canvas: &Canvas, (x, y): (i32, i32), ink: Ink) -> Result<(), Failed> {
        use plotters::element::{Circle, Polygon};
        use plotters::style::Color as _;
        match self {
            Self::Circle => canvas.area.draw(&Circle::new((x, y), 4, ink.filled()))?,
            Self::Square => canvas.fill([(x - 4, y - 4), (x + 4, y + 4)], ink)?,
            Self::Triangle => {
                canvas
                    .area
                    .draw(&Polygon::new([(x - 5, y + 4), (x + 5, y + 4), (x, y - 5)], ink.filled()))?;
            }
        }
        Ok(())
    }
}

/// A legend that is laid out.
pub struct Legend {
    entries: Vec<Entry>,
    /// The room that it takes.
    pub height: i32,
}

struct Entry {
    sample: Sample,
    ink: Ink,
    /// The lines of its name.
    name: Vec<String>,
    /// The left end of the sample, in the middle of the first line.
    at: (i32, i32),
}

impl Legend {
    /// The room between sample and name, and between the entries.
    const GAP: i32 = 6;

    /// Lays a legend out, in as many rows as it needs.
    pub fn new<'a>(
        sheet: Sheet,
        sample: fn(usize) -> Sample,
        names: impl Iterator<Item = (&'a str, Ink)>,
    ) -> Self {
        let row = sheet.line() + Self::GAP;
        let (mut x, mut y, mut below) = (0, row / 2, 0);
        let mut entries = Vec::new();
        for (i, (name, ink)) in names.enumerate() {
            let sample = sample(i);
            let beside = Self::beside(sample);
            let name = text::wrap(name, sheet.width - beside, sheet.font);
            let widest = name.iter().map(|line| text::width(line, sheet.font)).max().unwrap_or(0);
            if x > 0 && x + beside + widest > sheet.width {
                (x, y) = (0, below + row / 2);
            }
            let further = i32::try_from(name.len()).unwrap_or(1) - 1;
            below = below.max(y + row / 2 + further * sheet.line());
            entries.push(Entry { sample, ink, name, at: (x, y) });
            x += beside + widest + 3 * Self::GAP;
        }
        let height = if entries.is_empty() { 0 } else { below + Self::GAP };
        Self { entries, height }
    }

    const fn sample_width(sample: Sample) -> i32 {
        match sample {
            Sample::Line(_) => 32,
            Sample::Box => 14,
            Sample::Heading => 0,
        }
    }

    /// From the left end of an entry to its name.
    const fn beside(sample: Sample) -> i32 {
        match Self::sample_width(sample) {
            0 => 0,
            width => width + Self::GAP,
        }
    }

    /// Draws it at the top.
    pub fn draw(&self, canvas: &Canvas) -> Result<(), Failed> {
        for Entry { sample, ink, name, at: (x, y) } in &self.entries {
            let width = Self::sample_width(*sample);
            match sample {
                Sample::Line(shape) => {
                    canvas.line(vec![(*x, *y), (x + width, *y)], *ink)?;
                    shape.draw(canvas, (x + width / 2, *y), *ink)?;
                }
                Sample::Box => canvas.fill([(*x, y - 7), (x + width, y + 7)], *ink)?,
                Sample::Heading => {}
            }
            for (i, line) in (0..).zip(name) {
                let at = (x + Self::beside(*sample), y + i * canvas.sheet.line());
                canvas.text(line, at, HPos::Left, &Ink::Text)?;
            }
        }
        Ok(())
    }
}
