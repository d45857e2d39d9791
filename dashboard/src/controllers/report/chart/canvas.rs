//! The sheet that a chart is drawn on.

use std::cell::RefCell;
use std::rc::Rc;

use plotters::coord::Shift;
use plotters::element::{PathElement, Rectangle, Text};
use plotters::prelude::DrawingArea;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, TextStyle};

use super::Sheet;
use super::svg::{Mark, Svg};

/// Why a chart could not be drawn.
pub type Failed = Box<dyn std::error::Error>;

/// A drawing in the making, and how one draws on it, in pixels.
pub struct Canvas {
    /// What it is for.
    pub sheet: Sheet,
    /// The whole of it.
    pub area: DrawingArea<Svg, Shift>,
    svg: Rc<RefCell<Svg>>,
}

impl Canvas {
    /// An empty drawing.
    pub fn new(sheet: Sheet, height: i32) -> Self {
        let svg = Rc::new(RefCell::new(Svg::new(sheet, height)));
        Self { sheet, area: DrawingArea::from(&svg), svg }
    }

    /// The style of texts, with their anchor.
    pub fn style<'a>(&self, ink: &'a impl Color, side: HPos) -> TextStyle<'a> {
        TextStyle::from(("sans-serif", self.sheet.font)).color(ink).pos(Pos::new(side, VPos::Center))
    }

    /// Writes a text whose middle is as high as the point, and whose `side` is there.
    pub fn text(&self, text: &str, at: (i32, i32), side: HPos, ink: &impl Color) -> Result<(), Failed> {
        Ok(self.area.draw(&Text::new(text, at, self.style(ink, side)))?)
    }

    /// Fills a rectangle.
    pub fn fill(&self, corners: [(i32, i32); 2], ink: impl Color) -> Result<(), Failed> {
        Ok(self.area.draw(&Rectangle::new(corners, ink.filled()))?)
    }

    /// Draws a line.
    pub fn line(&self, points: Vec<(i32, i32)>, ink: impl Color) -> Result<(), Failed> {
        Ok(self.area.draw(&PathElement::new(points, &ink))?)
    }

    /// Draws a mark, and links it to what is behind it.
    pub fn mark(
        &self,
        title: String,
        href: String,
        draw: impl FnOnce() -> Result<(), Failed>,
    ) -> Result<(), Failed> {
        self.svg.borrow_mut().begin(Mark { title, href });
        draw()?;
        self.svg.borrow_mut().end();
        Ok(())
    }

    /// The drawing as an element of a page.
    pub fn element(&self, title: &str, described_by: &str) -> String {
        self.svg.borrow().element(title, described_by)
    }
}
