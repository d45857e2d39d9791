//! Measurements, each against a reference in the same run: `cargo bench` runs all, `cargo bench --
//! ingest reads` some. `docs/BENCHMARKS.md` has their meaning and results.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a measurement fails by panicking")]

mod analytics;
mod broker;
mod exports;
mod ingest;
mod installation;
mod lifecycles;
mod process;
mod reads;
mod restore;
mod rows;
mod server;
mod streams;
mod table;
mod times;
mod workflow;
mod world;

/// The product's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measures, and returns after it has cleaned up.
type Measure = fn() -> Vec<table::Line>;

/// The names, and what each measures.
const ALL: [(&str, Measure); 9] = [
    ("ingest", ingest::ingest),
    ("streams", streams::streams),
    ("workflow", workflow::workflow),
    ("lifecycles", lifecycles::lifecycles),
    ("restore", restore::restore),
    ("analytics", analytics::analytics),
    ("reads", reads::reads),
    ("exports", exports::exports),
    ("reads-10m", reads::reads_of_ten_million),
];

fn main() {
    let asked: Vec<String> = std::env::args().skip(1).filter(|arg| arg != "--bench").collect();
    if let Some(unknown) = asked.iter().find(|name| ALL.iter().all(|(known, _)| known != name)) {
        let names: Vec<_> = ALL.iter().map(|(name, _)| *name).collect();
        eprintln!("there is no measurement {unknown}; there are {}", names.join(", "));
        std::process::exit(2);
    }
    for (name, measure) in
        ALL.iter().filter(|(name, _)| asked.is_empty() || asked.iter().any(|it| it == name))
    {
        let lines = measure();
        table::head(name);
        lines.iter().for_each(table::print);
    }
}
