//! A bar chart of counts, from top to bottom.

use plotters::chart::ChartBuilder;
use plotters::style::text_anchor::HPos;

use super::axis::Axis;
use super::canvas::Canvas;
use super::palette::Ink;
use super::{Caption, Drawing, Sheet, figure, nothing, text};
use crate::view::i18n::tr;
use crate::view::number;
use crate::web::problem::Problem;

/// A bar.
pub struct Bar {
    /// Its name.
    pub name: String,
    /// How many applications.
    pub count: u64,
    /// The address of the list behind it; empty for none.
    pub href: String,
    /// Its ink.
    pub ink: Ink,
}

impl Bar {
    /// A bar without a meaning of its own.
    pub const fn new(name: String, count: u64, href: String) -> Self {
        Self { name, count, href, ink: Ink::First }
    }
}

/// A bar chart of applications, the first bar on top.
pub fn bars(caption: &Caption<'_>, bars: &[Bar]) -> Result<String, Problem> {
    if bars.iter().all(|bar| bar.count == 0) {
        return Ok(nothing(caption));
    }
    figure(caption, |sheet| draw(sheet, bars))
}

/// A bar that is laid out: the lines of its name, and the height of its row.
struct Row<'a> {
    bar: &'a Bar,
    name: Vec<String>,
    height: i32,
}

fn draw(sheet: Sheet, bars: &[Bar]) -> Drawing {
    const GAP: i32 = 8;
    const THICK: i32 = 20;
    let narrow = sheet.is_narrow();
    let width = |text: &str| text::width(text, sheet.font);
    // On a phone a name is above its bar. Else it is beside it, with what room the longest needs, up to
    // two fifths of the drawing.
    let longest = bars.iter().map(|bar| width(&bar.name)).max().unwrap_or(0);
    let room = if narrow { sheet.width } else { longest.min(sheet.width * 2 / 5) };
    let rows: Vec<Row<'_>> = bars
        .iter()
        .map(|bar| {
            let name = text::wrap(&bar.name, room, sheet.font);
            let lines = i32::try_from(name.len()).unwrap_or(1) * sheet.line();
            let height = if narrow { lines + THICK + 2 * GAP } else { lines.max(THICK) + GAP };
            Row { bar, name, height }
        })
        .collect();
    let most = bars.iter().map(|bar| bar.count).max().unwrap_or(0);
    let number = width(&number::thousands(most));
    let values = number + GAP;
    let plot_top = sheet.line() + GAP;
    let plot = rows.iter().map(|row| row.height).sum::<i32>();
    let labels = if narrow { 0 } else { 2 * sheet.line() };
    let left = if narrow { 0 } else { room + GAP };

    // Labels of the axis are twice as far apart as they are wide.
    let lines = ((sheet.width - left - values) / (2 * number)).clamp(1, 5);

    let canvas = Canvas::new(sheet, plot_top + plot + labels + GAP);
    canvas.text(tr("Başvuru sayısı"), (left, sheet.line() / 2), HPos::Left, &Ink::Text)?;
    let mut chart = ChartBuilder::on(&canvas.area)
        .margin_top(plot_top)
        .margin_bottom(GAP)
        .margin_right(values)
        .x_label_area_size(labels)
        .y_label_area_size(left)
        .build_cartesian_2d(
            if narrow { Axis::bare(most as f64) } else { Axis::to(most as f64, lines, true) },
            f64::from(plot)..0.0,
        )?;
    let mut mesh = chart.configure_mesh();
    if narrow {
        // It would run through the names.
        mesh.disable_axes();
    }
    mesh.disable_y_mesh()
        .y_labels(0)
        .bold_line_style(Ink::Grid)
        .axis_style(Ink::Axis)
        .x_label_style(canvas.style(&Ink::Text, HPos::Center))
        .draw()?;
    let mut top = plot_top;
    for Row { bar, name, height } in rows {
        let value = number::thousands(bar.count);
        let (zero, _) = chart.backend_coord(&(0.0, 0.0));
        let (end, _) = chart.backend_coord(&(bar.count as f64, 0.0));
        let words = i32::try_from(name.len())? * sheet.line();
        let (first_line, bar_top) = if narrow {
            (top + GAP, top + GAP + words)
        } else {
            (top + (height - words) / 2, top + (height - THICK) / 2)
        };
        canvas.mark(format!("{}: {value}", bar.name), bar.href.clone(), || {
            for (i, line) in (0..).zip(&name) {
                let y = first_line + i * sheet.line() + sheet.line() / 2;
                let (x, side) = if narrow { (zero, HPos::Left) } else { (zero - GAP, HPos::Right) };
                canvas.text(line, (x, y), side, &Ink::Text)?;
            }
            if bar.count > 0 {
                // The fewest can be seen, too.
                canvas.fill([(zero, bar_top), (end.max(zero + 2), bar_top + THICK)], bar.ink)?;
            }
            canvas.text(&value, (end + GAP - 2, bar_top + THICK / 2), HPos::Left, &Ink::Text)
        })?;
        top += height;
    }
    drop(chart);
    Ok(canvas)
}
