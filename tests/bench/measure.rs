//! Measurements, each against a reference in the same run: `cargo bench` runs the short ones,
//! `cargo bench -- ingest reads` some. `docs/BENCHMARKS.md` has their meaning and results.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a measurement fails by panicking")]

mod analytics;
mod broker;
mod exports;
mod ingest;
mod installation;
mod latency;
mod lifecycles;
mod page;
mod process;
mod product;
mod reads;
mod rebuild;
mod restore;
mod rows;
mod server;
mod session;
mod staff;
mod staff_member;
mod streams;
mod table;
mod times;
mod usage;
mod workflow;
mod world;

/// The product's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures, and returns after it has cleaned up.
type Measure = fn() -> Vec<table::Line>;

type Named = (&'static str, Measure);

/// What runs without a name. Each takes twelve minutes at most.
const SHORT: [Named; 10] = [
    ("ingest", ingest::ingest),
    ("streams", streams::streams),
    ("workflow", workflow::workflow),
    ("lifecycles", lifecycles::lifecycles),
    ("restore", restore::restore),
    ("analytics", analytics::analytics),
    ("reads", reads::reads),
    ("exports", exports::exports),
    ("latency", latency::latency),
    ("staff", staff::staff),
];
/// What runs by its name alone.
const LONG: [Named; 3] =
    [("rebuild", rebuild::of_a_million), ("reads-10m", reads::reads_of_ten_million), ("soak", staff::soak)];

fn main() {
    let args = std::env::args().skip(1).filter(|arg| arg != "--bench");
    // `--soak` is as good as `soak`.
    let asked: Vec<String> = args.map(|arg| arg.trim_start_matches("--").to_owned()).collect();
    let all = || SHORT.iter().chain(&LONG);
    if let Some(unknown) = asked.iter().find(|name| all().all(|(known, _)| known != name)) {
        let names: Vec<_> = all().map(|(name, _)| *name).collect();
        eprintln!("there is no measurement {unknown}; there are {}", names.join(", "));
        std::process::exit(2);
    }
    let chosen: Vec<_> = match asked.is_empty() {
        true => SHORT.iter().collect(),
        false => all().filter(|(name, _)| asked.iter().any(|it| it == name)).collect(),
    };
    for (name, measure) in chosen {
        let lines = measure();
        table::head(name);
        lines.iter().for_each(table::print);
    }
}
