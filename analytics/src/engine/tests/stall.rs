//! The engine's process gets no processor for a while.

use std::time::Duration;

use crate::engine::testing;

/// As many as wait in the listener.
const REQUESTS: usize = 128;

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_came_during_a_stall_are_answered() {
    let folder = tempfile::tempdir().unwrap();
    let engine = testing::start(&folder, 1024);
    let client = engine.client("default").unwrap();
    // SAFETY: signals the child that the engine owns.
    let signal = |signal| unsafe { libc::kill(i32::try_from(engine.process_id()).unwrap(), signal) };
    assert_eq!(signal(libc::SIGSTOP), 0);
    let requests: Vec<_> = (0..REQUESTS)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.query("SELECT 42").fetch_one::<u8>().await })
        })
        .collect();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(signal(libc::SIGCONT), 0);
    let mut failed = Vec::new();
    for request in requests {
        match request.await.unwrap() {
            Ok(answer) => assert_eq!(answer, 42),
            Err(error) => failed.push(error.to_string()),
        }
    }
    assert!(failed.is_empty(), "{} of {REQUESTS}: {}", failed.len(), failed[0]);
}
