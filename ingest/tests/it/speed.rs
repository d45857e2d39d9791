//! How fast the stage is, for whoever wants to know: `cargo test -p ebasvuru-ingest --
//! --ignored --nocapture speed`. It asserts nothing on time.

use std::time::Instant;

use ebasvuru_ingest::generate::Mix;
use ebasvuru_workflow::log::Stage;

use crate::generate::{generator, stage};
use crate::support::{now, record};

#[test]
#[ignore = "a measurement, not a check"]
fn messages_per_second() {
    let began = Instant::now();
    let batch: Vec<_> =
        generator(Mix::default(), 1).take(20_000).zip(0..).map(|((_, value), i)| record(i, value)).collect();
    println!("generated at {:.0}/s", batch.len() as f64 / began.elapsed().as_secs_f64());
    let mut stage = stage();
    for round in 0..5 {
        let began = Instant::now();
        let step = stage.process(&batch, now());
        stage.committed();
        let seconds = began.elapsed().as_secs_f64();
        assert_eq!(step.outputs.len(), batch.len());
        println!("round {round}: {:.1} µs a message", seconds * 1e6 / batch.len() as f64);
    }
}
