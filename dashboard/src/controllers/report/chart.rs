//! Charts as SVG. Each has a title and a description for screen readers, and the page has the same
//! numbers in a table below.

use ebasvuru_workflow::domain::text::shortened;
use jiff::civil::Date;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::view::i18n::tr;
use crate::view::labels::{decimal, thousands};
use crate::web::problem::Problem;

const SIZE: (u32, u32) = (840, 320);
// The colours differ in lightness, too, for people who do not see colours.
pub const BLUE: RGBColor = RGBColor(0x1d, 0x4e, 0x89);
pub const AMBER: RGBColor = RGBColor(0xc2, 0x6a, 0x0a);
pub const RED: RGBColor = RGBColor(0xa1, 0x15, 0x20);
const FONT: (&str, u32) = ("sans-serif", 16);

/// The title and description of a chart.
pub struct Caption<'a> {
    /// The id of the chart, unique on the page.
    pub id: &'a str,
    /// Its title.
    pub title: &'a str,
    /// Its description: one sentence.
    pub sentence: &'a str,
}

/// A line of a chart over days.
pub struct Line<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its colour.
    pub colour: RGBColor,
    /// Its value on each day.
    pub values: Vec<u64>,
}

/// A line chart of counts per day.
pub fn lines(caption: &Caption<'_>, days: &[Date], lines: &[Line<'_>]) -> Result<String, Problem> {
    let most = lines.iter().flat_map(|line| line.values.iter().copied()).max().unwrap_or(0).max(1);
    // The axes are floating-point, because the library's integer axes overflow on some ranges. The
    // space above the lines is for the legend.
    let (last, top) = (real(days.len().max(2) as u64 - 1), real(most) * 1.35 + 1.0);
    let label = |x: &f64| days.get(x.round() as usize).map_or(String::new(), |day| short(*day));
    draw(caption, |svg| {
        let area = SVGBackend::with_string(svg, SIZE).into_drawing_area();
        let mut chart = ChartBuilder::on(&area)
            .margin(12)
            .x_label_area_size(36)
            .y_label_area_size(56)
            .build_cartesian_2d(0.0..last, 0.0..top)?;
        chart
            .configure_mesh()
            .x_labels(8)
            .x_label_formatter(&label)
            .y_label_formatter(&|n| decimal(*n, 0))
            .label_style(FONT)
            .light_line_style(TRANSPARENT)
            .draw()?;
        for line in lines {
            let colour = line.colour;
            chart
                .draw_series(LineSeries::new(
                    (0..).map(real).zip(line.values.iter().map(|n| real(*n))),
                    colour.stroke_width(3),
                ))?
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

/// A heat map with a square for each hour of the week; Monday on top.
pub fn week(caption: &Caption<'_>, counts: &[[u64; 24]; 7]) -> Result<String, Problem> {
    let most = counts.iter().flatten().copied().max().unwrap_or(0).max(1);
    draw(caption, |svg| {
        let area = SVGBackend::with_string(svg, (SIZE.0, 280)).into_drawing_area();
        let mut chart = ChartBuilder::on(&area)
            .margin(12)
            .x_label_area_size(30)
            .y_label_area_size(60)
            .build_cartesian_2d(0.0..24.0, 0.0..7.0)?;
        chart
            .configure_mesh()
            .disable_mesh()
            .x_labels(13)
            .x_label_formatter(&|hour| decimal(*hour, 0))
            .y_labels(0)
            .label_style(FONT)
            .draw()?;
        let (left, _) = chart.plotting_area().get_pixel_range();
        for (y, weekday) in (0..).map(f64::from).zip(WEEKDAYS.iter().rev()) {
            let (_, top) = chart.backend_coord(&(0.0, y + 1.0));
            let (_, bottom) = chart.backend_coord(&(0.0, y));
            let right = TextStyle::from(FONT).pos(Pos::new(HPos::Right, VPos::Center));
            area.draw(&Text::new(
                tr(weekday).to_owned(),
                (left.start - 8, i32::midpoint(top, bottom)),
                right,
            ))?;
        }
        let cells = (0..).map(f64::from).zip(counts.iter().rev()).flat_map(|(y, hours)| {
            (0..).map(f64::from).zip(hours).map(move |(x, count)| {
                let shade = 0.04 + 0.96 * real(*count) / real(most);
                let corners = [(x, y), (x + 1.0, y + 1.0)];
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

/// A tile of the map: column, row, name, count.
pub type Tile<'a> = (u32, u32, &'a str, u64);

/// The map of the country; the darker a tile, the more.
pub fn tiles(caption: &Caption<'_>, grid: (u32, u32), tiles: &[Tile<'_>]) -> Result<String, Problem> {
    const HEIGHT: u32 = 46;
    let width = SIZE.0 / grid.0;
    let most = tiles.iter().map(|tile| tile.3).max().unwrap_or(0).max(1);
    draw(caption, |svg| {
        let area = SVGBackend::with_string(svg, (SIZE.0, HEIGHT * grid.1)).into_drawing_area();
        let middle = Pos::new(HPos::Center, VPos::Center);
        for (column, row, name, count) in tiles {
            let (x, y) = (px(column * width), px(row * HEIGHT));
            let corners = [(x + 1, y + 1), (x + px(width) - 1, y + px(HEIGHT) - 1)];
            let dark = real(*count) / real(most);
            area.draw(&Rectangle::new(corners, BLUE.mix(0.08 + 0.92 * dark).filled()))?;
            let ink = if dark > 0.45 { WHITE } else { BLACK };
            let at = |y: i32| (x + px(width) / 2, y);
            let small = TextStyle::from(("sans-serif", 10)).color(&ink).pos(middle);
            let large = TextStyle::from(("sans-serif", 16)).color(&ink).pos(middle);
            area.draw(&Text::new(shortened(name, 10), at(y + 13), small))?;
            area.draw(&Text::new(thousands(*count), at(y + 31), large))?;
        }
        area.present()?;
        Ok(())
    })
}

fn px(n: u32) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

/// A bar chart, the first name on top.
pub fn bars(caption: &Caption<'_>, bars: &[(String, f64)]) -> Result<String, Problem> {
    let most = bars.iter().map(|(_, value)| *value).fold(1.0, f64::max);
    let count = i32::try_from(bars.len().max(1)).unwrap_or(i32::MAX);
    let height = 60 + 34 * u32::try_from(bars.len().max(1)).unwrap_or(1);
    draw(caption, |svg| {
        let area = SVGBackend::with_string(svg, (SIZE.0, height)).into_drawing_area();
        let mut chart = ChartBuilder::on(&area)
            .margin(12)
            .x_label_area_size(30)
            .y_label_area_size(300)
            .build_cartesian_2d(0.0..most * 1.12, 0.0..f64::from(count))?;
        chart
            .configure_mesh()
            .disable_y_mesh()
            .y_labels(0)
            .x_label_formatter(&|x| decimal(*x, usize::from(most < 5.0)))
            .label_style(FONT)
            .light_line_style(TRANSPARENT)
            .draw()?;
        let (left, _) = chart.plotting_area().get_pixel_range();
        for (i, (name, value)) in (1..).zip(bars) {
            // The axis begins at the bottom.
            let y = f64::from(count - i);
            let bar = Rectangle::new([(0.0, y + 0.15), (*value, y + 0.85)], BLUE.filled());
            chart.draw_series([bar])?;
            let (_, middle) = chart.backend_coord(&(0.0, y + 0.5));
            let right = TextStyle::from(FONT).pos(Pos::new(HPos::Right, VPos::Center));
            area.draw(&Text::new(shortened(name, 36), (left.start - 8, middle), right))?;
            let (end, _) = chart.backend_coord(&(*value, y + 0.5));
            let number = decimal(*value, usize::from(value.fract() != 0.0));
            let after = TextStyle::from(FONT).pos(Pos::new(HPos::Left, VPos::Center));
            area.draw(&Text::new(number, (end + 6, middle), after))?;
        }
        area.present()?;
        Ok(())
    })
}

/// A count as a coordinate.
const fn real(n: u64) -> f64 {
    n as f64
}

fn short(date: Date) -> String {
    format!("{:02}.{:02}", date.day(), date.month())
}

type Drawn = Result<(), Box<dyn std::error::Error>>;

fn draw(caption: &Caption<'_>, draw: impl FnOnce(&mut String) -> Drawn) -> Result<String, Problem> {
    let mut svg = String::new();
    draw(&mut svg).map_err(|error| Problem::Internal(error.to_string()))?;
    let (tag, rest) = svg.split_once('>').ok_or_else(|| Problem::Internal("an empty chart".into()))?;
    let (id, title, sentence) = (caption.id, escape(caption.title), escape(caption.sentence));
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

    const CAPTION: Caption<'_> = Caption { id: "x", title: "Başlık", sentence: "En çok 30 <başvuru>." };

    fn ten_days() -> Vec<Date> {
        (1..=10).map(|day| jiff::civil::date(2026, 11, day)).collect()
    }

    #[test]
    fn the_chart_of_days() {
        let received = Line { name: "Gelen", colour: BLUE, values: (1..=10).map(|n| n * 3).collect() };
        let closed = Line { name: "Sonuçlanan", colour: AMBER, values: (1..=10).collect() };
        insta::assert_snapshot!(lines(&CAPTION, &ten_days(), &[received, closed]).unwrap());
    }

    #[test]
    fn the_chart_of_bars_escapes_names() {
        let bars =
            [("Dernek & Vakıf <b>kuruluş</b> bildirimi ve tüzük".to_owned(), 4.5), ("Apostil".into(), 1.0)];
        let svg = super::bars(&CAPTION, &bars).unwrap();
        assert!(!svg.contains("<b>") && svg.contains("&lt;b&gt;"), "{svg}");
        insta::assert_snapshot!(svg);
    }

    #[test]
    fn the_chart_of_a_week() {
        let mut counts = [[0; 24]; 7];
        counts[0][9] = 10;
        counts[6][23] = 5;
        insta::assert_snapshot!(week(&CAPTION, &counts).unwrap());
    }

    #[test]
    fn charts_of_any_size_can_be_drawn() {
        for (n, most) in (1..800)
            .step_by(37)
            .zip([0, 1, 2, 9, 10, 11, 99, 12_345, 9_999_999, u64::MAX >> 12].into_iter().cycle())
        {
            let days: Vec<Date> =
                jiff::civil::date(2026, 1, 1).series(jiff::ToSpan::days(1)).take(n).collect();
            lines(&CAPTION, &days, &[Line { name: "x", colour: RED, values: vec![most; n] }]).unwrap();
            super::bars(&CAPTION, &vec![("x".to_owned(), real(most)); n % 13]).unwrap();
            week(&CAPTION, &[[most; 24]; 7]).unwrap();
        }
    }

    #[test]
    fn charts_without_data_can_be_drawn() {
        assert!(lines(&CAPTION, &[], &[]).unwrap().contains("<svg"));
        assert!(super::bars(&CAPTION, &[]).unwrap().contains("<svg"));
        assert!(week(&CAPTION, &[[0; 24]; 7]).unwrap().contains("<svg"));
        assert!(tiles(&CAPTION, (15, 8), &[]).unwrap().contains("<svg"));
    }
}
