//! A child process, and what it and the broker use of the machine.

use std::fs::read_to_string;
use std::process::{Child, Command};
use std::time::Duration;

/// A process that ends when this is dropped.
pub struct Process(Child);

impl Process {
    pub fn start(command: &mut Command) -> Self {
        Self(command.spawn().unwrap_or_else(|e| panic!("{command:?}: {e}")))
    }

    /// Panics if it has ended.
    pub fn check(&mut self) {
        if let Some(status) = self.0.try_wait().unwrap() {
            panic!("the process ended: {status}");
        }
    }

    pub fn id(&self) -> u32 {
        self.0.id()
    }

    /// The processor time of all its threads so far.
    pub fn cpu(&self) -> Duration {
        cpu(self.0.id())
    }

    /// The most memory that it had, in MiB.
    pub fn peak_mib(&self) -> u64 {
        status_mib(self.0.id(), "VmHWM:")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let asked = Command::new("kill").arg(self.0.id().to_string()).status();
        drop(asked.and_then(|_| self.0.wait()));
    }
}

/// The processor time of all threads of a process so far.
pub fn cpu(pid: u32) -> Duration {
    // Linux counts in hundredths of a second, whatever the kernel's own clock.
    const TICK: Duration = Duration::from_millis(10);
    let stat = read_to_string(format!("/proc/{pid}/stat")).unwrap();
    // The name before the last parenthesis may contain anything. User and system time are the 14th and
    // the 15th field (proc_pid_stat(5)).
    let (_, rest) = stat.rsplit_once(") ").unwrap();
    let ticks: u32 = rest.split(' ').skip(11).take(2).map(|field| field.parse::<u32>().unwrap()).sum();
    TICK * ticks
}

/// The resident memory of a process, in MiB.
pub fn resident_mib(pid: u32) -> u64 {
    status_mib(pid, "VmRSS:")
}

/// A size of `/proc/PID/status` (proc_pid_status(5)), in MiB.
fn status_mib(pid: u32, field: &str) -> u64 {
    let status = read_to_string(format!("/proc/{pid}/status")).unwrap();
    let size = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
    size.trim().strip_suffix(" kB").unwrap().parse::<u64>().unwrap() / 1024
}
