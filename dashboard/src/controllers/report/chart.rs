//! Charts as SVG. Each has a title and a description for readers who do not see it, and
//! the page puts the same numbers in a table below.

use ebasvuru_analytics::read::Daily;
use jiff::civil::Date;
use plotters::prelude::*;

use crate::problem::Problem;

const SIZE: (u32, u32) = (840, 320);
const RECEIVED: RGBColor = RGBColor(0x1d, 0x4e, 0x89);
const FONT: (&str, u32) = ("sans-serif", 16);

/// Received per day, as a line.
pub fn per_day(title: &str, description: &str, days: &[Daily]) -> Result<String, Problem> {
    let most = days.iter().map(|day| day.received).max().unwrap_or(0).max(1);
    let last = i32::try_from(days.len().max(2) - 1).unwrap_or(i32::MAX);
    let label =
        |x: &i32| usize::try_from(*x).ok().and_then(|i| days.get(i)).map_or(String::new(), |d| short(d.day));
    draw("gunluk", title, description, |svg| {
        let area = SVGBackend::with_string(svg, SIZE).into_drawing_area();
        let mut chart = ChartBuilder::on(&area)
            .margin(12)
            .x_label_area_size(36)
            .y_label_area_size(56)
            .build_cartesian_2d(0..last, 0..most + most / 10 + 1)?;
        chart
            .configure_mesh()
            .x_labels(8)
            .x_label_formatter(&label)
            .y_label_formatter(&|n| n.to_string())
            .label_style(FONT)
            .light_line_style(TRANSPARENT)
            .draw()?;
        let line = (0..).zip(days.iter().map(|day| day.received));
        chart.draw_series(LineSeries::new(line, RECEIVED.stroke_width(3)))?;
        area.present()?;
        Ok(())
    })
}

/// One bar for each name.
pub fn bars(id: &str, title: &str, description: &str, bars: &[(String, f64)]) -> Result<String, Problem> {
    let most = bars.iter().map(|(_, value)| *value).fold(1.0, f64::max);
    let count = i32::try_from(bars.len().max(1)).unwrap_or(i32::MAX);
    let height = 60 + 34 * u32::try_from(bars.len().max(1)).unwrap_or(1);
    draw(id, title, description, |svg| {
        let area = SVGBackend::with_string(svg, (SIZE.0, height)).into_drawing_area();
        let mut chart = ChartBuilder::on(&area)
            .margin(12)
            .x_label_area_size(30)
            .y_label_area_size(300)
            .build_cartesian_2d(0.0..most * 1.05, (0..count).into_segmented())?;
        let name = |y: &SegmentValue<i32>| match y {
            SegmentValue::CenterOf(i) => nth(bars, *i).map_or(String::new(), |(name, _)| cut(name)),
            _ => String::new(),
        };
        chart
            .configure_mesh()
            .disable_y_mesh()
            .y_labels(bars.len().max(1))
            .y_label_formatter(&name)
            .label_style(FONT)
            .light_line_style(TRANSPARENT)
            .draw()?;
        chart.draw_series((0..count).zip(bars).map(|(i, (_, value))| {
            let mut bar = Rectangle::new(
                [(0.0, SegmentValue::Exact(i)), (*value, SegmentValue::Exact(i + 1))],
                RECEIVED.filled(),
            );
            bar.set_margin(5, 5, 0, 0);
            bar
        }))?;
        area.present()?;
        Ok(())
    })
}

fn nth(bars: &[(String, f64)], i: i32) -> Option<&(String, f64)> {
    usize::try_from(i).ok().and_then(|i| bars.get(i))
}

/// A name short enough for the axis.
fn cut(name: &str) -> String {
    if name.chars().count() <= 36 { name.to_owned() } else { name.chars().take(35).chain(['…']).collect() }
}

fn short(date: Date) -> String {
    format!("{:02}.{:02}", date.day(), date.month())
}

type Drawn = Result<(), Box<dyn std::error::Error>>;

fn draw(
    id: &str,
    title: &str,
    description: &str,
    draw: impl FnOnce(&mut String) -> Drawn,
) -> Result<String, Problem> {
    let mut svg = String::new();
    draw(&mut svg).map_err(|error| Problem::Internal(error.to_string()))?;
    let (tag, rest) = svg.split_once('>').ok_or_else(|| Problem::Internal("an empty chart".into()))?;
    Ok(format!(
        "{tag} role=\"img\" aria-labelledby=\"{id}-t {id}-d\"><title id=\"{id}-t\">{}</title><desc id=\"{id}-d\">{}</desc>{rest}",
        escape(title),
        escape(description)
    ))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days() -> Vec<Daily> {
        (1..=10i8)
            .map(|d| Daily { day: jiff::civil::date(2026, 11, d), received: u64::from(d.unsigned_abs()) * 3 })
            .collect()
    }

    #[test]
    fn the_chart_of_days() {
        insta::assert_snapshot!(per_day("Günlük başvuru", "En çok 30 <başvuru>", &days()).unwrap());
    }

    #[test]
    fn the_chart_of_bars_escapes_names() {
        let bars =
            [("Dernek & Vakıf <b>kuruluş</b> bildirimi ve tüzük".to_owned(), 4.5), ("Apostil".into(), 1.0)];
        let svg = super::bars("sure", "Süre", "gün", &bars).unwrap();
        assert!(!svg.contains("<b>") && svg.contains("&lt;b&gt;"), "{svg}");
        insta::assert_snapshot!(svg);
    }

    #[test]
    fn no_data_is_still_a_chart() {
        assert!(per_day("t", "d", &[]).unwrap().contains("<svg"));
        assert!(super::bars("x", "t", "d", &[]).unwrap().contains("<svg"));
    }
}
