//! Charts as SVG. Each has a title and a description for readers who do not see it, and
//! the page puts the same numbers in a table below.

use jiff::civil::Date;
use plotters::prelude::*;

use super::table::thousands;
use crate::problem::Problem;

const SIZE: (u32, u32) = (840, 320);
/// Told apart by lightness, too, for those who do not see colours.
pub const BLUE: RGBColor = RGBColor(0x1d, 0x4e, 0x89);
pub const AMBER: RGBColor = RGBColor(0xc2, 0x6a, 0x0a);
pub const RED: RGBColor = RGBColor(0xa1, 0x15, 0x20);
const FONT: (&str, u32) = ("sans-serif", 16);

/// What a chart is called, and what it says in a sentence, for readers who do not see it.
pub struct Words<'a> {
    /// Its id, unique on the page.
    pub id: &'a str,
    /// Its title.
    pub title: &'a str,
    /// The sentence.
    pub sentence: &'a str,
}

/// A line of a chart of days.
pub struct Line<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its colour.
    pub colour: RGBColor,
    /// Its value on each day.
    pub values: Vec<u64>,
}

/// Counts per day, as lines.
pub fn lines(words: &Words<'_>, days: &[Date], lines: &[Line<'_>]) -> Result<String, Problem> {
    let most = lines.iter().flat_map(|line| line.values.iter().copied()).max().unwrap_or(0).max(1);
    let last = i32::try_from(days.len().max(2) - 1).unwrap_or(i32::MAX);
    let label =
        |x: &i32| usize::try_from(*x).ok().and_then(|i| days.get(i)).map_or(String::new(), |day| short(*day));
    draw(words, |svg| {
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
            .y_label_formatter(&|n| thousands(*n))
            .label_style(FONT)
            .light_line_style(TRANSPARENT)
            .draw()?;
        for line in lines {
            let colour = line.colour;
            chart
                .draw_series(LineSeries::new((0..).zip(line.values.iter().copied()), colour.stroke_width(3)))?
                .label(line.name)
                .legend(move |(x, y)| PathElement::new(vec![(x, y), (x + 20, y)], colour.stroke_width(3)));
        }
        chart
            .configure_series_labels()
            .position(SeriesLabelPosition::UpperLeft)
            .label_font(FONT)
            .background_style(WHITE.mix(0.8))
            .draw()?;
        area.present()?;
        Ok(())
    })
}

/// A square for each hour of the week, the darker the more; Monday on top.
pub fn week(words: &Words<'_>, counts: &[[u64; 24]; 7]) -> Result<String, Problem> {
    let most = counts.iter().flatten().copied().max().unwrap_or(0).max(1);
    draw(words, |svg| {
        let area = SVGBackend::with_string(svg, (SIZE.0, 280)).into_drawing_area();
        let mut chart = ChartBuilder::on(&area)
            .margin(12)
            .x_label_area_size(30)
            .y_label_area_size(60)
            .build_cartesian_2d(0..24i32, (0..7i32).into_segmented())?;
        let weekday = |y: &SegmentValue<i32>| match y {
            // Drawn from below: Sunday is 0.
            SegmentValue::CenterOf(i) => {
                usize::try_from(6 - i).ok().and_then(|i| WEEKDAYS.get(i)).map_or("", |name| *name).to_owned()
            }
            _ => String::new(),
        };
        chart
            .configure_mesh()
            .disable_mesh()
            .x_labels(12)
            .y_labels(7)
            .y_label_formatter(&weekday)
            .label_style(FONT)
            .draw()?;
        let cells = (0..).zip(counts.iter().rev()).flat_map(|(y, hours)| {
            (0..).zip(hours).map(move |(x, count)| {
                #[expect(clippy::cast_precision_loss, reason = "a shade")]
                let shade = 0.04 + 0.96 * *count as f64 / most as f64;
                let corners = [(x, SegmentValue::Exact(y)), (x + 1, SegmentValue::Exact(y + 1))];
                let mut cell = Rectangle::new(corners, BLUE.mix(shade).filled());
                cell.set_margin(1, 1, 1, 1);
                cell
            })
        });
        chart.draw_series(cells)?;
        area.present()?;
        Ok(())
    })
}

