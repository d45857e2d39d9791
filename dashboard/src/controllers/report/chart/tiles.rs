//! The map of the country as tiles. A tile is too small for a long name: it has the plate code, which
//! everybody knows, and the title has the name.

use plotters::style::text_anchor::HPos;

use super::canvas::Canvas;
use super::palette::On;
use super::scale::Scale;
use super::{Caption, Drawing, Sheet, figure, nothing, text};
use crate::view::number;
use crate::web::problem::Problem;

/// A tile of the map.
pub struct Tile<'a> {
    /// Its column from the west.
    pub column: i32,
    /// Its row from the north.
    pub row: i32,
    /// The plate code.
    pub plate: u8,
    /// The name.
    pub name: &'a str,
    /// The count.
    pub count: u64,
    /// The address behind it.
    pub href: String,
}

/// The map of the country, on a grid of so many columns and rows; the inks have as many tiles each.
pub fn tiles(caption: &Caption<'_>, grid: (i32, i32), tiles: &[Tile<'_>]) -> Result<String, Problem> {
    if tiles.iter().all(|tile| tile.count == 0) {
        return Ok(nothing(caption));
    }
    figure(caption, |sheet| draw(sheet, grid, tiles))
}

fn draw(sheet: Sheet, (columns, rows): (i32, i32), tiles: &[Tile<'_>]) -> Drawing {
    let scale = Scale::quantiles(tiles.iter().map(|tile| tile.count));
    let legend = scale.legend(sheet);
    let width = sheet.width / columns;
    let height = if sheet.is_narrow() { 26 } else { 46 };
    let canvas = Canvas::new(sheet, legend.height + height * rows);
    legend.draw(&canvas)?;
    for tile in tiles {
        let (x, y) = (tile.column * width, legend.height + tile.row * height);
        let ink = scale.ink(tile.count);
        let count = number::thousands(tile.count);
        canvas.mark(format!("{}: {count}", tile.name), tile.href.clone(), || {
            canvas.fill([(x + 1, y + 1), (x + width - 1, y + height - 1)], ink)?;
            let plate = format!("{:02}", tile.plate);
            let middle = x + width / 2;
            if sheet.is_narrow() {
                return canvas.text(&plate, (middle, y + height / 2), HPos::Center, &On(ink));
            }
            canvas.text(&plate, (middle, y + 13), HPos::Center, &On(ink))?;
            if text::width(&count, sheet.font) <= width - 2 {
                canvas.text(&count, (middle, y + 32), HPos::Center, &On(ink))?;
            }
            Ok(())
        })?;
    }
    Ok(canvas)
}
