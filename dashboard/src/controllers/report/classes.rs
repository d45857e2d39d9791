//! Values in classes by quantile, for a scale of colours: each class has as many values as the next, but
//! values that are equal are never apart.

/// The number of classes.
const CLASSES: usize = 5;

/// The values, ascending, and what is apart of the quantiles.
pub struct Classes {
    values: Vec<f64>,
    /// The values up to here are 0, and none of it.
    zeros: usize,
    /// The values from here on are the greatest, and so many that they would pale all others: a whole
    /// country answers in time, and a few provinces do not.
    top: usize,
}

impl Classes {
    /// The classes of these values. Of counts, 0 is a class of its own: class 0.
    pub fn of(values: impl Iterator<Item = f64>, zero_is_none: bool) -> Self {
        let mut values: Vec<f64> = values.collect();
        values.sort_by(f64::total_cmp);
        let zeros = if zero_is_none { values.partition_point(|value| *value <= 0.0) } else { 0 };
        let greatest = values.last().copied().unwrap_or_default();
        let below = values.partition_point(|value| *value < greatest);
        let many = (values.len() - below) * CLASSES >= values.len() - zeros.min(below);
        let top = if many && below > zeros { below } else { values.len() };
        Self { values, zeros, top }
    }

    /// The class of a value: 1 to 5, or 0 for none of it.
    pub fn class(&self, value: f64) -> usize {
        let less = self.values.partition_point(|other| *other < value);
        if less < self.zeros {
            return 0;
        }
        if less >= self.top {
            return CLASSES;
        }
        let classes = if self.top < self.values.len() { CLASSES - 1 } else { CLASSES };
        1 + (less - self.zeros) * classes / (self.top - self.zeros)
    }

    /// The classes that have values, with the least and the greatest of them.
    pub fn limits(&self) -> Vec<(usize, (f64, f64))> {
        let mut limits: Vec<(usize, (f64, f64))> = Vec::new();
        for value in &self.values {
            let class = self.class(*value);
            match limits.last_mut() {
                Some((last, (_, to))) if *last == class => *to = *value,
                _ => limits.push((class, (*value, *value))),
            }
        }
        limits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_class_has_as_many_values_as_the_next() {
        let classes = Classes::of((1..=10).map(f64::from), true);
        let limits = [(1.0, 2.0), (3.0, 4.0), (5.0, 6.0), (7.0, 8.0), (9.0, 10.0)];
        assert_eq!(classes.limits(), (1..=5).zip(limits).collect::<Vec<_>>());
    }

    #[test]
    fn equal_values_are_in_one_class_and_nothing_is_apart() {
        let counts = [0.0, 0.0, 3.0, 3.0, 3.0, 8.0, 8.0, 9.0, 10.0, 11.0].into_iter();
        let limits = [(0, (0.0, 0.0)), (1, (3.0, 3.0)), (2, (8.0, 8.0)), (4, (9.0, 10.0)), (5, (11.0, 11.0))];
        assert_eq!(Classes::of(counts, true).limits(), limits);
        assert_eq!(Classes::of([0.0; 81].into_iter(), true).limits(), [(0, (0.0, 0.0))]);
        assert_eq!(Classes::of([7.0; 81].into_iter(), true).limits(), [(1, (7.0, 7.0))]);
        assert_eq!(Classes::of(std::iter::empty(), true).limits(), []);
    }

    #[test]
    fn the_few_that_are_not_at_the_top_are_told_apart() {
        let rates = [0.0, 0.5, 0.8, 0.9].into_iter().chain([1.0; 60]);
        let limits = [(1, (0.0, 0.0)), (2, (0.5, 0.5)), (3, (0.8, 0.8)), (4, (0.9, 0.9)), (5, (1.0, 1.0))];
        assert_eq!(Classes::of(rates, false).limits(), limits, "a rate of 0 is a rate");
    }

    #[test]
    fn every_value_is_within_the_limits_of_its_class() {
        let values: Vec<f64> = (0..81).map(|n: u32| f64::from(n * n % 37)).collect();
        let classes = Classes::of(values.iter().copied(), true);
        for value in values {
            let limits = classes.limits();
            let (_, (from, to)) = limits.iter().find(|(class, _)| *class == classes.class(value)).unwrap();
            assert!((*from..=*to).contains(&value), "{value}");
        }
    }
}
