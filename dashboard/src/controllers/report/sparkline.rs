//! A small line without axes, beside a number: whether it goes up or down. The numbers themselves are
//! in the tables of the page.

use std::fmt::Write as _;

const WIDTH: f64 = 120.0;
const HEIGHT: f64 = 28.0;
/// The most points; more could not be told apart.
const POINTS: usize = 60;

/// The line of these values from 0 up to the greatest; those that are `None` are left out. Empty where
/// there is no line.
pub fn sparkline(values: &[Option<f64>]) -> String {
    let stride = values.len().div_ceil(POINTS).max(1);
    let most = values.iter().flatten().copied().fold(0.0, f64::max);
    let last = values.len().saturating_sub(1).max(1) as f64;
    let mut line = String::new();
    let mut points = 0;
    // Counted from the end, so that the newest value is shown.
    for (i, value) in values.iter().enumerate().filter(|(i, _)| (values.len() - 1 - i).is_multiple_of(stride))
    {
        let Some(value) = value else { continue };
        let x = 1.0 + (WIDTH - 2.0) * i as f64 / last;
        let y = HEIGHT - 2.0 - if most > 0.0 { (HEIGHT - 4.0) * value / most } else { 0.0 };
        // Writing to a string does not fail.
        let _ = write!(line, "{}{x:.1} {y:.1}", if points == 0 { "M" } else { "L" });
        points += 1;
    }
    if points < 2 {
        return String::new();
    }
    format!(
        "<svg class=\"spark\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><path d=\"{line}\"/></svg>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(values: &[Option<f64>]) -> String {
        let svg = sparkline(values);
        svg.split_once("d=\"")
            .and_then(|(_, rest)| rest.split_once('"'))
            .map_or(String::new(), |(d, _)| d.into())
    }

    #[test]
    fn it_goes_from_nothing_to_the_most() {
        assert_eq!(path(&[Some(0.0), Some(5.0), Some(10.0)]), "M1.0 26.0L60.0 14.0L119.0 2.0");
        assert_eq!(path(&[Some(1.0), None, Some(1.0)]), "M1.0 2.0L119.0 2.0", "what is missing is no zero");
        assert_eq!(path(&[Some(0.0), Some(0.0)]), "M1.0 26.0L119.0 26.0");
    }

    #[test]
    fn without_two_values_there_is_no_line() {
        assert!(
            [&[][..], &[Some(3.0)], &[None, Some(1.0), None]]
                .into_iter()
                .all(|few| sparkline(few).is_empty())
        );
    }

    #[test]
    fn a_long_period_has_no_more_points_than_can_be_told_apart_and_ends_with_the_newest() {
        let values: Vec<_> = (0..731).map(|n| Some(f64::from(n))).collect();
        let path = path(&values);
        assert!(path.matches('L').count() < POINTS, "{path}");
        assert!(path.ends_with("L119.0 2.0"), "{path}");
    }
}
