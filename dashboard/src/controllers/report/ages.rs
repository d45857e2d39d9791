//! Open applications in groups by how far their deadline is, or is past.

use std::ops::RangeInclusive;

/// A group.
pub struct AgeGroup {
    /// Its name in addresses.
    pub slug: &'static str,
    /// Its name on screens.
    pub label: &'static str,
    /// Full days past the deadline; negative before it.
    pub days: RangeInclusive<i64>,
}

impl AgeGroup {
    /// The group with this name.
    pub fn named(slug: &str) -> Option<&'static Self> {
        AGES.iter().find(|age| age.slug == slug)
    }

    /// Whether its deadlines have passed.
    pub fn is_late(&self) -> bool {
        *self.days.start() >= 0
    }
}

const fn group(slug: &'static str, label: &'static str, from: i64, to: i64) -> AgeGroup {
    AgeGroup { slug, label, days: RangeInclusive::new(from, to) }
}

/// Every group, from the deadline that is farthest ahead to the one that is longest past.
pub static AGES: [AgeGroup; 8] = [
    group("kalan-8", "Bir haftadan fazla kalan", i64::MIN, -8),
    group("kalan-4-7", "4–7 gün kalan", -7, -4),
    group("kalan-1-3", "Son 3 gün", -3, -1),
    group("gecen-0-7", "1 haftaya kadar geçen", 0, 7),
    group("gecen-8-15", "8–15 gün geçen", 8, 15),
    group("gecen-16-30", "16–30 gün geçen", 16, 30),
    group("gecen-31-60", "31–60 gün geçen", 31, 60),
    group("gecen-61", "60 günü aşan", 61, i64::MAX),
];
