//! A scale of five inks from few to many.

use super::Sheet;
use super::legend::{Legend, Sample};
use super::palette::Ink;
use crate::view::i18n::tr;
use crate::view::number;

/// The greatest count of each ink, ascending. Inks that no count would have are left out.
pub struct Scale(Vec<(u64, Ink)>);

impl Scale {
    /// Steps of the same height up to the greatest count.
    pub fn even(most: u64) -> Self {
        let steps = Ink::STEPS.len() as u64;
        Self::of(
            (1..=steps).map(|step| (u128::from(most) * u128::from(step)).div_ceil(u128::from(steps)) as u64),
        )
    }

    fn of(bounds: impl Iterator<Item = u64>) -> Self {
        let mut scale = Vec::new();
        let mut below = 0;
        for (bound, ink) in bounds.zip(Ink::STEPS) {
            if bound > below {
                scale.push((bound, ink));
                below = bound;
            }
        }
        Self(scale)
    }

    /// The ink of a count.
    pub fn ink(&self, count: u64) -> Ink {
        if count == 0 {
            return Ink::Step0;
        }
        self.0.iter().find(|(bound, _)| count <= *bound).or(self.0.last()).map_or(Ink::Step0, |(_, ink)| *ink)
    }

    /// The legend: what is counted, and the counts of each ink.
    pub fn legend(&self, sheet: Sheet) -> Legend {
        let sample = |i| if i == 0 { Sample::Heading } else { Sample::Box };
        let words = self.words();
        let entries = words.iter().map(|(words, ink)| (words.as_str(), *ink));
        Legend::new(sheet, sample, std::iter::once((tr("Başvuru sayısı"), Ink::Text)).chain(entries))
    }

    /// The counts of each ink in words: `1–20`.
    fn words(&self) -> Vec<(String, Ink)> {
        let mut from = 1;
        let mut words = vec![(number::thousands(0), Ink::Step0)];
        for (bound, ink) in &self.0 {
            let last = number::thousands(*bound);
            words.push((
                if from == *bound { last } else { format!("{}–{last}", number::thousands(from)) },
                *ink,
            ));
            from = bound + 1;
        }
        words
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(scale: &Scale) -> Vec<String> {
        scale.words().into_iter().map(|(words, _)| words).collect()
    }

    #[test]
    fn every_count_has_the_ink_that_the_legend_says() {
        let even = Scale::even(100);
        assert_eq!(words(&even), ["0", "1–20", "21–40", "41–60", "61–80", "81–100"]);
        assert_eq!(
            [0, 1, 20, 21, 100].map(|n| even.ink(n)),
            [Ink::Step0, Ink::Step1, Ink::Step1, Ink::Step2, Ink::Step5]
        );
        assert_eq!(words(&Scale::even(2)), ["0", "1", "2"]);
        assert_eq!(words(&Scale::even(0)), ["0"]);
        assert_eq!(
            words(&Scale::even(12_000)),
            ["0", "1–2.400", "2.401–4.800", "4.801–7.200", "7.201–9.600", "9.601–12.000"]
        );
    }
}
