//! Percentiles of durations.

use std::time::Duration;

/// Percentiles in milliseconds.
#[derive(Clone, Copy)]
pub struct Times {
    pub p50: f64,
    pub p95: f64,
    pub p99: f64,
}

impl Times {
    /// Of these durations, of which there is at least one.
    pub fn of(durations: &[Duration]) -> Self {
        let mut sorted = durations.to_vec();
        sorted.sort_unstable();
        let at = |share: f64| {
            let rank = (sorted.len() as f64 * share).ceil() as usize;
            sorted[rank.clamp(1, sorted.len()) - 1].as_secs_f64() * 1000.0
        };
        Self { p50: at(0.5), p95: at(0.95), p99: at(0.99) }
    }

    /// `12 / 34 / 56 ms`
    pub fn shown(&self) -> String {
        format!("{:.0} / {:.0} / {:.0} ms", self.p50, self.p95, self.p99)
    }
}
