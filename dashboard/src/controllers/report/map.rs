//! The country as a grid of tiles, one for each of the 81 valilikler, each as near to its place and its
//! neighbours as the grid allows. Small provinces are as readable as large ones.

use ebasvuru_workflow::domain::catalog::Valilik;
use serde::Serialize;

use super::classes::Classes;
use crate::view::environment;
use crate::view::i18n::tr;
use crate::web::problem::Problem;

/// The number that a map shows.
pub struct Shown<'a> {
    /// What it is.
    pub label: &'a str,
    /// What follows each class in the legend, such as "gün".
    pub unit: &'a str,
    /// A value in words.
    pub words: &'a dyn Fn(f64) -> String,
    /// Whether it is a count, of which 0 is none.
    pub is_count: bool,
    /// The numbers that it can show instead: address, name, and whether it is this one.
    pub choices: Vec<(String, &'static str, bool)>,
}

/// A valilik on the map.
pub struct Place<'a> {
    /// Which one.
    pub valilik: Valilik,
    /// Its name.
    pub name: &'a str,
    /// Its value; `None` where there is nothing to count.
    pub value: Option<f64>,
    /// The address behind it.
    pub href: String,
}

/// A tile of `report/map.html`.
#[derive(Serialize)]
struct Tile<'a> {
    column: i32,
    row: i32,
    plate: String,
    name: String,
    value: String,
    /// The class of its value, from 1; 0 for none of it.
    class: Option<usize>,
    href: &'a str,
}

/// A class of values in the legend.
#[derive(Serialize)]
struct Class {
    class: Option<usize>,
    words: String,
    count: usize,
}

/// How the colours of a map are to be read.
pub const COLOURS: &str = "Renkler, sıfır olmayan valilikleri eşit sayıda beş öbeğe böler; aynı sayı hep aynı renktedir, en yüksek sayıda çok valilik varsa o sayı kendi rengindedir. Koyu renk yüksek sayıdır (koyu temada açık renk). Başvuru, yapıldığı valilikte sayılır; havale bunu değiştirmez.";

/// The map with its legend, as HTML.
///
/// # Errors
/// The template's.
pub fn render(shown: &Shown<'_>, places: &[Place<'_>]) -> Result<String, Problem> {
    let classes = Classes::of(places.iter().filter_map(|place| place.value), shown.is_count);
    let tiles = places.iter().filter_map(|place| {
        let (column, row) = tile(place.valilik.plate())?;
        Some(Tile {
            column,
            row,
            plate: format!("{:02}", place.valilik.plate()),
            name: name_of_tile(place.valilik.plate(), place.name),
            value: place.value.map_or_else(|| "–".to_owned(), shown.words),
            class: place.value.map(|value| classes.class(value)),
            href: &place.href,
        })
    });
    let context = minijinja::context! {
        choices => environment::value(&shown.choices),
        label => shown.label,
        unit => shown.unit,
        tiles => environment::value(tiles.collect::<Vec<_>>()),
        legend => environment::value(legend(shown, &classes, places)),
    };
    Ok(environment::render("report/map.html", context)?)
}

fn legend(shown: &Shown<'_>, classes: &Classes, places: &[Place<'_>]) -> Vec<Class> {
    let count = |class: Option<usize>| {
        places.iter().filter(|place| place.value.map(|value| classes.class(value)) == class).count()
    };
    let named = classes.limits().into_iter().map(|(class, (from, to))| {
        let (low, high) = ((shown.words)(from), (shown.words)(to));
        let words = if low == high { low } else { format!("{low} – {high}") };
        Class { class: Some(class), words, count: count(Some(class)) }
    });
    let none = Class { class: None, words: tr("Sayılacak başvuru yok").to_owned(), count: count(None) };
    named.chain((none.count > 0).then_some(none)).collect()
}

/// The column (from the west) and row (from the north) of a plate code's tile.
fn tile(plate: u8) -> Option<(i32, i32)> {
    let (_, column, row) = TILES.iter().find(|(code, ..)| *code == plate)?;
    Some((*column, *row))
}

/// The name of the province, with a place to break where it is too long for a line of a tile.
fn name_of_tile(plate: u8, valilik: &str) -> String {
    let name = valilik.trim_end_matches(" Valiliği");
    // Afyonkarahisar, Kahramanmaraş
    let syllables = match plate {
        3 => "Afyonkara".len(),
        46 => "Kahraman".len(),
        _ => return name.to_owned(),
    };
    name.split_at_checked(syllables).map_or_else(|| name.to_owned(), |(a, b)| format!("{a}\u{ad}{b}"))
}

#[rustfmt::skip]
const TILES: [(u8, i32, i32); 81] = [
    (1, 7, 6), (2, 9, 5), (3, 4, 4), (4, 13, 3), (5, 7, 1), (6, 5, 3), (7, 4, 6), (8, 12, 1), (9, 1, 5),
    (10, 1, 3), (11, 3, 2), (12, 11, 4), (13, 13, 4), (14, 5, 2), (15, 3, 5), (16, 2, 3), (17, 0, 2), (18, 6, 2),
    (19, 7, 2), (20, 2, 5), (21, 11, 5), (22, 0, 1), (23, 10, 5), (24, 10, 3), (25, 12, 3), (26, 4, 3), (27, 9, 6),
    (28, 9, 1), (29, 10, 2), (30, 14, 5), (31, 8, 7), (32, 4, 5), (33, 6, 6), (34, 2, 1), (35, 0, 4), (36, 13, 2),
    (37, 6, 1), (38, 8, 4), (39, 1, 0), (40, 6, 4), (41, 3, 1), (42, 5, 5), (43, 3, 3), (44, 9, 4), (45, 1, 4),
    (46, 8, 5), (47, 12, 6), (48, 2, 6), (49, 12, 4), (50, 7, 4), (51, 7, 5), (52, 9, 0), (53, 11, 1), (54, 4, 2),
    (55, 8, 0), (56, 13, 5), (57, 7, 0), (58, 8, 2), (59, 1, 1), (60, 8, 1), (61, 10, 1), (62, 10, 4), (63, 10, 6),
    (64, 2, 4), (65, 14, 4), (66, 7, 3), (67, 4, 0), (68, 6, 5), (69, 11, 2), (70, 5, 6), (71, 6, 3), (72, 12, 5),
    (73, 13, 6), (74, 5, 0), (75, 13, 1), (76, 14, 3), (77, 2, 2), (78, 5, 1), (79, 9, 7), (80, 8, 6), (81, 4, 1),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn long_names_may_break() {
        assert_eq!(name_of_tile(6, "Ankara Valiliği"), "Ankara");
        assert_eq!(name_of_tile(3, "Afyonkarahisar Valiliği"), "Afyonkara\u{ad}hisar");
    }

    #[test]
    fn every_valilik_has_its_own_tile() {
        let tiles: HashSet<_> = (1..=81).filter_map(tile).collect();
        assert_eq!(tiles.len(), 81);
        assert!(tiles.iter().all(|(column, row)| *column < 15 && *row < 8), "the style sheet has so many");
        assert_eq!(tile(82), None);
    }
}
