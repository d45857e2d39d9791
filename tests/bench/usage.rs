//! What processes use of the machine under a load: processor time, and memory.

use std::time::{Duration, Instant};

use crate::process::{cpu, resident_mib};
use crate::table::{Goal, Line};

/// The processes of a product, before, during and after a load.
pub struct Usage {
    processes: Vec<ProcessUsage>,
    began: Instant,
}

struct ProcessUsage {
    name: &'static str,
    pid: u32,
    /// The memory before the load, in MiB.
    idle: u64,
    /// Its processor time before the load.
    before: Duration,
    /// How many cores it kept busy, on average.
    cores: f64,
    /// The memory in equal steps during the load, in MiB.
    memory: Vec<u64>,
}

impl Usage {
    /// Of processes that have nothing to do yet.
    pub fn idle(processes: Vec<(&'static str, u32)>) -> Self {
        let idle = |(name, pid)| ProcessUsage {
            name,
            pid,
            idle: resident_mib(pid),
            before: Duration::ZERO,
            cores: 0.0,
            memory: Vec::new(),
        };
        Self { processes: processes.into_iter().map(idle).collect(), began: Instant::now() }
    }

    /// The load begins.
    pub fn begin(&mut self) {
        self.began = Instant::now();
        self.processes.iter_mut().for_each(|it| it.before = cpu(it.pid));
    }

    /// Looks at the memory.
    pub fn sample(&mut self) {
        self.processes.iter_mut().for_each(|it| it.memory.push(resident_mib(it.pid)));
    }

    /// The memory at the last look.
    pub fn latest(&self) -> String {
        let latest = self.processes.iter().map(|it| format!("{} {}", it.name, it.memory.last().unwrap()));
        latest.collect::<Vec<_>>().join(", ")
    }

    /// The load ends.
    pub fn end(&mut self) {
        let seconds = self.began.elapsed().as_secs_f64();
        self.processes.iter_mut().for_each(|it| it.cores = (cpu(it.pid) - it.before).as_secs_f64() / seconds);
    }

    /// For each process: its memory in the last quarter of the load against that in the second, since in
    /// the first one it warms up; at most, before, and now that the load is over; and its processor time.
    pub fn lines(&self, flat: impl Fn(&str, f64) -> Goal) -> Vec<Line> {
        self.processes.iter().flat_map(|it| it.lines(&flat)).collect()
    }
}

impl ProcessUsage {
    fn lines(&self, flat: impl Fn(&str, f64) -> Goal) -> [Line; 2] {
        let quarter = self.memory.len() / 4;
        let (second, last) =
            (median(&self.memory[quarter..2 * quarter]), median(&self.memory[3 * quarter..]));
        let growth = last as f64 / second as f64;
        [
            Line {
                what: format!("{}: memory, last; second quarter", self.name),
                figure: format!("{last} MiB"),
                reference: format!("{second} MiB"),
                ratio: Some(growth),
                goal: flat(self.name, growth),
            },
            Line {
                what: format!("  {:.2} cores; at most; before, after", self.cores),
                figure: format!("{} MiB", self.memory.iter().max().unwrap()),
                reference: format!("{}, {} MiB", self.idle, resident_mib(self.pid)),
                ratio: None,
                goal: Goal::None,
            },
        ]
    }
}

fn median(samples: &[u64]) -> u64 {
    let mut sorted = samples.to_vec();
    sorted.sort_unstable();
    sorted[sorted.len() / 2]
}
