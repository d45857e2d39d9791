//! A line chart of applications per day.

use plotters::chart::ChartBuilder;
use plotters::style::text_anchor::HPos;

use super::axis::Axis;
use super::canvas::Canvas;
use super::legend::{Legend, Sample, Shape};
use super::palette::Ink;
use super::time::{Step, labels};
use super::{Caption, Drawing, Sheet, figure, nothing, text};
use crate::controllers::report::filter::Period;
use crate::view::i18n::tr;
use crate::view::{month, number};
use crate::web::problem::Problem;

/// A line of a chart over days.
pub struct Line<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its ink.
    pub ink: Ink,
    /// Its value on each day of the period.
    pub values: Vec<u64>,
}

/// A line chart of counts per day. Of a long period it shows the mean of each week or month, so that a
/// part that is not complete does not look like a fall. Each part is a mark with its sums, and leads to
/// `behind` of the part.
pub fn lines(
    caption: &Caption<'_>,
    period: Period,
    lines: &[Line<'_>],
    behind: &dyn Fn(Period) -> String,
) -> Result<String, Problem> {
    if lines.iter().flat_map(|line| &line.values).all(|count| *count == 0) {
        return Ok(nothing(caption));
    }
    figure(caption, |sheet| draw(sheet, period, lines, behind))
}

/// The sums of each line in the parts of a period.
fn sums(lines: &[Line<'_>], parts: &[Period]) -> Vec<Vec<u64>> {
    let of = |line: &Line<'_>| {
        let mut values = line.values.iter();
        let days = |part: &Period| usize::try_from(part.days()).unwrap_or(0);
        parts.iter().map(|part| values.by_ref().take(days(part)).sum()).collect()
    };
    lines.iter().map(of).collect()
}

fn draw(sheet: Sheet, period: Period, lines: &[Line<'_>], behind: &dyn Fn(Period) -> String) -> Drawing {
    // Each part is wide enough to be pointed at.
    let step = Step::at_most(period, if sheet.is_narrow() { 62 } else { 110 });
    let parts = step.parts(period);
    let sums = sums(lines, &parts);
    let mean = |sum: u64, part: &Period| sum as f64 / f64::from(part.days());
    let means: Vec<Vec<f64>> = sums
        .iter()
        .map(|sums| sums.iter().zip(&parts).map(|(sum, part)| mean(*sum, part)).collect())
        .collect();
    let most = means.iter().flatten().copied().fold(0.0, f64::max);
    let whole = most >= 3.0 || step == Step::Day;
    let axis = Axis::to(most, 5, whole);
    let side = axis.labels().map(|label| text::width(&label, sheet.font)).max().unwrap_or(0) + 12;

    let named = lines.iter().map(|line| (line.name, line.ink)).filter(|_| lines.len() > 1);
    let legend = Legend::new(sheet, |i| Sample::Line(Shape::of(i)), named);
    let unit = tr(match step {
        Step::Day => "Başvuru / gün",
        Step::Week => "Başvuru / gün, haftalık ortalama",
        Step::Month => "Başvuru / gün, aylık ortalama",
    });
    let plot_top = legend.height + 2 * sheet.line();
    let height = plot_top + if sheet.is_narrow() { 190 } else { 240 } + 2 * sheet.line();

    let canvas = Canvas::new(sheet, height);
    legend.draw(&canvas)?;
    canvas.text(unit, (0, legend.height + sheet.line() / 2), HPos::Left, &Ink::Text)?;
    let mut chart = ChartBuilder::on(&canvas.area)
        .margin_top(plot_top)
        .margin_right(8)
        .y_label_area_size(side)
        .x_label_area_size(2 * sheet.line())
        .build_cartesian_2d(-0.5..parts.len() as f64 - 0.5, axis)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .x_labels(0)
        .bold_line_style(Ink::Grid)
        .axis_style(Ink::Axis)
        .set_all_tick_mark_size(4)
        .y_label_style(canvas.style(&Ink::Text, HPos::Right))
        .draw()?;

    let place = |i: usize, n: f64| chart.backend_coord(&(i as f64, n));
    let (across, down) = chart.plotting_area().get_pixel_range();
    for ((part, words), x) in labels(&parts, sheet.width, sheet.font, |i| place(i, 0.0).0) {
        let at = place(part, 0.0).0;
        canvas.line(vec![(at, down.end), (at, down.end + 5)], Ink::Axis)?;
        canvas.text(&words, (x, down.end + 6 + sheet.line() / 2), HPos::Center, &Ink::Text)?;
    }
    // Points that are apart are drawn; a single one would be no line.
    let spaced = (across.end - across.start) / i32::try_from(parts.len())? >= 14;
    for (i, (line, means)) in lines.iter().zip(&means).enumerate() {
        let points = means.iter().enumerate().map(|(i, n)| place(i, *n)).collect();
        canvas.line(points, line.ink)?;
        if spaced {
            for (part, n) in means.iter().enumerate() {
                Shape::of(i).draw(&canvas, place(part, *n), line.ink)?;
            }
        }
    }
    for (i, part) in parts.iter().enumerate() {
        let counts: Vec<String> = lines
            .iter()
            .zip(&sums)
            .map(|(line, sums)| {
                format!("{} {}", line.name, number::thousands(sums.get(i).copied().unwrap_or(0)))
            })
            .collect();
        let title = format!("{}: {}", month::span(part.from, part.last), counts.join(", "));
        let edge = |i: f64| chart.backend_coord(&(i, 0.0)).0;
        let corners = [(edge(i as f64 - 0.5), down.start), (edge(i as f64 + 0.5), down.end)];
        canvas.mark(title, behind(*part), || canvas.fill(corners, Ink::Zone))?;
    }
    drop(chart);
    Ok(canvas)
}
