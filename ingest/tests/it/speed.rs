//! How fast the stage is, for whoever wants to know: `cargo test -p ebasvuru-ingest --
//! --ignored --nocapture speed`. It asserts nothing on time.

use std::time::Instant;

use ebasvuru_workflow::log::Stage;
use serde_json::json;

use crate::support::{now, record, stage, with};

#[test]
#[ignore = "a measurement, not a check"]
fn messages_per_second() {
    let bare = with("/documents", json!([]));
    let batch: Vec<_> = (0..5_000_u32)
        .map(|i| {
            let mut message = bare.clone();
            message["submission_id"] = json!(uuid::Uuid::from_u128(i.into()));
            record(i.into(), message.to_string())
        })
        .collect();
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
