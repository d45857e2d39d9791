//! SVG as the pages need it: plotters draws through this backend, which names a class for each colour and
//! gathers what belongs to one mark in a link with its value as title.

use std::convert::Infallible;
use std::fmt::Write as _;

use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
};

use super::palette::Ink;
use super::{Sheet, text};

/// So many marks can be walked through by the keyboard. With more, the table is the way to the lists, and
/// marks are for the pointer only.
const WALKED: usize = 16;

/// A mark: a part of the drawing with a value, and the address of what is behind it.
#[derive(Default)]
pub struct Mark {
    /// What it shows: its name and value.
    pub title: String,
    /// The address behind it; empty for none.
    pub href: String,
}

/// A drawing in the making.
pub struct Svg {
    sheet: Sheet,
    height: i32,
    /// What surrounds the marks: axes, lines, legend.
    frame: String,
    /// The marks, each with its own part of the drawing.
    marks: Vec<(Mark, String)>,
    in_mark: bool,
}

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

impl Svg {
    /// An empty drawing.
    pub const fn new(sheet: Sheet, height: i32) -> Self {
        Self { sheet, height, frame: String::new(), marks: Vec::new(), in_mark: false }
    }

    /// What is drawn from here to [`Self::end`] belongs to a mark.
    pub fn begin(&mut self, mark: Mark) {
        self.marks.push((mark, String::new()));
        self.in_mark = true;
    }

    /// Ends the mark.
    pub const fn end(&mut self) {
        self.in_mark = false;
    }

    /// The drawing as an element of a page.
    pub fn element(&self, title: &str, described_by: &str) -> String {
        let (Sheet { class, width, font, .. }, height) = (self.sheet, self.height);
        let mut out = format!(
            "<svg class=\"{class}\" viewBox=\"0 0 {width} {height}\" font-size=\"{font}\">\
             <g role=\"img\" aria-label=\"{}\" aria-describedby=\"{described_by}\">{}</g>",
            escape(title),
            self.frame
        );
        let walked = self.marks.len() <= WALKED;
        out.push_str(if walked { "<g>" } else { "<g aria-hidden=\"true\">" });
        for (mark, drawing) in &self.marks {
            let title = escape(&mark.title);
            // The title names a mark for screen readers, too; one without a text needs it said twice.
            let label =
                if drawing.contains("<text") { String::new() } else { format!(" aria-label=\"{title}\"") };
            let (open, close) = match (mark.href.as_str(), walked) {
                ("", true) => (format!("<g role=\"img\" aria-label=\"{title}\">"), "</g>"),
                ("", false) => ("<g>".to_owned(), "</g>"),
                (href, true) => (format!("<a href=\"{}\"{label}>", escape(href)), "</a>"),
                (href, false) => (format!("<a href=\"{}\" tabindex=\"-1\">", escape(href)), "</a>"),
            };
            let _ = write!(out, "{open}<title>{title}</title>{drawing}{close}");
        }
        out + "</g></svg>"
    }

    fn out(&mut self) -> &mut String {
        match self.marks.last_mut() {
            Some((_, drawing)) if self.in_mark => drawing,
            _ => &mut self.frame,
        }
    }

    /// Writes an element; `kind` is `fill`, `line`, or nothing for texts.
    fn put(&mut self, element: &str, kind: &str, color: BackendColor, rest: std::fmt::Arguments<'_>) {
        if color.alpha == 0.0 {
            return;
        }
        let ink = Ink::classes(color);
        let class = [kind, &ink].into_iter().filter(|class| !class.is_empty()).collect::<Vec<_>>().join(" ");
        let out = self.out();
        let _ = match class.as_str() {
            "" => write!(out, "<{element} {rest}"),
            class => write!(out, "<{element} class=\"{class}\" {rest}"),
        };
    }
}

impl DrawingBackend for Svg {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        (self.sheet.width.unsigned_abs(), self.height.unsigned_abs())
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, (x, y): BackendCoord, color: BackendColor) -> Drawn {
        self.put("path", "fill", color, format_args!("d=\"M{x} {y}h1v1h-1z\"/>"));
        Ok(())
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        (x, y): BackendCoord,
        (right, bottom): BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn {
        let kind = if fill { "fill" } else { "line" };
        let (width, height) = (right - x, bottom - y);
        let rest = format_args!("x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>");
        self.put("rect", kind, style.color(), rest);
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        let points = points(path);
        self.put("path", "line", style.color(), format_args!("d=\"M{points}\"/>"));
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        let points = points(path);
        self.put("path", "fill", style.color(), format_args!("d=\"M{points}z\"/>"));
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        (x, y): BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Drawn {
        let kind = if fill { "fill" } else { "line" };
        self.put("circle", kind, style.color(), format_args!("cx=\"{x}\" cy=\"{y}\" r=\"{radius}\"/>"));
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, (x, y): BackendCoord) -> Drawn {
        if text.is_empty() {
            return Ok(());
        }
        let anchor = match style.anchor().h_pos {
            HPos::Left => "",
            HPos::Center => " text-anchor=\"middle\"",
            HPos::Right => " text-anchor=\"end\"",
        };
        // From the anchor to the baseline, in em.
        let down = match style.anchor().v_pos {
            VPos::Top => 0.8,
            VPos::Center => 0.36,
            VPos::Bottom => -0.24,
        };
        let y = f64::from(y) + down * style.size();
        let text = escape(text);
        self.put("text", "", style.color(), format_args!("x=\"{x}\" y=\"{y:.0}\"{anchor}>{text}</text>"));
        Ok(())
    }

    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        style: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        let size = style.size() as i32;
        Ok((text::width(text, size).unsigned_abs(), size.unsigned_abs()))
    }
}

fn points(path: impl IntoIterator<Item = BackendCoord>) -> String {
    let mut out = String::new();
    for (x, y) in path {
        let _ = write!(out, "{}{x} {y}", if out.is_empty() { "" } else { " " });
    }
    out
}

/// A text within an element or an attribute.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
