//! Charts as SVG, drawn by plotters. Each is drawn twice: once for a wide screen and for paper, once for a
//! phone, with fewer ticks, names above their bars, and hours from top to bottom. The style sheet shows one
//! of them, whichever fits the box, and colours it.
//!
//! A chart says in a sentence what it shows. Its marks are links to the lists behind them, with their value
//! as title; the page has the same numbers in a table below.

mod axis;
mod bars;
mod canvas;
mod legend;
mod lines;
mod palette;
mod scale;
mod shares;
mod svg;
#[cfg(test)]
mod tests;
mod text;
pub mod time;
mod week;

pub use bars::{Bar, bars};
use canvas::Canvas;
pub use lines::{Line, lines};
pub use palette::Ink;
pub use shares::{Part, shares};
use svg::escape;
pub use week::{WEEKDAYS, week};

use crate::view::i18n::tr;
use crate::web::problem::Problem;

/// The title and description of a chart.
pub struct Caption<'a> {
    /// The id of the chart, unique on the page.
    pub id: &'a str,
    /// Its title.
    pub title: &'a str,
    /// Its description: one sentence.
    pub sentence: &'a str,
}

/// What a drawing is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// Its class; the style sheet shows a drawing where there is room for it.
    class: &'static str,
    /// Its width. Shown at this width, a unit is a pixel.
    width: i32,
    /// The size of its texts, which are never shown smaller than 12 pixels.
    font: i32,
}

impl Sheet {
    const WIDE: Self = Self { class: "wide", width: 880, font: 15 };
    const NARROW: Self = Self { class: "narrow", width: 300, font: 14 };

    fn is_narrow(self) -> bool {
        self == Self::NARROW
    }

    /// The height of a line of text.
    const fn line(self) -> i32 {
        self.font * 5 / 4
    }
}

type Drawing = Result<Canvas, Box<dyn std::error::Error>>;

/// A chart: its sentence and both drawings.
fn figure(caption: &Caption<'_>, draw: impl Fn(Sheet) -> Drawing) -> Result<String, Problem> {
    let (id, sentence) = (caption.id, escape(caption.sentence));
    let mut out = format!("<figure class=\"chart\"><figcaption id=\"{id}\">{sentence}</figcaption>");
    for sheet in [Sheet::WIDE, Sheet::NARROW] {
        let canvas = draw(sheet).map_err(|error| Problem::Internal(error.to_string()))?;
        out += &canvas.element(caption.title, id);
    }
    Ok(out + "</figure>")
}

/// In place of a chart that would show nothing: its sentence says so.
fn nothing(caption: &Caption<'_>) -> String {
    let (id, sentence) = (caption.id, escape(caption.sentence));
    let none = tr("Çizilecek bir sayı yok.");
    format!("<figure class=\"chart\"><figcaption id=\"{id}\">{sentence} {none}</figcaption></figure>")
}
