//! The country as a grid of tiles, one for each of the 81 valilikler, each as near to its place and its
//! neighbours as the grid allows. Small provinces are as readable as large ones.

/// Columns and rows of the grid.
pub const GRID: (i32, i32) = (15, 8);

/// The column (from the west) and row (from the north) of a plate code's tile.
pub fn tile(plate: u8) -> Option<(i32, i32)> {
    let (_, column, row) = TILES.iter().find(|(code, ..)| *code == plate)?;
    Some((*column, *row))
}

/// The name of the province, with a place to break where it is too long for a line of a tile.
pub fn name_of_tile(plate: u8, valilik: &str) -> String {
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
        assert!(tiles.iter().all(|(column, row)| *column < GRID.0 && *row < GRID.1));
        assert_eq!(tile(82), None);
    }
}
