//! A heat map of the hours of the week: days from top to bottom on a wide drawing, hours on a phone.

use plotters::style::text_anchor::HPos;

use super::canvas::Canvas;
use super::palette::{Ink, On};
use super::scale::Scale;
use super::{Caption, Drawing, Sheet, figure, nothing, text};
use crate::view::i18n::tr;
use crate::view::number;
use crate::web::problem::Problem;

/// The days of a week, Monday first.
pub const WEEKDAYS: [&str; 7] = ["Pzt", "Sal", "Çar", "Per", "Cum", "Cmt", "Paz"];

/// The address of the list behind an hour: the weekday from 0, which is Monday, and the hour.
type Behind<'a> = &'a dyn Fn(u8, u8) -> String;

/// A heat map with a box for each hour of the week, and its count where there is room.
pub fn week(caption: &Caption<'_>, counts: &[[u64; 24]; 7], behind: Behind<'_>) -> Result<String, Problem> {
    if counts.iter().flatten().all(|count| *count == 0) {
        return Ok(nothing(caption));
    }
    figure(caption, |sheet| draw(sheet, counts, behind))
}

fn draw(sheet: Sheet, counts: &[[u64; 24]; 7], behind: Behind<'_>) -> Drawing {
    let scale = Scale::even(counts.iter().flatten().copied().max().unwrap_or(0));
    let legend = scale.legend(sheet);

    let narrow = sheet.is_narrow();
    let hour_names: Vec<String> = (0..24).map(|hour| format!("{hour:02}")).collect();
    let day_names: Vec<String> = WEEKDAYS.iter().map(|day| tr(day).to_owned()).collect();
    let (across, down) = if narrow { (&day_names, &hour_names) } else { (&hour_names, &day_names) };
    let names = down.iter().map(String::as_str).chain((!narrow).then(|| tr("Saat")));
    let left = names.map(|name| text::width(name, sheet.font)).max().unwrap_or(0) + 8;
    let box_height = if narrow { 22 } else { 30 };
    let top = legend.height + 2 * sheet.line();
    let columns = i32::try_from(across.len())?;
    let x = |column: i32| left + (sheet.width - left) * column / columns;
    let y = |row: i32| top + box_height * row;

    let canvas = Canvas::new(sheet, y(i32::try_from(down.len())?));
    legend.draw(&canvas)?;
    // Before the hours that it names: in their line on a wide drawing, above their column on a phone.
    let corner =
        if narrow { (0, top - sheet.line() - sheet.line() / 2) } else { (0, top - sheet.line() / 2) };
    canvas.text(tr("Saat"), corner, HPos::Left, &Ink::Text)?;
    for (column, name) in (0..).zip(across) {
        let middle = i32::midpoint(x(column), x(column + 1));
        canvas.text(name, (middle, top - sheet.line() / 2), HPos::Center, &Ink::Text)?;
    }
    for (row, name) in (0..).zip(down) {
        canvas.text(name, (left - 8, y(row) + box_height / 2), HPos::Right, &Ink::Text)?;
    }
    for (day, hours) in (0..).zip(counts) {
        for (hour, count) in (0..).zip(hours) {
            let (column, row) = if narrow { (day, hour) } else { (hour, day) };
            let (column, row) = (i32::from(column), i32::from(row));
            let corners = [(x(column) + 1, y(row) + 1), (x(column + 1) - 1, y(row + 1) - 1)];
            let ink = scale.ink(*count);
            let words = number::thousands(*count);
            let weekday = day_names.get(usize::from(day)).map_or("", String::as_str);
            let href = if *count > 0 { behind(day, hour) } else { String::new() };
            canvas.mark(format!("{weekday} {hour:02}.00: {words}"), href, || {
                canvas.fill(corners, ink)?;
                if *count > 0 && text::width(&words, sheet.font) <= corners[1].0 - corners[0].0 {
                    let middle = (i32::midpoint(x(column), x(column + 1)), y(row) + box_height / 2);
                    canvas.text(&words, middle, HPos::Center, &On(ink))?;
                }
                Ok(())
            })?;
        }
    }
    Ok(canvas)
}
