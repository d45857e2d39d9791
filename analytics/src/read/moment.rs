//! The moments of an application by which a period chooses.

use super::figure::{answered, overdue};

/// A moment of an application.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Moment {
    /// Its receipt.
    #[default]
    Received,
    /// When it was closed.
    Closed,
    /// When it was decided whether the answer is in time: the answer, or the passing of the deadline
    /// before it. There is none while the deadline lies ahead, nor where a closed application was not
    /// answered in time but withdrawn.
    Judged,
}

macro_rules! judged_at {
    () => {
        concat!("if(", overdue!(), ", ifNull(breached_at, due_at), if(", answered!(), ", closed_at, NULL))")
    };
}

macro_rules! bounds {
    ($($at:tt)+) => {
        (
            concat!($($at)+, " >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')"),
            concat!($($at)+, " < fromUnixTimestamp64Milli({until:Int64}, 'UTC')"),
        )
    };
}

impl Moment {
    /// The conditions that it was at `{from:Int64}` or later, and before `{until:Int64}`.
    pub(super) const fn bounds(self) -> (&'static str, &'static str) {
        match self {
            Self::Received => bounds!("received_at"),
            Self::Closed => bounds!("closed_at"),
            Self::Judged => bounds!(judged_at!()),
        }
    }
}
