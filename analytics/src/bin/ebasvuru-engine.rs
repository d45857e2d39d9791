//! The engine's child process for tests. The product runs it as its hidden subcommand
//! `engine-serve`.

use ebasvuru_analytics::engine::{ServeOptions, serve};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match ServeOptions::from_args(&args) {
        Some(options) => serve(options),
        None => {
            eprintln!("usage: ebasvuru-engine LIBRARY DATA MEMORY_MIB, as a child of a test");
            std::process::exit(2);
        }
    }
}