/// The days of a week, Monday first.
pub const WEEKDAYS: [&str; 7] = ["Pzt", "Sal", "Çar", "Per", "Cum", "Cmt", "Paz"];

/// A circle for each place at its longitude and latitude, its area by its count.
pub fn places(words: &Words<'_>, places: &[(f64, f64, &str, u64)]) -> Result<String, Problem> {
    let most = places.iter().map(|place| place.3).max().unwrap_or(0).max(1);
    draw(words, |svg| {
        let area = SVGBackend::with_string(svg, (SIZE.0, 400)).into_drawing_area();
        let mut chart = ChartBuilder::on(&area).margin(12).build_cartesian_2d(25.4..45.2, 35.4..42.4)?;
        let ink = BLACK.mix(0.75);
        let label = TextStyle::from(("sans-serif", 11)).color(&ink);
        for (x, y, name, count) in places {
            #[expect(clippy::cast_precision_loss, reason = "a radius")]
            let radius = 3.0 + 26.0 * (*count as f64 / most as f64).sqrt();
            chart.draw_series([Circle::new((*x, *y), radius, BLUE.mix(0.45).filled())])?;
            let below = Text::new((*name).to_owned(), (*x - 0.25, *y), label.clone());
            chart.draw_series([below])?;
        }
        area.present()?;
        Ok(())
    })
}

/// One bar for each name.
pub fn bars(words: &Words<'_>, bars: &[(String, f64)]) -> Result<String, Problem> {
    let most = bars.iter().map(|(_, value)| *value).fold(1.0, f64::max);
    let count = i32::try_from(bars.len().max(1)).unwrap_or(i32::MAX);
    let height = 60 + 34 * u32::try_from(bars.len().max(1)).unwrap_or(1);
    draw(words, |svg| {
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
                BLUE.filled(),
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

fn draw(words: &Words<'_>, draw: impl FnOnce(&mut String) -> Drawn) -> Result<String, Problem> {
    let mut svg = String::new();
    draw(&mut svg).map_err(|error| Problem::Internal(error.to_string()))?;
    let (tag, rest) = svg.split_once('>').ok_or_else(|| Problem::Internal("an empty chart".into()))?;
    let (id, title, sentence) = (words.id, escape(words.title), escape(words.sentence));
    Ok(format!(
        "{tag} role=\"img\" aria-labelledby=\"{id}-t {id}-d\"><title id=\"{id}-t\">{title}</title><desc id=\"{id}-d\">{sentence}</desc>{rest}"
    ))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: Words<'_> = Words { id: "x", title: "Başlık", sentence: "En çok 30 <başvuru>." };

    fn ten_days() -> Vec<Date> {
        (1..=10).map(|day| jiff::civil::date(2026, 11, day)).collect()
    }

    #[test]
    fn the_chart_of_days() {
        let received = Line { name: "Gelen", colour: BLUE, values: (1..=10).map(|n| n * 3).collect() };
        let closed = Line { name: "Sonuçlanan", colour: AMBER, values: (1..=10).collect() };
        insta::assert_snapshot!(lines(&WORDS, &ten_days(), &[received, closed]).unwrap());
    }

    #[test]
    fn the_chart_of_bars_escapes_names() {
        let bars =
            [("Dernek & Vakıf <b>kuruluş</b> bildirimi ve tüzük".to_owned(), 4.5), ("Apostil".into(), 1.0)];
        let svg = super::bars(&WORDS, &bars).unwrap();
        assert!(!svg.contains("<b>") && svg.contains("&lt;b&gt;"), "{svg}");
        insta::assert_snapshot!(svg);
    }

    #[test]
    fn the_chart_of_a_week() {
        let mut counts = [[0; 24]; 7];
        counts[0][9] = 10;
        counts[6][23] = 5;
        insta::assert_snapshot!(week(&WORDS, &counts).unwrap());
    }

    #[test]
    fn no_data_is_still_a_chart() {
        assert!(lines(&WORDS, &[], &[]).unwrap().contains("<svg"));
        assert!(super::bars(&WORDS, &[]).unwrap().contains("<svg"));
        assert!(week(&WORDS, &[[0; 24]; 7]).unwrap().contains("<svg"));
        assert!(places(&WORDS, &[]).unwrap().contains("<svg"));
    }
}
