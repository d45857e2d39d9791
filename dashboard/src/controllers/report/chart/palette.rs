//! The inks of charts. A drawing names inks; the style sheet colours them for light, dark and paper.

use plotters::style::Color;
use plotters_backend::BackendColor;

/// An ink. On its way through plotters, which knows colours only, its number stands in for red.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// Text.
    Text,
    /// The axis.
    Axis,
    /// The lines behind the marks.
    Grid,
    /// A zone that shows itself only under the pointer.
    Zone,
    /// A series without a meaning that another ink has: what was received.
    First,
    /// What went well: closed, answered positively, in time.
    Good,
    /// What did not: answered negatively, overdue.
    Bad,
    /// What ended by itself: lapsed.
    Lapsed,
    /// What was taken back: withdrawn.
    Withdrawn,
    /// None, on a scale from few to many.
    Step0,
    /// The fewest.
    Step1,
    /// Above the fewest.
    Step2,
    /// The middle of the scale.
    Step3,
    /// Below the most.
    Step4,
    /// The most.
    Step5,
}

/// The classes of the inks, in their order.
const CLASSES: [&str; 15] = [
    "",
    "axis",
    "grid",
    "zone",
    "first",
    "good",
    "bad",
    "lapsed",
    "withdrawn",
    "step-0",
    "step-1",
    "step-2",
    "step-3",
    "step-4",
    "step-5",
];

impl Ink {
    /// The scale from few to many, after "none".
    pub const STEPS: [Self; 5] = [Self::Step1, Self::Step2, Self::Step3, Self::Step4, Self::Step5];

    /// The classes of an ink that came back from plotters.
    pub fn classes(color: BackendColor) -> String {
        let class = CLASSES.get(usize::from(color.rgb.0)).copied().unwrap_or_default();
        if color.rgb.1 == 0 { class.to_owned() } else { format!("on {class}") }
    }
}

impl Color for Ink {
    fn to_backend_color(&self) -> BackendColor {
        BackendColor { alpha: 1.0, rgb: (*self as u8, 0, 0) }
    }
}

/// The ink of a text on a mark of another ink.
pub struct On(pub Ink);

impl Color for On {
    fn to_backend_color(&self) -> BackendColor {
        BackendColor { alpha: 1.0, rgb: (self.0 as u8, 1, 0) }
    }
}
