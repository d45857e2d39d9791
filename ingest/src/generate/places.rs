//! The governorates with their people and districts: data in `data/places.txt`.

use std::sync::LazyLock;

/// A governorate.
#[derive(Debug)]
pub struct Place {
    /// Its name.
    pub name: String,
    /// How many people live there, in thousands.
    pub people: u32,
    /// Its districts, the larger ones first.
    pub districts: Vec<String>,
}

static PLACES: LazyLock<Vec<Place>> = LazyLock::new(|| {
    let lines = include_str!("data/places.txt").lines().filter(|line| !line.starts_with('#'));
    lines.map(parse).collect()
});

/// The governorate with this plate code, from 1 to 81.
#[must_use]
pub fn place(plate: u8) -> &'static Place {
    let last = PLACES.len() - 1;
    &PLACES[usize::from(plate).saturating_sub(1).min(last)]
}

fn parse(line: &str) -> Place {
    let (head, districts) = line.split_once(": ").unwrap_or((line, "Merkez"));
    let (name, people) = head.rsplit_once(' ').unwrap_or((head, "1"));
    Place {
        name: name.into(),
        people: people.parse().unwrap_or(1),
        districts: districts.split(", ").map(Into::into).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;

    #[test]
    fn every_governorate_of_the_catalog_has_its_people_and_districts() {
        let catalog = catalog::load(None).unwrap();
        for (valilik, name) in catalog.valilikler() {
            let place = place(valilik.plate());
            assert_eq!(format!("{} Valiliği", place.name), name);
            assert!(place.people > 50 && place.districts.len() >= 3, "{place:?}");
        }
        // So many there are by the Ministry (2023).
        assert_eq!(PLACES.iter().map(|place| place.districts.len()).sum::<usize>(), 973);
    }
}
